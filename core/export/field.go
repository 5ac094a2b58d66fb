package export

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Type is the type of a field's values.
type Type uint8

// Types of fields.
const (
	Unsigned Type = iota // whole number, exact up to 64 bits
	Time                 // int64 nanoseconds since the epoch
	Duration             // int64 nanoseconds
	Text
	List // of unsigned numbers
	Bool // 0 or 1
)

// String is the type's name in a schema.
func (t Type) String() string {
	return [...]string{"unsigned", "time", "duration", "text", "list of unsigned", "boolean"}[t]
}

// Record is what the fields of one table row are read from. A table sets what its fields need; all of it is valid only
// until the next record.
type Record struct {
	Context *trace.Context
	Row     *trace.Row // of packets, options, mappings, reinjections; nil for a frame that is no TCP
	Capture *Origin
	Frame   *trace.Frame // of packets, for formats that write packets
	Masked  bool         // what tells who spoke was replaced

	Option  mptcp.Option // of options
	Place   int          // number of the option in its packet, of the reinjection in its list
	Mapping Mapping      // of mappings
	Stream  *stream.Stream
	Conn    *conn.Conn
	Verdict *Verdict      // of connections; nil where the capture was streamed
	Subflow *conn.Subflow // of subflows, with Conn and Place
	Issue   *trace.Issue
	// verdicts concludes on connections by their place, nil where the capture was streamed.
	verdicts func(index int) Verdict
	single   trace.Row         // of options: a row with the option alone
	masked   [3]*conn.Endpoint // ends of the packet's connection, by stream.Dest, where Masked
	before   int64             // time of the row before; that of the row itself if it is the first
}

// Origin names the capture that records come from.
type Origin struct {
	Name string // as the user gave it, without folders
}

// Mapping is one announcement of a data sequence mapping.
type Mapping struct {
	DSN      uint64
	SSN      uint32
	Length   uint16
	Checksum uint16
	Has      bool // Checksum is there
	Wide     bool // DSN has 64 bits, else only its low 32 are told
}

// Field is one column of a table: its name, type, unit, and how its value is read. Numbers are given by Number, texts by
// Append, lists by List.
type Field struct {
	Name      string
	Wireshark string // the field that tshark prints the same values by, or empty
	Unit      string // "bytes", "s", or empty
	Doc       string
	Type      Type
	Bits      int  // width of an unsigned number, or of a list's: 8, 16, 32 or 64; 63 for counters, which never fill 64
	Steady    bool // the same for all packets of a stream in one direction
	Plain     bool // a text that never needs quotes

	// Append appends the text form, nothing when the value is missing. Numbers are decimal, times are seconds with nine
	// decimals, lists are separated by commas.
	Append func(dst []byte, r *Record) []byte
	// Number is the value of anything but text and lists.
	Number func(r *Record) (v uint64, ok bool)
	// Place, if it is not 0, is one more than the place of the field's number in trace.Numbers, of records of packets.
	Place int
	// List appends the values of a list.
	List func(dst []uint64, r *Record) []uint64

	column   *trace.Column // where the field is a column of the trace
	subtypes uint16        // see trace.Column
}

// Selected is a field under the name that it has in the output.
type Selected struct {
	*Field
	Head string
}

// end is an end of the packet's connection, nil if it has none.
func (r *Record) end(d stream.Dest) *conn.Endpoint {
	if r.Masked {
		return r.masked[d]
	}
	return r.Row.End(d)
}

// Ways is how many numbers Way tells packets apart by.
const Ways = 1 << 10

// Way is a number below Ways for the direction of the stream that a packet travels, the same for all of its packets, and
// for few others: what is steady is kept under it, beside the stream and the sender.
func (r *Record) Way() int { return int(r.Row.Stream<<1|uint32(r.Row.Dest)&1) % Ways }

// Carried is the set of MPTCP option subtypes that a record's packet carries, for Absent.
func (r *Record) Carried() uint16 {
	if r.Row == nil || r.Option != nil {
		return ^uint16(0)
	}
	return subtypes(r.Row.Options)
}

// Absent says that a record whose packet carries some subtypes has no value of the field: most fields of most packets
// need not be looked at.
func (f *Field) Absent(carried uint16) bool { return f.subtypes != 0 && f.subtypes&carried == 0 }

// Text appends a field's text form, nothing when the value is missing.
func (f *Field) Text(dst []byte, r *Record) []byte { return f.append(dst, r) }
