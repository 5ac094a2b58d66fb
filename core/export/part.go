package export

import (
	"bytes"
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// kind is the quickest way to a part's text.
type kind uint8

const (
	plainText  kind = iota // whatever the field appends
	quotedText             // the same, in quotes where it needs them
	ofOptions              // numbers that stand in the packet's MPTCP options
	rowList                // a list of packets
	nanoseconds
	optionKinds
	interfaceName
	steadyRun // fields that are the same for all packets of a stream in one direction
)

// part is one field of a line, or a run of steady ones. It keeps texts of earlier packets that may come again.
type part struct {
	kind      kind
	delimiter byte
	subtypes  uint16 // see Field.Absent
	fields    []*Field
	number    func(*trace.Context, *trace.Row) (uint64, bool) // what stands for kind where the part is a number of the row
	values    func([]uint64, *trace.Row) []uint64
	dss       func(*mptcp.DSS) (uint64, bool) // what stands for values where a DSS is the packet's only option
	list      func(*trace.Row) []uint32
	room      []uint64
	clock     clock
	kinds     [16]kindsText // by how many there are
	names     [][]byte      // of interfaces, nil where not yet known
	runs      runs
}

// kindsText is the text of a list of option kinds.
type kindsText struct{ kinds, text []byte }

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
		slot.stream, slot.sender, slot.text = r.Row.Stream, r.Row.Src, write(slot.text[:0], r)
	}
	return slot.text
}

// keptNames is how many names of interfaces are kept.
const keptNames = 1 << 10

func newPart(f *Field, packets bool, delimiter byte) part {
	p := part{fields: []*Field{f}, subtypes: f.subtypes, delimiter: delimiter}
	column := f.column
	switch {
	case f.Steady && packets:
		p.kind, p.runs = steadyRun, make(runs, Ways)
	case f.Type == Time || f.Type == Duration:
		p.kind = nanoseconds
	case f.Type == List && delimiter == ',':
		p.kind = quotedText
		if column != nil && f.Name == "tcpoptions" {
			p.kind = optionKinds
		}
	case column != nil && f.Name == "tcpoptions":
		p.kind = optionKinds
	case column != nil && f.Name == "interface":
		p.kind = interfaceName
	case column != nil && column.Values != nil && delimiter != ',':
		p.kind, p.values, p.dss = ofOptions, column.Values, column.OfDSS
	case f.OfRow != nil && f.Type == Unsigned && (column == nil || column.Values == nil && f.Name != "tcpflags"):
		p.number = f.OfRow
	case column != nil && rowLists(f.Name) != nil:
		p.kind, p.list = rowList, rowLists(f.Name)
	case f.Type == Text && !f.Plain:
		p.kind = quotedText
	}
	return p
}

// forget drops what was kept of the packets of another capture.
func (p *part) forget() {
	clear(p.runs)
	clear(p.names)
}

// append appends the text of a part that is no number of the row.
func (p *part) append(buf []byte, r *Record) []byte {
	switch p.kind {
	case ofOptions:
		p.room = p.values(p.room[:0], r.Row)
		return appendList(buf, p.room)
	case rowList:
		return appendList(buf, p.list(r.Row))
	case nanoseconds:
		if ns, ok := p.fields[0].Number(r); ok {
			buf = p.clock.append(buf, int64(ns))
		}
		return buf
	case steadyRun:
		return append(buf, p.runs.text(r, p.run)...)
	case optionKinds:
		return append(buf, p.optionKinds(r)...)
	case interfaceName:
		return append(buf, p.interfaceName(r)...)
	case quotedText:
		return quoted(p.fields[0].append(buf, r), len(buf), p.delimiter)
	}
	return p.fields[0].append(buf, r)
}

// optionKinds is the text of a packet's option kinds, which are mostly those of one of the packets before.
func (p *part) optionKinds(r *Record) []byte {
	k := &p.kinds[len(r.Row.OptionKinds)%len(p.kinds)]
	if !bytes.Equal(k.kinds, r.Row.OptionKinds) {
		k.kinds = append(k.kinds[:0], r.Row.OptionKinds...)
		k.text = quoted(p.fields[0].append(k.text[:0], r), 0, p.delimiter)
	}
	return k.text
}

// interfaceName is the text of the name of a packet's interface.
func (p *part) interfaceName(r *Record) []byte {
	number := int(r.Row.Interface)
	if number >= keptNames {
		return quoted(p.fields[0].append(nil, r), 0, p.delimiter)
	}
	for len(p.names) <= number {
		p.names = append(p.names, nil)
	}
	if p.names[number] == nil {
		p.names[number] = quoted(p.fields[0].append([]byte{}, r), 0, p.delimiter)
	}
	return p.names[number]
}

// run appends the text of a run of steady fields.
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
	second uint64
	text   []byte
}

func (c *clock) append(dst []byte, ns int64) []byte {
	v := uint64(ns)
	if ns < 0 {
		dst = append(dst, '-')
		v = -v
	}
	second, rest := v/1e9, uint32(v%1e9)
	if second != c.second || c.text == nil {
		c.second, c.text = second, append(appendUint(c.text[:0], second), '.')
	}
	return appendNine(append(dst, c.text...), rest)
}
