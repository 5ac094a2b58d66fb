package export

import (
	"bytes"
	"fmt"
	"io"

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
	plans     map[planned]*steps
	last      *steps
	planned   planned // the line before
	capture   *Origin // that the packet before came from
}

// planned is what a packet carries: a set of subtypes; lone, nothing but a DSS that was read.
type planned struct {
	carried uint16
	lone    bool
}

func openDelimited(own byte) func(w io.Writer, o Output) (Encoder, error) {
	return func(w io.Writer, o Output) (Encoder, error) {
		if len(o.Sheets) != 1 {
			return nil, fmt.Errorf("delimited text holds one table, not %d", len(o.Sheets))
		}
		d := &delimited{w: w, delimiter: o.Delimiter, buf: make([]byte, 0, flushAt+1<<12), plans: map[planned]*steps{}}
		if d.delimiter == 0 {
			d.delimiter = own
		}
		sheet := &o.Sheets[0]
		for i, f := range sheet.Fields {
			if i > 0 {
				d.buf = append(d.buf, d.delimiter)
			}
			d.buf = quoted(append(d.buf, f.Head...), len(d.buf), d.delimiter)
			d.plan(f.Field, sheet.Table.Name == "packets")
		}
		d.buf = append(d.buf, '\n')
		return d, nil
	}
}

// plan adds a field to the parts of a line.
func (d *delimited) plan(f *Field, packets bool) {
	if n := len(d.parts); n > 0 && packets && f.Steady && d.parts[n-1].kind == steadyRun {
		d.parts[n-1].fields = append(d.parts[n-1].fields, f)
		return
	}
	d.parts = append(d.parts, newPart(f, packets, d.delimiter))
}

// step is a part that a line has, after the delimiters before it. Numbers are had without asking the part.
type step struct {
	before []byte
	number func(*trace.Context, *trace.Row) (uint64, bool)
	dss    func(*mptcp.DSS) (uint64, bool)
	part   *part
}

// steps are the parts that have a value in packets which carry some subtypes, and the delimiters behind the last.
type steps struct {
	list []step
	rest []byte
}

// of plans the lines of packets that carry the same. There are few such plans in a capture.
func (d *delimited) of(key planned) *steps {
	if s := d.plans[key]; s != nil {
		return s
	}
	s := &steps{}
	for i := range d.parts {
		if i > 0 {
			s.rest = append(s.rest, d.delimiter)
		}
		p := &d.parts[i]
		if p.subtypes != 0 && p.subtypes&key.carried == 0 {
			continue
		}
		next := step{before: s.rest, number: p.number, part: p}
		if key.lone {
			next.dss = p.dss
		}
		s.list, s.rest = append(s.list, next), nil
	}
	s.rest = append(s.rest, '\n')
	d.plans[key] = s
	return s
}

// Add writes one line.
func (d *delimited) Add(_ int, r *Record) error {
	if r.Capture != d.capture {
		d.capture = r.Capture
		for i := range d.parts {
			d.parts[i].forget()
		}
	}
	if key := (planned{carried: r.Carried(), lone: r.lone()}); d.last == nil || key != d.planned {
		d.last, d.planned = d.of(key), key
	}
	d.buf = d.last.line(d.buf, d.delimiter, r)
	if len(d.buf) >= flushAt {
		return d.flush()
	}
	return nil
}

// line appends a line.
func (s *steps) line(buf []byte, delimiter byte, r *Record) []byte {
	row := r.Row
	for i := range s.list {
		next := &s.list[i]
		if len(next.before) == 1 {
			buf = append(buf, delimiter)
		} else {
			buf = append(buf, next.before...)
		}
		var v uint64
		var ok bool
		switch {
		case next.number != nil:
			v, ok = next.number(r.Context, row)
		case next.dss != nil:
			v, ok = next.dss(&row.DSS)
		default:
			buf = next.part.append(buf, r)
			continue
		}
		if ok {
			buf = appendUint(buf, v)
		}
	}
	return append(buf, s.rest...)
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
