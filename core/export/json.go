package export

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// lines writes a sheet as JSON Lines. Numbers of 64 bits are strings, as most readers would round them; times and durations
// are strings of nanoseconds; what is missing is left out.
type lines struct {
	w       io.Writer
	buf     []byte
	parts   []jsonPart
	packets bool
	plans   Plans[[]*jsonPart]
	numbers trace.Numbers
	capture *Origin // that the record before came from
}

// jsonPart is one field of a line, or a run of fields that are the same for all packets of a stream in one direction.
type jsonPart struct {
	fields []jsonField
	runs   runs // nil but for a run
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
		l.plan(jsonField{Field: f.Field, key: append(append([]byte{','}, key...), ':')}, f.Steady && l.packets)
	}
	return l, nil
}

// plan adds a field to the parts of a line.
func (l *lines) plan(f jsonField, steady bool) {
	if n := len(l.parts); steady && n > 0 && l.parts[n-1].runs != nil {
		l.parts[n-1].fields = append(l.parts[n-1].fields, f)
		return
	}
	p := jsonPart{fields: []jsonField{f}}
	if steady {
		p.runs = make(runs, Ways)
	}
	l.parts = append(l.parts, p)
}

// planned lists the parts that may have a value in records of a shape.
func (l *lines) planned(s *Shape) *[]*jsonPart {
	var list []*jsonPart
	for i := range l.parts {
		if p := &l.parts[i]; p.runs != nil || p.fields[0].Role(s) != Absent {
			list = append(list, p)
		}
	}
	return &list
}

// Add writes one line.
func (l *lines) Add(_ int, r *Record) error {
	if r.Capture != l.capture {
		l.capture = r.Capture
		for i := range l.parts {
			clear(l.parts[i].runs)
		}
	}
	start, buf := len(l.buf), l.buf
	shape := r.Shape(l.packets, &l.numbers)
	for _, p := range *l.plans.Of(&shape, l.planned) {
		if p.runs != nil {
			buf = append(buf, p.runs.text(r, p.append)...)
		} else {
			buf = p.fields[0].json(buf, r)
		}
	}
	if len(buf) == start {
		buf = append(buf, '{')
	}
	buf[start] = '{'
	l.buf = append(buf, '}', '\n')
	if len(l.buf) >= flushAt {
		return l.Close()
	}
	return nil
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
	switch {
	case !ok:
		return dst
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
