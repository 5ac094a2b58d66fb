package display

import "math"

// Unit is what a number counts. Values stay raw; renderers scale them for people and leave them alone for machines.
type Unit uint8

// Units.
const (
	None Unit = iota
	Bytes
	BytesPerSecond
	BitsPerSecond
	Packets
	Nanoseconds // a time or a span in ns, shown as s, ms, µs
	SequenceNumber
	Ratio // 0…1, shown as per cent
)

// Symbol is the unit of the raw number, as machines' heads name it: "B", "bit/s", "ns"; empty where there is none.
func (u Unit) Symbol() string {
	switch u {
	case Bytes, SequenceNumber:
		return "B"
	case BytesPerSecond:
		return "B/s"
	case BitsPerSecond:
		return "bit/s"
	case Nanoseconds:
		return "ns"
	}
	return ""
}

// Scale is a unit that suits the size of numbers: raw/Div is what people read, in Symbol.
type Scale struct {
	Div    float64
	Symbol string // "MB", "ms", "%"; empty for a bare number
}

// steps are the scales of a unit, smallest first.
func (u Unit) steps() []Scale {
	switch u {
	case Bytes, SequenceNumber, BytesPerSecond, BitsPerSecond:
		return decimalSteps[u]
	case Nanoseconds:
		return timeSteps
	case Ratio:
		return ratioSteps
	}
	return plainSteps
}

var (
	decimalSteps = [...][]Scale{Bytes: decimal(Bytes), SequenceNumber: decimal(SequenceNumber), BytesPerSecond: decimal(BytesPerSecond),
		BitsPerSecond: decimal(BitsPerSecond)}
	timeSteps  = []Scale{{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}}
	ratioSteps = []Scale{{0.01, "%"}}
	plainSteps = []Scale{{1, ""}}
)

// decimal is the scales of a unit that counts in thousands.
func decimal(u Unit) []Scale {
	symbol := u.Symbol()
	return []Scale{{1, symbol}, {1e3, "k" + symbol}, {1e6, "M" + symbol}, {1e9, "G" + symbol}, {1e12, "T" + symbol}}
}

// Scale is the largest scale in which a number of this size is at least 1; it serves all ticks of an axis whose largest
// magnitude is size.
func (u Unit) Scale(size float64) Scale {
	steps := u.steps()
	size = math.Abs(size)
	chosen := steps[0]
	for _, s := range steps[1:] {
		if size < s.Div {
			break
		}
		chosen = s
	}
	return chosen
}
