package trace

import (
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// Type is a column's value type.
type Type uint8

// Value types of columns. Unsigned covers keys, tokens and sequence numbers up to 64 bits, always exact.
const (
	Unsigned Type = iota
	Nanoseconds
	Text
	List // comma separated unsigned numbers
)

// Column describes one packet column: the one home of its name, type, unit, label and text form.
type Column struct {
	Name   string // short name of the original: "dsn"
	Field  string // Wireshark's field: "mptcp.dsn"
	Label  string // for axes: "Data sequence number"; empty if it makes no sense to plot
	Unit   string // "bytes", "s", ""
	Type   Type
	Doc    string
	Append func(dst []byte, t *Context, r *Row) []byte  // text form, byte for byte as tshark prints it; nothing when absent
	Uint   func(t *Context, r *Row) (v uint64, ok bool) // exact number; nil for text and lists
	// Values appends all numbers of a column that stands in MPTCP options; nil for other columns.
	Values func(dst []uint64, r *Row) []uint64
	// Subtypes is the set of MPTCP option subtypes, as bits, one of which a row must carry to have a value; 0 where the
	// value does not stand in an option.
	Subtypes uint16
	// Bits is the width of its numbers, those of times apart: 8, 16, 32 or 64.
	Bits int
}

// Context is what a row's text form needs beside the row.
type Context struct {
	Interfaces []Interface
}

// Columns lists the packet columns, in the order of the original's tables. The caller owns the list.
func Columns() []Column { return slices.Clone(columns[:]) }

// ColumnByName is the column with that short name, nil if there is none.
func ColumnByName(name string) *Column {
	for _, c := range columns {
		if c.Name == name {
			return &c
		}
	}
	return nil
}

// Sets of option subtypes, for Column.Subtypes.
const (
	capable    = 1 << mptcp.SubCapable
	join       = 1 << mptcp.SubJoin
	dss        = 1 << mptcp.SubDSS
	addAddr    = 1 << mptcp.SubAddAddr
	removeAddr = 1 << mptcp.SubRemoveAddr
	prio       = 1 << mptcp.SubPrio
	fail       = 1 << mptcp.SubFail
	fastclose  = 1 << mptcp.SubFastclose
	anySubtype = 1<<16 - 1
)

// columns is the one list of columns. It is never changed.
var columns = [...]Column{
	{Name: "packetid", Field: "frame.number", Bits: 32, Doc: "number of the packet among the TCP packets, from 1",
		Append: number(packetID), Uint: packetID},
	{Name: "interface", Field: "frame.interface_name", Type: Text, Doc: "capture interface", Append: appendInterface},
	{Name: "reltime", Field: "frame.time_relative", Label: "Relative time", Unit: "s", Type: Nanoseconds,
		Doc: "time since the first frame of the file", Append: appendRelTime, Uint: relTime},
	{Name: "abstime", Field: "frame.time_epoch", Label: "Time since the epoch", Unit: "s", Type: Nanoseconds,
		Doc: "time since 1970", Append: appendAbsTime, Uint: absTime},
	{Name: "ipsrc", Field: "_ws.col.ipsrc", Type: Text, Doc: "source address", Append: appendSrc},
	{Name: "ipdst", Field: "_ws.col.ipdst", Type: Text, Doc: "destination address", Append: appendDst},
	{Name: "ipsrc_host", Field: "ip.src_host", Type: Text, Doc: "source address, IPv4 only", Append: appendSrcHost},
	{Name: "ipdst_host", Field: "ip.dst_host", Type: Text, Doc: "destination address, IPv4 only",
		Append: appendDstHost},
	{Name: "tcpstream", Field: "tcp.stream", Bits: 32, Doc: "number of the TCP stream", Append: number(tcpStream),
		Uint: tcpStream},
	{Name: "sport", Field: "tcp.srcport", Bits: 16, Doc: "source port", Append: number(sourcePort), Uint: sourcePort},
	{Name: "dport", Field: "tcp.dstport", Bits: 16, Doc: "destination port", Append: number(destPort), Uint: destPort},
	{Name: "rwnd", Field: "tcp.window_size", Bits: 32, Label: "Receive window", Unit: "bytes",
		Doc: "advertised window, scaled", Append: number(window), Uint: window},
	{Name: "tcpflags", Field: "tcp.flags", Bits: 16, Doc: "TCP flags, 12 bits", Append: appendFlags, Uint: tcpFlagsOf},
	{Name: "tcpoptions", Field: "tcp.option_kind", Bits: 8, Type: List, Doc: "kinds of the TCP options",
		Append: appendKinds},
	{Name: "tcpseq", Field: "tcp.seq", Bits: 32, Label: "TCP sequence number", Unit: "bytes",
		Doc: "TCP sequence number, the SYN has 0", Append: number(tcpSeq), Uint: tcpSeq},
	{Name: "tcplen", Field: "tcp.len", Bits: 32, Label: "TCP segment length", Unit: "bytes", Doc: "payload bytes",
		Append: number(tcpLen), Uint: tcpLen},
	{Name: "tcpack", Field: "tcp.ack", Bits: 32, Label: "TCP acknowledgement", Unit: "bytes",
		Doc: "TCP acknowledgement, of the SYN 1", Append: number(tcpAck), Uint: tcpAck},
	{Name: "tcptsval", Field: "tcp.options.timestamp.tsval", Bits: 32, Label: "TCP timestamp", Doc: "TCP timestamp",
		Append: number(tsVal), Uint: tsVal},
	{Name: "tcptsecr", Field: "tcp.options.timestamp.tsecr", Bits: 32, Label: "TCP timestamp echo", Doc: "TCP timestamp echo",
		Append: number(tsEcr), Uint: tsEcr},
	{Name: "expected_token", Field: "mptcp.expected_token", Bits: 32, Doc: "token of the key that the packet shows",
		Append: number(expectedToken), Uint: expectedToken, Subtypes: capable},
	{Name: "mptcpstream", Field: "mptcp.stream", Bits: 32, Doc: "number of the MPTCP connection", Append: number(mptcpStream),
		Uint: mptcpStream},
	{Name: "sendkey", Field: "tcp.options.mptcp.sendkey", Bits: 64, Doc: "key of the sender", Append: options(sendKey),
		Values: allOf(sendKey),
		Uint:   firstOf(sendKey), Subtypes: capable},
	{Name: "recvkey", Field: "tcp.options.mptcp.recvkey", Bits: 64, Doc: "key of the receiver", Append: options(receiveKey),
		Values: allOf(receiveKey),
		Uint:   firstOf(receiveKey), Subtypes: capable | fastclose},
	{Name: "recvtok", Field: "tcp.options.mptcp.recvtok", Bits: 32, Doc: "token in a join", Append: options(receiveToken),
		Values: allOf(receiveToken),
		Uint:   firstOf(receiveToken), Subtypes: join},
	{Name: "datafin", Field: "tcp.options.mptcp.datafin.flag", Bits: 8, Doc: "the DSS has DATA_FIN", Append: options(dataFIN),
		Values: allOf(dataFIN),
		Uint:   firstOf(dataFIN), Subtypes: dss},
	{Name: "mptcpversion", Field: "tcp.options.mptcp.version", Bits: 8, Doc: "MPTCP version in MP_CAPABLE",
		Append: options(version), Values: allOf(version), Uint: firstOf(version), Subtypes: capable},
	{Name: "subtype", Field: "tcp.options.mptcp.subtype", Bits: 8, Type: List, Doc: "subtypes of the MPTCP options",
		Append: options(subtype), Values: allOf(subtype), Subtypes: anySubtype},
	{Name: "dss_dsn", Field: "tcp.options.mptcp.rawdataseqno", Bits: 64, Label: "DSS data sequence number", Unit: "bytes",
		Doc: "data sequence number as it stands in the option", Append: options(dssDSN),
		Values: allOf(dssDSN), Uint: firstOf(dssDSN),
		Subtypes: dss | fail},
	{Name: "dss_rawack", Field: "tcp.options.mptcp.rawdataack", Bits: 64, Label: "DSS data ack", Unit: "bytes",
		Doc: "data ack as it stands in the option", Append: options(dssRawAck),
		Values: allOf(dssRawAck), Uint: firstOf(dssRawAck), Subtypes: dss},
	{Name: "dss_ssn", Field: "tcp.options.mptcp.subflowseqno", Bits: 32, Label: "DSS subflow sequence number", Unit: "bytes",
		Doc: "subflow sequence number of the mapping", Append: options(dssSSN),
		Values: allOf(dssSSN), Uint: firstOf(dssSSN), Subtypes: dss},
	{Name: "dss_length", Field: "tcp.options.mptcp.datalvllen", Bits: 16, Label: "DSS length", Unit: "bytes",
		Doc: "length of the mapping", Append: options(dssLength),
		Values: allOf(dssLength), Uint: firstOf(dssLength), Subtypes: dss | capable},
	{Name: "addrid", Field: "tcp.options.mptcp.addrid", Bits: 8, Doc: "address ids in the MPTCP options",
		Append: options(addrID),
		Values: allOf(addrID), Uint: firstOf(addrID), Subtypes: join | addAddr | removeAddr | prio},
	{Name: "dsnraw64", Field: "mptcp.rawdsn64", Bits: 64, Label: "Raw data sequence number", Unit: "bytes",
		Doc: "64-bit data sequence number of the first payload byte", Append: number(rawDSN), Uint: rawDSN},
	{Name: "dack", Field: "mptcp.ack", Bits: 64, Label: "Data ack", Unit: "bytes", Doc: "data ack, relative",
		Append: number(relDACK), Uint: relDACK},
	{Name: "dsn", Field: "mptcp.dsn", Bits: 64, Label: "Data sequence number", Unit: "bytes",
		Doc:    "data sequence number of the first payload byte, relative: the first byte of all is 1",
		Append: number(relDSN), Uint: relDSN},
	{Name: "related_mappings", Field: "mptcp.related_mapping", Bits: 32, Type: List,
		Doc: "packets whose mappings cover the payload", Append: appendRelated},
	{Name: "reinjection_of", Field: "mptcp.reinjection_of", Bits: 32, Type: List,
		Doc: "packets on other subflows that carried these bytes before", Append: appendReinjectionOf},
	{Name: "reinjected_in", Field: "mptcp.reinjected_in", Bits: 32, Type: List,
		Doc: "packets on other subflows that carry these bytes again", Append: appendReinjectedIn},
}
