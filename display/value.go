package display

import "math"

// Kind is the type of a Value.
type Kind uint8

// Kinds of values.
const (
	Missing  Kind = iota
	UintKind      // exact up to 64 bits
	IntKind       // exact, signed
	FloatKind
	TextKind
	BoolKind
	TimeKind     // nanoseconds since the epoch
	DurationKind // nanoseconds
	SubflowKind  // a subflow: ordinal in its connection (colour) and the id to show
)

// Value is one typed cell. The zero Value is missing.
type Value struct {
	kind Kind
	bits uint64
	text string
}

// Uint is an exact unsigned number.
func Uint(v uint64) Value { return Value{kind: UintKind, bits: v} }

// Int is an exact signed number.
func Int(v int64) Value { return Value{kind: IntKind, bits: uint64(v)} }

// Float is a measured or computed number.
func Float(v float64) Value { return Value{kind: FloatKind, bits: math.Float64bits(v)} }

// Str is text.
func Str(s string) Value { return Value{kind: TextKind, text: s} }

// Bool is yes or no.
func Bool(b bool) Value {
	if b {
		return Value{kind: BoolKind, bits: 1}
	}
	return Value{kind: BoolKind}
}

// Time is a moment, in nanoseconds since the epoch.
func Time(ns int64) Value { return Value{kind: TimeKind, bits: uint64(ns)} }

// Duration is a span in nanoseconds.
func Duration(ns int64) Value { return Value{kind: DurationKind, bits: uint64(ns)} }

// Subflow is a subflow's chip: its ordinal gives the colour, id (tcp.stream) is what stands on it.
func Subflow(ordinal int, id uint64) Value {
	return Value{kind: SubflowKind, bits: uint64(ordinal)<<40 | id}
}

// Kind of the value.
func (v Value) Kind() Kind { return v.kind }

// Uint is the number of a UintKind value.
func (v Value) Uint() uint64 { return v.bits }

// Int is the number of an IntKind, TimeKind or DurationKind value.
func (v Value) Int() int64 { return int64(v.bits) }

// Float is the number of a FloatKind value.
func (v Value) Float() float64 { return math.Float64frombits(v.bits) }

// Text is the text of a TextKind value.
func (v Value) Text() string { return v.text }

// Bool is the truth of a BoolKind value.
func (v Value) Bool() bool { return v.bits != 0 }

// Subflow is the ordinal and id of a SubflowKind value.
func (v Value) Subflow() (ordinal int, id uint64) {
	return int(v.bits >> 40), v.bits & (1<<40 - 1)
}
