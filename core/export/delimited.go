package export

import (
	"bytes"
	"fmt"
	"io"
)

// flushAt is how many bytes are put together before they are written.
const flushAt = 1 << 17

// delimited writes a sheet as delimited text under a line of heads.
type delimited struct {
	w         io.Writer
	delimiter byte
	text      *text
	packets   bool
	parts     []part
	columns   int
	plans     Plans[steps]
	capture   *Origin // that the packet before came from
}

func openDelimited(own byte) func(w io.Writer, o Output) (Encoder, error) {
	return func(w io.Writer, o Output) (Encoder, error) {
		if len(o.Sheets) != 1 {
			return nil, fmt.Errorf("delimited text holds one table, not %d", len(o.Sheets))
		}
		d := &delimited{w: w, delimiter: o.Delimiter}
		if d.delimiter == 0 {
			d.delimiter = own
		}
		d.text = newText(d.delimiter, flushAt+1<<12)
		sheet, head := &o.Sheets[0], d.text.bytes()
		d.packets = sheet.Table.Name == "packets"
		for i, f := range sheet.Fields {
			if i > 0 {
				head = append(head, d.delimiter)
			}
			head = quoted(append(head, f.Head...), len(head), d.delimiter)
			d.plan(f.Field)
		}
		d.text.set(append(head, '\n'))
		d.columns = len(sheet.Fields)
		return d, nil
	}
}

// plan adds a field to the parts of a line.
func (d *delimited) plan(f *Field) {
	if n := len(d.parts); n > 0 && d.packets && d.parts[n-1].takes(f) {
		return
	}
	d.parts = append(d.parts, newPart(f, d.packets, d.delimiter))
}

// step is some numbers, delimiters behind them, and then the text of a part, or nil at the end of the line.
type step struct {
	numbers []place
	before  int
	part    *part
	kept    bool // the text may be one that was kept
}

// steps are the lines of records of one shape.
type steps struct {
	list []step
	room int  // that numbers and delimiters take at most
	asks bool // for the whole row
}

// steps plans the lines of records of a shape.
func (d *delimited) steps(shape *Shape) *steps {
	s, before := &steps{room: (d.columns + 2) * cellRoom, list: make([]step, 1)}, 0
	for i := range d.parts {
		if i > 0 {
			before++
		}
		p, last := &d.parts[i], &s.list[len(s.list)-1]
		switch p.role(shape) {
		case Counted:
			last.numbers = append(last.numbers, place(before<<beforeShift|p.place))
			if p.kind == nanoseconds {
				last.numbers[len(last.numbers)-1] |= timed
			}
			before = 0
		case Asked:
			last.before, last.part, last.kept = before, p, p.isAlike(shape)
			s.asks = s.asks || !last.kept
			s.list, before = append(s.list, step{}), 0
		}
	}
	s.list[len(s.list)-1].before = before
	return s
}

// Add writes one line.
func (d *delimited) Add(_ int, r *Record) error {
	if r.Capture != d.capture {
		d.capture = r.Capture
		for i := range d.parts {
			d.parts[i].texts.Forget()
		}
	}
	shape := r.Shape(d.packets)
	s := d.plans.Of(&shape, d.steps)
	if s.asks {
		r.Whole()
	}
	d.text.line(s, r)
	if d.text.n >= flushAt {
		return d.flush()
	}
	return nil
}

// Close writes what is left.
func (d *delimited) Close() error { return d.flush() }

func (d *delimited) flush() error {
	_, err := d.w.Write(d.text.bytes())
	d.text.n = 0
	return err
}

// quoted puts the field that starts at start in quotes if it holds the delimiter, a quote or a line end (RFC 4180).
func quoted(line []byte, start int, delimiter byte) []byte {
	if field := line[start:]; bytes.IndexByte(field, delimiter) < 0 && !bytes.ContainsAny(field, "\"\r\n") {
		return line
	}
	field := bytes.ReplaceAll(line[start:], []byte{'"'}, []byte{'"', '"'})
	return append(append(append(line[:start], '"'), field...), '"')
}
