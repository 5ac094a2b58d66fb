package export

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// lines writes a sheet as JSON Lines. Numbers of 64 bits are strings, as most readers would round them; times and durations
// are strings of nanoseconds; what is missing is left out.
type lines struct {
	w       io.Writer
	buf     []byte
	parts   []jsonPart
	packets bool
	plans   Plans[jsonSteps]
	capture *Origin // that the record before came from
	held    bool    // what it is told is held until it is closed
}

// jsonPart is one field of a line, or a run of fields that are alike in the same packets, whose texts are kept together.
type jsonPart struct {
	fields []jsonField
	texts  Recall[[]byte]
}

// jsonStep is how a part's text is had.
type jsonStep struct {
	*jsonPart
	kept    bool // it may be one that was kept
	counted int  // place of its number, or -1
}

// jsonSteps are the lines of records of one shape.
type jsonSteps struct {
	list []jsonStep
	asks bool // for the whole row
}

type jsonField struct {
	*Field
	key []byte // ,"name":
}

func openJSON(w io.Writer, o Output) (Encoder, error) {
	if len(o.Sheets) != 1 {
		return nil, fmt.Errorf("JSON Lines hold one table, not %d", len(o.Sheets))
	}
	l := &lines{w: w}
	sheet := &o.Sheets[0]
	l.packets = sheet.Table.Name == "packets"
	for _, f := range sheet.Fields {
		key, err := json.Marshal(f.Head)
		if err != nil {
			return nil, err
		}
		l.plan(jsonField{Field: f.Field, key: append(append([]byte{','}, key...), ':')})
	}
	return l, nil
}

// plan adds a field to the parts of a line.
func (l *lines) plan(f jsonField) {
	if n := len(l.parts); n > 0 && l.packets && f.Alike != Unlike {
		if last := &l.parts[n-1]; last.fields[0].Alike == f.Alike && last.fields[0].By == f.By {
			last.fields = append(last.fields, f)
			return
		}
	}
	l.parts = append(l.parts, jsonPart{fields: []jsonField{f}})
}

// steps lists the parts that may have a value in records of a shape.
func (l *lines) steps(s *Shape) *jsonSteps {
	var steps jsonSteps
	for i := range l.parts {
		p := &l.parts[i]
		f := p.fields[0]
		step, role := jsonStep{jsonPart: p, kept: f.IsAlike(s), counted: -1}, f.Role(s)
		switch {
		case role == Absent:
			continue
		case step.kept:
		case role == Counted && len(p.fields) == 1:
			step.counted = f.Place - 1
		default:
			steps.asks = true
		}
		steps.list = append(steps.list, step)
	}
	return &steps
}

// Add writes one line.
func (l *lines) Add(_ int, r *Record) error {
	if r.Capture != l.capture {
		l.capture = r.Capture
		for i := range l.parts {
			l.parts[i].texts.Forget()
		}
	}
	shape := r.Shape(l.packets)
	steps := l.plans.Of(&shape, l.steps)
	if steps.asks {
		r.Whole()
	}
	start := len(l.buf)
	buf := steps.append(l.buf, r)
	if len(buf) == start {
		buf = append(buf, '{')
	}
	buf[start] = '{'
	l.buf = append(buf, '}', '\n')
	if len(l.buf) >= flushAt && !l.held {
		return l.Close()
	}
	return nil
}

// append appends the fields of a record, each behind a comma.
func (s *jsonSteps) append(buf []byte, r *Record) []byte {
	for i := range s.list {
		switch p := &s.list[i]; {
		case p.kept:
			buf = append(buf, p.text(r)...)
		case p.counted >= 0:
			f := &p.fields[0]
			buf = f.number(append(buf, f.key...), r.Numbers.At[p.counted&63])
		default:
			buf = p.append(buf, r)
		}
	}
	return buf
}

// text is what append appends, kept from an earlier packet with the same key if there was one.
func (p *jsonPart) text(r *Record) []byte {
	return p.texts.Of(p.fields[0].Field, r, func(old []byte, r *Record) []byte { return p.append(old[:0], r) })
}

// append appends the fields of a part.
func (p *jsonPart) append(dst []byte, r *Record) []byte {
	for i := range p.fields {
		dst = p.fields[i].json(dst, r)
	}
	return dst
}

// Close writes what is left.
func (l *lines) Close() error {
	_, err := l.w.Write(l.buf)
	l.buf = l.buf[:0]
	return err
}

func (l *lines) divide() Encoder {
	other := &lines{w: l.w, packets: l.packets, held: true}
	for i := range l.parts {
		for _, f := range l.parts[i].fields {
			other.plan(f)
		}
	}
	return other
}

// json appends a field's key and value, nothing when it is missing.
func (f *jsonField) json(dst []byte, r *Record) []byte {
	mark := len(dst)
	dst = append(dst, f.key...)
	had := len(dst)
	if dst = f.value(dst, r); len(dst) == had {
		return dst[:mark]
	}
	return dst
}

func (f *jsonField) value(dst []byte, r *Record) []byte {
	switch f.Type {
	case Text:
		start := len(dst)
		dst = f.append(dst, r)
		return jsonText(dst, start)
	case List:
		var room [16]uint64
		list := f.List(room[:0], r)
		if len(list) == 0 {
			return dst
		}
		return append(appendList(append(dst, '['), list), ']')
	}
	v, ok := f.Number(r)
	if !ok {
		return dst
	}
	return f.number(dst, v)
}

// number appends a number as the field's type has it, of a list the only one.
func (f *jsonField) number(dst []byte, v uint64) []byte {
	switch {
	case f.Type == List:
		return append(appendUint(append(dst, '['), v), ']')
	case f.Type == Bool:
		return strconv.AppendBool(dst, v != 0)
	case f.Type == Time || f.Type == Duration:
		return append(appendInt(append(dst, '"'), int64(v)), '"')
	case f.Bits == 64:
		return append(appendUint(append(dst, '"'), v), '"')
	}
	return appendUint(dst, v)
}

// appendInt appends a number in decimal.
func appendInt(dst []byte, v int64) []byte {
	if v < 0 {
		return appendUint(append(dst, '-'), -uint64(v))
	}
	return appendUint(dst, uint64(v))
}

// jsonText puts the text from start on in quotes, unless it is empty.
func jsonText(dst []byte, start int) []byte {
	text := dst[start:]
	if len(text) == 0 {
		return dst
	}
	for _, c := range text {
		if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, err := json.Marshal(string(text))
			if err != nil {
				return dst[:start]
			}
			return append(dst[:start], quoted...)
		}
	}
	dst = append(dst, '"', '"')
	copy(dst[start+1:], text)
	dst[start] = '"'
	return dst
}
