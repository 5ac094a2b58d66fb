package export

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// alike says when packets have the same value of a column.
func alike(name string) (Alike, trace.Key) {
	switch name {
	case "ipsrc", "ipdst", "ipsrc_host", "ipdst_host", "tcpstream", "sport", "dport":
		return Always, trace.ByFlow
	case "tcpflags", "tcpoptions":
		return Always, trace.ByHeader
	case "interface":
		return Always, trace.ByInterface
	}
	return Unlike, 0
}

// lists are the values of the columns that are lists. addrid is one here, as REMOVE_ADDR names several.
func lists(name string) func(dst []uint64, r *Record) []uint64 {
	if name == "tcpoptions" {
		return func(dst []uint64, r *Record) []uint64 { return widen(dst, r.Row.OptionKinds) }
	}
	if list := rowLists(name); list != nil {
		return func(dst []uint64, r *Record) []uint64 { return widen(dst, list(r.Row)) }
	}
	return nil
}

// rowLists are the values of the columns that are lists of packets.
func rowLists(name string) func(*trace.Row) []uint32 {
	switch name {
	case "related_mappings":
		return func(r *trace.Row) []uint32 { return r.RelatedMappings }
	case "reinjection_of":
		return func(r *trace.Row) []uint32 { return r.ReinjectionOf }
	case "reinjected_in":
		return func(r *trace.Row) []uint32 { return r.ReinjectedIn }
	}
	return nil
}

// ofColumn is the field of a packet column of the trace.
func ofColumn(c trace.Column) Field {
	f := Field{Name: c.Name, Wireshark: c.Field, Unit: c.Unit, Doc: c.Doc, Bits: c.Bits, column: &c, subtypes: c.Subtypes}
	f.Append = func(dst []byte, r *Record) []byte { return c.Append(dst, r.Context, r.Row) }
	if c.Uint != nil {
		f.Number = func(r *Record) (uint64, bool) { return c.Uint(r.Context, r.Row) }
	}
	f.Alike, f.By = alike(c.Name)
	switch c.Type {
	case trace.Text:
		f.Type, f.Plain = Text, c.Name != "interface"
	case trace.List:
		f.Type, f.List = List, lists(c.Name)
	case trace.Nanoseconds:
		f.Type = Duration
		if c.Name == "abstime" {
			f.Type = Time
		}
	}
	if c.Values != nil && (f.Type == List && f.List == nil || c.Name == "addrid") {
		f.Type = List
		f.List = func(dst []uint64, r *Record) []uint64 { return c.Values(dst, r.Row) }
	}
	return f
}

// packetFields are the columns of the trace, then what else is known of a packet.
func packetFields() []Field {
	var fields []Field
	for i, c := range trace.Columns() {
		f := ofColumn(c)
		if trace.Numbered>>i&1 != 0 {
			f.Place = i + 1
		}
		fields = append(fields, f)
	}
	return append(fields, furtherPacketFields()...)
}

func furtherPacketFields() []Field {
	fields := []Field{
		originField(),
		unsigned("frame", "frame.number", 32, "number of the frame in the file, from 1", func(r *Record) (uint64, bool) { return uint64(r.Row.Frame), true }),
		{Name: "time_delta", Wireshark: "frame.time_delta", Unit: "s", Type: Duration, Doc: "time since the TCP packet before (tshark -2 -R takes that of the second one since the first frame of the capture)",
			Number: func(r *Record) (uint64, bool) { return uint64(r.Row.Time - r.before), !r.Row.NoTime }},
		ofFlow(word("tcpdest", "the end of the TCP connection that the packet travels to: Client or Server", func(r *Record) string { return destWord(r.Row.Dest) })),
		ofFlow(word("mptcpdest", "the end of the MPTCP connection that the packet travels to: Client or Server", func(r *Record) string {
			if !r.Row.InConn {
				return ""
			}
			return destWord(r.Row.ConnDest)
		})),
		ofFlow(unsigned("subflow", "", 32, "ordinal of the subflow in its connection, the initial one is 0", func(r *Record) (uint64, bool) { return uint64(r.Row.Ordinal), r.Row.InConn })),
		{Name: "master", Wireshark: "mptcp.master", Type: Bool, Doc: "the packet's subflow carried MP_CAPABLE", Number: func(r *Record) (uint64, bool) {
			return one(r.Row.Master()), r.Row.InConn && r.Row.HasMPTCP
		}},
		unsigned("tcpseq_raw", "tcp.seq_raw", 32, "TCP sequence number as it stands in the packet", func(r *Record) (uint64, bool) { return uint64(r.Row.RawSeq), true }),
		unsigned("tcpack_raw", "tcp.ack_raw", 32, "TCP acknowledgement as it stands in the packet", func(r *Record) (uint64, bool) { return uint64(r.Row.RawAck), true }),
		unsigned("dackraw64", "", 64, "data ack, 64 bits", func(r *Record) (uint64, bool) { return r.Row.DACK, r.Row.HasDACK && !r.Row.DACKLow32 }),
		{Name: "analysis", Type: Text, Plain: true, Doc: "what Wireshark's TCP analysis says of the packet (tcp.analysis.*)", Append: func(dst []byte, r *Record) []byte {
			for i, name := range r.Row.Analysis.Names() {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = append(dst, name...)
			}
			return dst
		}},
	}
	for _, d := range []stream.Dest{stream.Client, stream.Server} {
		fields = append(fields, ofFlow(keyField(d)), ofFlow(tokenField(d)))
	}
	return fields
}

// ofFlow is a field whose value is the same for all packets of a flow, once all that is known of its connection is.
func ofFlow(f Field) Field {
	f.Alike, f.By = InLoaded, trace.ByFlow
	return f
}

// keyField is the key of an end of the packet's connection, by which the captures of different hosts are joined.
func keyField(d stream.Dest) Field {
	return unsigned(d.End()+"_key", "", 64, "key of the connection's "+d.End()+", the same in every capture of the connection", func(r *Record) (uint64, bool) {
		if e := r.end(d); e != nil && e.HasKey {
			return uint64(e.Key), true
		}
		return 0, false
	})
}

func tokenField(d stream.Dest) Field {
	return unsigned(d.End()+"_token", "", 32, "token of the connection's "+d.End(), func(r *Record) (uint64, bool) {
		if e := r.end(d); e != nil && e.HasToken {
			return uint64(e.Token), true
		}
		return 0, false
	})
}

func onePacket(r *Record, emit func(*Record) error) error { return emit(r) }

// usualPacketFields are the columns of the trace, and by what packets of several captures are told apart and joined.
func usualPacketFields() []string {
	names := []string{"capture"}
	for _, c := range trace.Columns() {
		names = append(names, c.Name)
	}
	return append(names, "tcpdest", "mptcpdest", "client_key", "server_key")
}
