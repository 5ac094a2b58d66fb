package export

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"

// kind is the quickest way to a part's text.
type kind uint8

const (
	plainText   kind = iota // whatever the field appends
	quotedText              // the same, in quotes where it needs them
	ofOptions               // numbers that stand in the packet's MPTCP options
	ofRecord                // a number of the record
	nanoseconds             // of the row, or of the record
	severalRun              // several fields
)

// part is one field of a line, or a run of fields that are alike in the same packets, whose texts are kept together.
type part struct {
	kind      kind
	delimiter byte
	fields    []*Field
	packets   bool
	place     int // of its number, where the row has one
	values    func([]uint64, *trace.Row) []uint64
	room      []uint64
	texts     Recall[[]byte]
}

func newPart(f *Field, packets bool, delimiter byte) part {
	p := part{fields: []*Field{f}, delimiter: delimiter, packets: packets, place: -1}
	column := f.column
	decimal := column == nil || column.Values == nil && f.Name != "tcpflags"
	if packets && f.Alike == Unlike {
		p.place = f.Place - 1
	}
	switch {
	case f.Type == Time || f.Type == Duration:
		p.kind = nanoseconds
	case f.Type == Unsigned && decimal:
		p.kind = ofRecord
	case f.Type == List && delimiter == ',':
		p.kind = quotedText
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

// then is how lines of records of a shape have the part's text, nothing where it is empty or a number.
func (p *part) then(s *Shape) then {
	switch role := p.role(s); {
	case role == Asked && p.packets && p.fields[0].IsAlike(s):
		return keptText
	case role == Asked:
		return askedText
	case role == Counted && p.kind == nanoseconds:
		return aTime
	}
	return nothing
}

// takes adds a field that stands behind the part's own to the part, if their texts can be kept together.
func (p *part) takes(f *Field) bool {
	if own := p.fields[0]; !p.packets || f.Alike == Unlike || f.Alike != own.Alike || f.By != own.By {
		return false
	}
	p.kind, p.fields = severalRun, append(p.fields, f)
	return true
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
	case severalRun:
		return p.run(buf, r)
	}
	return p.fields[0].append(buf, r)
}

// kept is the text of a part that may be kept: that of an earlier packet with the same key, if there was one.
func (p *part) kept(r *Record) []byte {
	return p.texts.Of(p.fields[0], r, func(old []byte, r *Record) []byte { return roomy(p.run(old[:0], r)) })
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
