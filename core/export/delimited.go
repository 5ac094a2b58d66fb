package export

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// flushAt is how many bytes are put together before they are written.
const flushAt = 1 << 17

// delimited writes a sheet as delimited text under a line of heads.
type delimited struct {
	w         io.Writer
	delimiter byte
	buf       []byte
	parts     []part
	clock     clock
	plans     map[uint16]*steps // by the subtypes carried
	last      *steps
	kinds     [16]kindsText

	lastCarried uint16
}

// kindsText is the text of a list of option kinds.
type kindsText struct{ kinds, text []byte }

// part is a run of steady fields, whose text is kept for each direction of a stream, or a single other field.
type part struct {
	fields   []Selected
	kept     []steadyText // nil for a single field
	subtypes uint16
	seconds  bool // a number of nanoseconds
	quote    bool // its text may need quotes
	kinds    bool // it is the list of option kinds
	// number, if set, gives the field's number; if that stands in an option, only where a packet has a single one.
	number func(*trace.Context, *trace.Row) (uint64, bool)
}

// steadyText is the text of a run for one direction of one stream.
type steadyText struct {
	stream uint32
	sender netip.AddrPort
	text   []byte
}

// keptTexts is how many texts of a run are kept, a power of two.
const keptTexts = 1 << 10

func openDelimited(own byte) func(w io.Writer, o Output) (Encoder, error) {
	return func(w io.Writer, o Output) (Encoder, error) {
		if len(o.Sheets) != 1 {
			return nil, fmt.Errorf("delimited text holds one table, not %d", len(o.Sheets))
		}
		d := &delimited{w: w, delimiter: o.Delimiter, buf: make([]byte, 0, flushAt+1<<12), plans: map[uint16]*steps{}}
		if d.delimiter == 0 {
			d.delimiter = own
		}
		sheet := &o.Sheets[0]
		for i, f := range sheet.Fields {
			if i > 0 {
				d.buf = append(d.buf, d.delimiter)
			}
			d.buf = quoted(append(d.buf, f.Head...), len(d.buf), d.delimiter)
			d.plan(f, sheet.Table.Name == "packets")
		}
		d.buf = append(d.buf, '\n')
		return d, nil
	}
}

// plan adds a field to the parts of a line.
func (d *delimited) plan(f Selected, packets bool) {
	steady := f.Steady && packets
	if n := len(d.parts); steady && n > 0 && d.parts[n-1].kept != nil {
		d.parts[n-1].fields = append(d.parts[n-1].fields, f)
		return
	}
	p := part{fields: []Selected{f}, subtypes: f.subtypes, seconds: f.Type == Time || f.Type == Duration,
		quote: f.Type == Text && !f.Plain || f.Type == List && d.delimiter == ','}
	if f.column != nil && f.Type == Unsigned && f.Name != "tcpflags" && !steady {
		p.number = f.column.Uint
	}
	p.kinds = f.column != nil && f.Name == "tcpoptions"
	if steady {
		p.kept = make([]steadyText, keptTexts)
	}
	d.parts = append(d.parts, p)
}

// step is a part that a line has, after the delimiters before it.
type step struct {
	before []byte
	part   *part
}

// steps are the parts that have a value in packets which carry some subtypes, and the delimiters behind the last.
type steps struct {
	list []step
	rest []byte
}

// of plans the lines of packets that carry some subtypes. There are few sets of them in a capture.
func (d *delimited) of(carried uint16) *steps {
	if s := d.plans[carried]; s != nil {
		return s
	}
	s := &steps{}
	for i := range d.parts {
		if i > 0 {
			s.rest = append(s.rest, d.delimiter)
		}
		if p := &d.parts[i]; p.subtypes == 0 || p.subtypes&carried != 0 {
			s.list = append(s.list, step{before: s.rest, part: p})
			s.rest = nil
		}
	}
	s.rest = append(s.rest, '\n')
	d.plans[carried] = s
	return s
}

// Add writes one line.
func (d *delimited) Add(_ int, r *Record) error {
	carried, single := ^uint16(0), false
	if r.Row != nil && r.Option == nil {
		carried, single = subtypes(r.Row.Options), len(r.Row.Options) == 1
	}
	if d.last == nil || carried != d.lastCarried {
		d.last, d.lastCarried = d.of(carried), carried
	}
	buf := d.buf
	for i := range d.last.list {
		s := &d.last.list[i]
		if len(s.before) == 1 {
			buf = append(buf, d.delimiter)
		} else {
			buf = append(buf, s.before...)
		}
		buf = d.write(buf, s.part, r, single)
	}
	d.buf = append(buf, d.last.rest...)
	if len(d.buf) >= flushAt {
		return d.flush()
	}
	return nil
}

// write appends the text of a part. single: the packet has one option.
func (d *delimited) write(buf []byte, p *part, r *Record, single bool) []byte {
	switch {
	case p.number != nil && (p.subtypes == 0 || single):
		if v, ok := p.number(r.Context, r.Row); ok {
			buf = appendUint(buf, v)
		}
		return buf
	case p.kept != nil:
		return append(buf, d.run(p, r)...)
	case p.seconds:
		if ns, ok := p.fields[0].Number(r); ok {
			buf = d.clock.append(buf, int64(ns))
		}
		return buf
	case p.kinds:
		return append(buf, d.options(p, r)...)
	case p.quote:
		return quoted(p.fields[0].append(buf, r), len(buf), d.delimiter)
	}
	return p.fields[0].append(buf, r)
}

// options is the text of a packet's option kinds, which are mostly those of one of the packets before.
func (d *delimited) options(p *part, r *Record) []byte {
	k := &d.kinds[len(r.Row.OptionKinds)%len(d.kinds)]
	if !bytes.Equal(k.kinds, r.Row.OptionKinds) {
		k.kinds = append(k.kinds[:0], r.Row.OptionKinds...)
		k.text = p.fields[0].append(k.text[:0], r)
		if d.delimiter == ',' {
			k.text = quoted(k.text, 0, d.delimiter)
		}
	}
	return k.text
}

// run is the text of a run of steady fields, kept from an earlier packet of the same direction of the same stream.
func (d *delimited) run(p *part, r *Record) []byte {
	row := r.Row
	slot := &p.kept[(row.Stream<<1^uint32(row.Src.Port()))%keptTexts]
	if slot.stream == row.Stream && slot.sender == row.Src {
		return slot.text
	}
	slot.stream, slot.sender, slot.text = row.Stream, row.Src, slot.text[:0]
	for i := range p.fields {
		if i > 0 {
			slot.text = append(slot.text, d.delimiter)
		}
		slot.text = quoted(p.fields[i].append(slot.text, r), len(slot.text), d.delimiter)
	}
	return slot.text
}

// append appends a field's text. A column of the trace is asked without a detour.
func (f *Field) append(dst []byte, r *Record) []byte {
	switch {
	case f.column != nil:
		return f.column.Append(dst, r.Context, r.Row)
	case f.Append != nil:
		return f.Append(dst, r)
	case f.List != nil:
		var room [16]uint64
		return appendList(dst, f.List(room[:0], r))
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

// Close writes what is left.
func (d *delimited) Close() error { return d.flush() }

func (d *delimited) flush() error {
	_, err := d.w.Write(d.buf)
	d.buf = d.buf[:0]
	return err
}

// subtypes is the set of subtypes of some options, as bits; all of them where one is too short to have any.
func subtypes(options []mptcp.Option) uint16 {
	var set uint16
	for _, o := range options {
		s := o.Subtype()
		if s > 15 {
			return ^uint16(0)
		}
		set |= 1 << s
	}
	return set
}

// quoted puts the field that starts at start in quotes if it holds the delimiter, a quote or a line end (RFC 4180).
func quoted(line []byte, start int, delimiter byte) []byte {
	if field := line[start:]; bytes.IndexByte(field, delimiter) < 0 && !bytes.ContainsAny(field, "\"\r\n") {
		return line
	}
	field := bytes.ReplaceAll(line[start:], []byte{'"'}, []byte{'"', '"'})
	return append(append(append(line[:start], '"'), field...), '"')
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
