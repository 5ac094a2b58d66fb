package export

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Alike says when packets of one capture that have the same key Field.By have the same value of a field.
type Alike uint8

// Alikenesses of packets.
const (
	Unlike   Alike = iota // they need not
	InLoaded              // where the whole capture is known
	Always
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
	Row     *trace.Row    // of packets, options, mappings, reinjections; nil for a frame that is no TCP; see Whole
	Numbers trace.Numbers // of packets
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
	settled  bool              // the whole capture is known
	// later is where Row is still to be read from, at a place; nil once it is.
	later *trace.Trace
	place int
}

// Whole puts Row together if it is not yet. Of the packets table only Numbers are there before; of others, once Shape was
// asked for, the row is.
func (r *Record) Whole() {
	if r.later != nil {
		r.later.Row(r.place, r.Row)
		r.later = nil
	}
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
	Bits      int // width of an unsigned number, or of a list's: 8, 16, 32 or 64; 63 for counters, which never fill 64
	Alike     Alike
	By        trace.Key // see Alike
	Plain     bool      // a text that never needs quotes

	// Append appends the text form, nothing when the value is missing. Numbers are decimal, times are seconds with nine
	// decimals, lists are separated by commas.
	Append func(dst []byte, r *Record) []byte
	// Number is the value of anything but text and lists.
	Number func(r *Record) (v uint64, ok bool)
	// Place, if it is not 0, is one more than the place of the field's number in Record.Numbers.
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

// Shape is what a record has: records of one shape have values of the same fields, but for texts and lists that may be
// empty. There are few shapes in a capture.
type Shape struct {
	carried   uint16 // MPTCP option subtypes of the packet
	lone      bool   // a DSS that was read is its only MPTCP option
	packet    bool   // the record is a packet, whose numbers are:
	settled   bool   // see Record
	has, many uint64 // see trace.Numbers
}

// mostShapes is how many shapes need be remembered: more than any ordinary capture has.
const mostShapes = 1 << 12

// Shape is the record's. packet says that it is of the packets table.
func (r *Record) Shape(packet bool) Shape {
	if r.Row == nil || r.Option != nil {
		return Shape{carried: ^uint16(0)}
	}
	if !packet {
		r.Whole()
		return Shape{carried: r.Row.Carried(), lone: r.Row.Lone()}
	}
	n := &r.Numbers
	return Shape{carried: n.Carried, lone: n.Lone, packet: true, settled: r.settled, has: n.Has, many: n.Many}
}

// slot is a number below 1<<bits that few other shapes have.
func (s *Shape) slot(bits int) uint64 {
	return (s.has ^ s.many ^ uint64(s.carried)<<40) * 0x9e3779b97f4a7c15 >> (64 - bits)
}

// Role is how records of a shape have the value of a field.
type Role uint8

// Roles of fields.
const (
	Absent  Role = iota // they have none
	Counted             // it is the number at Field.Place - 1 of Record.Numbers, and no other
	Asked               // the field is to be asked, once Record.Whole was called
)

// IsAlike says that records of a shape that have the same key Field.By have the same value.
func (f *Field) IsAlike(s *Shape) bool {
	return s.packet && (f.Alike == Always || f.Alike == InLoaded && s.settled)
}

// Role is how records of a shape have the field's value.
func (f *Field) Role(s *Shape) Role {
	at, ofOptions := f.Place-1, f.column != nil && f.column.Values != nil
	switch {
	case f.subtypes != 0 && f.subtypes&s.carried == 0:
		return Absent
	case at < 0 || !s.packet || ofOptions && !s.lone || s.many>>(at&63)&1 != 0:
		return Asked
	case s.has>>(at&63)&1 != 0:
		return Counted
	}
	return Absent
}

// Plans remembers what was planned for shapes.
type Plans[P any] struct {
	all    map[Shape]*P
	recent [1 << recentBits]recentPlan[P]
}

type recentPlan[P any] struct {
	shape Shape
	plan  *P
}

// recentBits is the logarithm of how many plans are found without asking the map.
const recentBits = 6

// Of is the plan for a shape, by of if there is none yet.
func (p *Plans[P]) Of(s *Shape, of func(*Shape) *P) *P {
	recent := &p.recent[s.slot(recentBits)]
	if recent.plan != nil && recent.shape == *s {
		return recent.plan
	}
	plan := p.all[*s]
	if plan == nil {
		if p.all == nil || len(p.all) >= mostShapes {
			p.all = map[Shape]*P{}
		}
		plan = of(s)
		p.all[*s] = plan
	}
	*recent = recentPlan[P]{*s, plan}
	return plan
}

// Text appends a field's text form, nothing when the value is missing.
func (f *Field) Text(dst []byte, r *Record) []byte { return f.append(dst, r) }
