package export

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"

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
