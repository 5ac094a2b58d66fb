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
	held      bool    // what it is told is held until it is closed
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

// step is some numbers, delimiters behind them, and then something else.
type step struct {
	numbers []place
	before  int
	then    then
	place   uint8 // of a time, in Record.Numbers
	part    *part
}

// then is what follows on numbers.
type then uint8

const (
	nothing   then = iota
	aTime          // of which the record has the number
	keptText       // the text of a part, which may be one that was kept
	askedText      // that of a part which is to be asked
)

// steps are the lines of records of one shape.
type steps struct {
	list []step
	room int  // that numbers and delimiters take at most
	asks bool // for the whole row
}

// steps plans the lines of records of a shape.
func (d *delimited) steps(shape *Shape) *steps {
	s, before := &steps{room: numbersRoom + (d.columns+2)*cellRoom, list: make([]step, 1)}, 0
	end := func(last step) {
		last.numbers, last.before = s.list[len(s.list)-1].numbers, before
		s.list[len(s.list)-1] = last
		s.list, before = append(s.list, step{}), 0
	}
	for i := range d.parts {
		if i > 0 {
			before++
		}
		p := &d.parts[i]
		then := p.then(shape)
		switch {
		case then == askedText || then == keptText:
			end(step{then: then, part: p})
			s.asks = s.asks || then == askedText
		case then == aTime:
			end(step{then: aTime, place: uint8(p.place)})
		case p.role(shape) == Counted:
			if before > mostBefore || len(s.list[len(s.list)-1].numbers) == mostNumbers {
				end(step{})
			}
			last := &s.list[len(s.list)-1]
			last.numbers = append(last.numbers, place(before<<beforeShift|p.place))
			before = 0
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
	if d.text.n >= flushAt && !d.held {
		return d.Close()
	}
	return nil
}

// Close writes what is left.
func (d *delimited) Close() error {
	_, err := d.w.Write(d.text.bytes())
	d.text.n = 0
	return err
}

func (d *delimited) divide() Encoder {
	other := &delimited{w: d.w, delimiter: d.delimiter, text: newText(d.delimiter, flushAt), packets: d.packets, columns: d.columns, held: true}
	for i := range d.parts {
		for _, f := range d.parts[i].fields {
			other.plan(f)
		}
	}
	return other
}

// quoted puts the field that starts at start in quotes if it holds the delimiter, a quote or a line end (RFC 4180).
func quoted(line []byte, start int, delimiter byte) []byte {
	if field := line[start:]; bytes.IndexByte(field, delimiter) < 0 && !bytes.ContainsAny(field, "\"\r\n") {
		return line
	}
	field := bytes.ReplaceAll(line[start:], []byte{'"'}, []byte{'"', '"'})
	return append(append(append(line[:start], '"'), field...), '"')
}
