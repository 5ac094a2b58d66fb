// Package mptcp reads TCP option kind 30, Multipath TCP versions 0 (RFC 6824) and 1 (RFC 8684): options to values,
// keys to tokens, HMACs, 64-bit data sequence arithmetic, DSS checksums.
//
// An [Options] iterator walks a TCP option area and yields each MPTCP [Option] as a view of its bytes; one Parse
// function for each option family turns a view into a value and a [Fault]. A fault never hides what is readable: fields
// that were whole are set, and Has… fields say which.
//
// The package uses the standard library only, nothing in it allocates (the String methods and Describe excepted), and
// no input makes it panic. It keeps no state: what depends on a connection (its version, its keys, the last data
// sequence number) is a parameter.
//
// # Reading order
//
//   - option.go: an option, as a view. iter.go: the options of an area. fault.go: what may be wrong with one.
//   - capable.go, join.go, dss.go, addr.go, prio.go, close.go: one family of options each.
//   - key.go: tokens, initial numbers and HMACs. seq.go: 32-bit numbers widened. checksum.go: DSS checksums. string.go: all of it
//     in words.
package mptcp

// Kind is the TCP option kind of every MPTCP option (IANA).
const Kind = 30

// Subtype is the high nibble of an option's third byte (IANA, RFC 8684 section 7.2).
type Subtype uint8

// The assigned subtypes.
const (
	SubCapable    Subtype = 0x0
	SubJoin       Subtype = 0x1
	SubDSS        Subtype = 0x2
	SubAddAddr    Subtype = 0x3
	SubRemoveAddr Subtype = 0x4
	SubPrio       Subtype = 0x5
	SubFail       Subtype = 0x6
	SubFastclose  Subtype = 0x7
	SubReset      Subtype = 0x8
	SubExperiment Subtype = 0xf

	// SubNone is no subtype on the wire: the option is too short to have one.
	SubNone Subtype = 0xff
)

// Version is the MPTCP version of a connection: 0 or 1.
type Version uint8

// VersionUnknown stands for the version of a connection whose MP_CAPABLE exchange was not captured.
const VersionUnknown Version = 0xff

// Key is a host's 64-bit connection key.
type Key uint64

// Option is one option, kind and length byte included, cut to its stated length, or shorter where the capture ends
// before it does (at least 3 bytes when it comes from [Options] or from package packet). It is a view: valid as long as
// the frame's buffer.
type Option []byte

// Subtype of the option, SubNone if it is too short to have one.
func (o Option) Subtype() Subtype {
	if len(o) < 3 {
		return SubNone
	}
	return Subtype(o[2] >> 4)
}

// Stated is the length that the option itself states, in bytes; len(o) is smaller when the capture cut it.
func (o Option) Stated() int {
	if len(o) < 2 {
		return len(o)
	}
	return int(o[1])
}

// Cut reports whether the capture ends before the option does.
func (o Option) Cut() bool { return len(o) < o.Stated() }

// low is the low nibble of the subtype byte: a version, an IP version or flags.
func (o Option) low() uint8 { return o[2] & 0x0f }
