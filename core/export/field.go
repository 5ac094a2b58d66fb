package export

import (
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Alike says when packets of one capture that have the same key Field.By have the same value of a field.
type Alike uint8

// Alikenesses of packets.
const (
	Unlike   Alike = iota // they need not
	InLoaded              // where the whole capture is known
	Always
)

// Type is the type of a field's values.
type Type uint8

// Types of fields.
const (
	Unsigned Type = iota // whole number, exact up to 64 bits
	Time                 // int64 nanoseconds since the epoch
	Duration             // int64 nanoseconds
	Text
	List // of unsigned numbers
	Bool // 0 or 1
)

// String is the type's name in a schema.
func (t Type) String() string {
	return [...]string{"unsigned", "time", "duration", "text", "list of unsigned", "boolean"}[t]
}

// Field is one column of a table: its name, type, unit, and how its value is read. Numbers are given by Number, texts by
// Append, lists by List.
type Field struct {
	Name      string
	Wireshark string // the field that tshark prints the same values by, or empty
	Unit      string // "bytes", "s", or empty
	Doc       string
	Type      Type
	Bits      int // width of an unsigned number, or of a list's: 8, 16, 32 or 64; 63 for counters, which never fill 64
	Alike     Alike
	By        trace.Key // see Alike
	Plain     bool      // a text that never needs quotes

	// Append appends the text form, nothing when the value is missing. Numbers are decimal, times are seconds with nine
	// decimals, lists are separated by commas.
	Append func(dst []byte, r *Record) []byte
	// Number is the value of anything but text and lists.
	Number func(r *Record) (v uint64, ok bool)
	// Place, if it is not 0, is one more than the place of the field's number in Record.Numbers.
	Place int
	// List appends the values of a list.
	List func(dst []uint64, r *Record) []uint64

	column   *trace.Column // where the field is a column of the trace
	subtypes uint16        // see trace.Column
}

// Selected is a field under the name that it has in the output.
type Selected struct {
	*Field
	Head string
}

// Text appends a field's text form, nothing when the value is missing.
func (f *Field) Text(dst []byte, r *Record) []byte { return f.append(dst, r) }

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

// appendList is the text form of a list of numbers.
func appendList[T uint32 | uint64](dst []byte, list []T) []byte {
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendUint(dst, uint64(v))
	}
	return dst
}

func widen[T uint8 | uint32](dst []uint64, list []T) []uint64 {
	for _, v := range list {
		dst = append(dst, uint64(v))
	}
	return dst
}

// unsigned is a field of numbers of so many bits, which records may lack.
func unsigned(name, wireshark string, size int, doc string, number func(*Record) (uint64, bool)) Field {
	return Field{Name: name, Wireshark: wireshark, Bits: size, Doc: doc, Number: number, Append: decimal(number)}
}

// word is a field of words that need no quotes.
func word(name, doc string, text func(*Record) string) Field {
	return Field{Name: name, Type: Text, Plain: true, Doc: doc, Append: func(dst []byte, r *Record) []byte { return append(dst, text(r)...) }}
}

// decimal is the text form of a number.
func decimal(number func(*Record) (uint64, bool)) func([]byte, *Record) []byte {
	return func(dst []byte, r *Record) []byte {
		v, ok := number(r)
		if !ok {
			return dst
		}
		return appendUint(dst, v)
	}
}

func one(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// number is one that all records have.
func number(name string, size int, unit, doc string, value func(*Record) uint64) Field {
	f := unsigned(name, "", size, doc, func(r *Record) (uint64, bool) { return value(r), true })
	f.Unit = unit
	return f
}

func flag(name, doc string, value func(*Record) bool) Field {
	return Field{Name: name, Type: Bool, Bits: 8, Doc: doc, Number: func(r *Record) (uint64, bool) { return one(value(r)), true }}
}

// moment is a time, in ns since the epoch.
func moment(name, doc string, value func(*Record) (int64, bool)) Field {
	return Field{Name: name, Type: Time, Unit: "s", Doc: doc, Number: func(r *Record) (uint64, bool) {
		ns, ok := value(r)
		return uint64(ns), ok
	}}
}

func address(name, doc string, value func(*Record) netip.AddrPort) Field {
	return Field{Name: name, Type: Text, Plain: true, Doc: doc, Append: func(dst []byte, r *Record) []byte {
		if a := value(r).Addr(); a.IsValid() {
			return a.AppendTo(dst)
		}
		return dst
	}}
}

func port(name, doc string, value func(*Record) netip.AddrPort) Field {
	return unsigned(name, "", 16, doc, func(r *Record) (uint64, bool) {
		a := value(r)
		return uint64(a.Port()), a.IsValid()
	})
}
