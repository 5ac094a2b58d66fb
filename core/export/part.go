package export

import (
	"bytes"
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// kind is the quickest way to a part's text.
type kind uint8

const (
	plainText   kind = iota // whatever the field appends
	quotedText              // the same, in quotes where it needs them
	ofOptions               // numbers that stand in the packet's MPTCP options
	ofRecord                // a number of the record
	nanoseconds             // of the row, or of the record
	optionKinds             // of TCP, or behind the TCP flags
	interfaceName
	steadyRun // fields that are the same for all packets of a stream in one direction
)

// part is one field of a line, or a run of fields whose texts are kept together. It keeps texts of earlier packets that may
// come again.
type part struct {
	kind      kind
	delimiter byte
	fields    []*Field
	place     int // of its number, where the row has one
	values    func([]uint64, *trace.Row) []uint64
	room      []uint64
	kinds     [64]kindsText
	names     [][]byte // of interfaces, nil where not yet known
	runs      runs
}

// kindsText is the text of a list of option kinds, and of the flags before it.
type kindsText struct {
	flags       uint16
	kinds, text []byte
}

// runText is the text of a run for one direction of one stream.
type runText struct {
	stream uint32
	sender netip.AddrPort
	text   []byte
}

// runs are the texts of a run by Record.Way, of packets of one capture.
type runs []runText

// text is what write appends for a record, kept from an earlier packet of the same direction of the same stream.
func (k runs) text(r *Record, write func([]byte, *Record) []byte) []byte {
	slot := &k[r.Way()]
	if slot.text == nil || slot.stream != r.Row.Stream || slot.sender != r.Row.Src {
		slot.stream, slot.sender, slot.text = r.Row.Stream, r.Row.Src, kept(write(slot.text[:0], r))
	}
	return slot.text
}

// keptNames is how many names of interfaces are kept.
const keptNames = 1 << 10

func newPart(f *Field, packets bool, delimiter byte) part {
	p := part{fields: []*Field{f}, delimiter: delimiter, place: -1}
	column := f.column
	decimal := column == nil || column.Values == nil && f.Name != "tcpflags"
	if packets && (column == nil || f.Name != "tcpflags") && !f.Steady {
		p.place = f.Place - 1
	}
	switch {
	case f.Steady && packets:
		p.kind, p.runs = steadyRun, make(runs, Ways)
	case f.Type == Time || f.Type == Duration:
		p.kind = nanoseconds
	case f.Type == Unsigned && decimal:
		p.kind = ofRecord
	case column != nil && f.Name == "tcpoptions":
		p.kind = optionKinds
	case f.Type == List && delimiter == ',':
		p.kind = quotedText
	case column != nil && f.Name == "interface":
		p.kind = interfaceName
	case column != nil && column.Values != nil && delimiter != ',':
		p.kind, p.values = ofOptions, column.Values
	case f.Type == Text && !f.Plain:
		p.kind = quotedText
	}
	return p
}

// role is how lines of records of a shape have the part's text.
func (p *part) role(s *Shape) Role {
	role := p.fields[0].Role(s)
	if role == Counted && p.place < 0 {
		return Asked
	}
	return role
}

// takes adds a field that stands behind the part's own to the part, if their texts can be kept together.
func (p *part) takes(f *Field) bool {
	last := p.fields[len(p.fields)-1]
	switch {
	case p.kind == steadyRun && f.Steady:
	case last.column != nil && last.Name == "tcpflags" && f.column != nil && f.Name == "tcpoptions":
		p.kind = optionKinds
	default:
		return false
	}
	p.fields = append(p.fields, f)
	return true
}

// forget drops what was kept of the packets of another capture.
func (p *part) forget() {
	clear(p.runs)
	clear(p.names)
}

// append appends the text of a part that is not kept.
func (p *part) append(buf []byte, r *Record) []byte {
	switch p.kind {
	case ofRecord:
		if v, ok := p.fields[0].Number(r); ok {
			buf = appendUint(buf, v)
		}
		return buf
	case ofOptions:
		p.room = p.values(p.room[:0], r.Row)
		return appendList(buf, p.room)
	case quotedText:
		return quoted(p.fields[0].append(buf, r), len(buf), p.delimiter)
	}
	return p.fields[0].append(buf, r)
}

// kept is the text of a part of which texts are kept.
func (p *part) kept(r *Record) []byte {
	switch p.kind {
	case optionKinds:
		return p.optionKinds(r)
	case interfaceName:
		return p.interfaceName(r)
	}
	return p.runs.text(r, p.run)
}

// optionKinds is the text of a packet's option kinds, which are mostly those of one of the packets before.
func (p *part) optionKinds(r *Record) []byte {
	flags, kinds := r.Row.Flags, r.Row.OptionKinds
	if len(p.fields) == 1 {
		flags = 0
	}
	k := &p.kinds[(uint(flags)*5+uint(len(kinds)))%uint(len(p.kinds))]
	if k.text == nil || k.flags != flags || !bytes.Equal(k.kinds, kinds) {
		k.flags, k.kinds = flags, append(k.kinds[:0], kinds...)
		k.text = kept(p.run(k.text[:0], r))
	}
	return k.text
}

// interfaceName is the text of the name of a packet's interface.
func (p *part) interfaceName(r *Record) []byte {
	number := int(r.Row.Interface)
	if number < len(p.names) && p.names[number] != nil {
		return p.names[number]
	}
	name := kept(p.run(nil, r))
	if number < keptNames {
		for len(p.names) <= number {
			p.names = append(p.names, nil)
		}
		p.names[number] = name
	}
	return name
}

// run appends the texts of the part's fields.
func (p *part) run(dst []byte, r *Record) []byte {
	for i, f := range p.fields {
		if i > 0 {
			dst = append(dst, p.delimiter)
		}
		dst = quoted(f.append(dst, r), len(dst), p.delimiter)
	}
	return dst
}

// append appends a field's text. A column of the trace is asked without a detour.
func (f *Field) append(dst []byte, r *Record) []byte {
	switch {
	case f.column != nil:
		return f.column.Append(dst, r.Context, r.Row)
	case f.Append != nil:
		return f.Append(dst, r)
	case f.List != nil:
		return appendList(dst, f.List(nil, r))
	}
	v, ok := f.Number(r)
	switch {
	case !ok:
		return dst
	case f.Type == Time || f.Type == Duration:
		var c clock
		return c.append(dst, int64(v))
	}
	return appendUint(dst, v)
}

// clock writes nanoseconds as seconds with nine decimals. It keeps the text of the last second, which most times share.
type clock struct {
	second   uint64
	negative bool
	text     []byte // nil if there was none
}

// split is the text of a time up to the point, and the nanoseconds behind it.
func (c *clock) split(ns int64) (text []byte, rest uint64) {
	v, negative := uint64(ns), ns < 0
	if negative {
		v = -v
	}
	second := v / 1e9
	if second != c.second || negative != c.negative || c.text == nil {
		c.second, c.negative, c.text = second, negative, c.text[:0]
		if negative {
			c.text = append(c.text, '-')
		}
		c.text = kept(append(appendUint(c.text, second), '.'))
	}
	return c.text, v - second*1e9
}

func (c *clock) append(dst []byte, ns int64) []byte {
	text, rest := c.split(ns)
	return appendNine(append(dst, text...), uint32(rest))
}
