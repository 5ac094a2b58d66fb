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
	w     io.Writer
	buf   []byte
	parts []jsonPart
}

type jsonPart struct {
	Selected
	key []byte // ,"name":
}

func openJSON(w io.Writer, o Output) (Encoder, error) {
	if len(o.Sheets) != 1 {
		return nil, fmt.Errorf("JSON Lines hold one table, not %d", len(o.Sheets))
	}
	l := &lines{w: w}
	for _, f := range o.Sheets[0].Fields {
		key, err := json.Marshal(f.Head)
		if err != nil {
			return nil, err
		}
		l.parts = append(l.parts, jsonPart{Selected: f, key: append(append([]byte{','}, key...), ':')})
	}
	return l, nil
}

// Add writes one line.
func (l *lines) Add(_ int, r *Record) error {
	start := len(l.buf)
	for i := range l.parts {
		p := &l.parts[i]
		mark := len(l.buf)
		l.buf = append(l.buf, p.key...)
		had := len(l.buf)
		if l.buf = p.json(l.buf, r); len(l.buf) == had {
			l.buf = l.buf[:mark]
		}
	}
	if len(l.buf) == start {
		l.buf = append(l.buf, '{')
	}
	l.buf[start] = '{'
	l.buf = append(l.buf, '}', '\n')
	if len(l.buf) >= flushAt {
		return l.Close()
	}
	return nil
}

// Close writes what is left.
func (l *lines) Close() error {
	_, err := l.w.Write(l.buf)
	l.buf = l.buf[:0]
	return err
}

// json appends a field's value, nothing when it is missing.
func (f *Field) json(dst []byte, r *Record) []byte {
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
		return append(strconv.AppendInt(append(dst, '"'), int64(v), 10), '"')
	case f.Bits == 64:
		return append(strconv.AppendUint(append(dst, '"'), v, 10), '"')
	}
	return strconv.AppendUint(dst, v, 10)
}

// jsonText puts the text from start on in quotes, unless it is empty.
func jsonText(dst []byte, start int) []byte {
	if len(dst) == start {
		return dst
	}
	text := string(dst[start:])
	for i := range len(text) {
		if c := text[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, err := json.Marshal(text)
			if err != nil {
				return dst[:start]
			}
			return append(dst[:start], quoted...)
		}
	}
	return append(append(append(dst[:start], '"'), text...), '"')
}
