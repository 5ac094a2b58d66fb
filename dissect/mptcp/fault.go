package mptcp

// Fault is what is wrong with an option. It is a value and not an error so that it costs nothing a packet.
type Fault uint8

// Faults. Where several apply the first of this list is told.
const (
	NoFault Fault = iota
	// WrongSubtype: the option is of another family than the function parses, or of an unassigned one; nothing is set.
	WrongSubtype
	// BadLength: no variant of the option has this length. What can be read without guessing is set.
	BadLength
	// Cut: the capture ends inside the option. The fields that are whole are set.
	Cut
	// ReservedBits: bits that must be zero are not (senders exist that do this). Everything is set, the bits ignored.
	ReservedBits
)

// String is the fault in words, empty for NoFault.
func (f Fault) String() string {
	switch f {
	case NoFault:
		return ""
	case WrongSubtype:
		return "unknown subtype"
	case BadLength:
		return "bad length"
	case Cut:
		return "cut by the capture"
	case ReservedBits:
		return "reserved bits set"
	}
	return "unknown fault"
}

// check tells the faults that all families share: subtype, and truncation. The caller has yet to judge the length.
func check(o Option, s Subtype) Fault {
	if o.Subtype() != s {
		return WrongSubtype
	}
	if o.Cut() {
		return Cut
	}
	return NoFault
}
