package mptcp

import "encoding/binary"

// Fail is an MP_FAIL option (RFC 8684 section 3.7).
type Fail struct {
	HasDSN bool   // false only where the capture cut it
	DSN    uint64 // of the first byte under the checksum that failed
}

// ParseFail reads an MP_FAIL option, of 12 bytes.
func ParseFail(o Option) (p Fail, f Fault) {
	p.DSN, p.HasDSN, f = eight(o, SubFail)
	return p, f
}

// Fastclose is an MP_FASTCLOSE option (RFC 8684 section 3.5).
type Fastclose struct {
	HasKey bool // false only where the capture cut it
	Key    Key  // of the receiver
}

// ParseFastclose reads an MP_FASTCLOSE option, of 12 bytes. Senders exist that set its reserved bits.
func ParseFastclose(o Option) (p Fastclose, f Fault) {
	key, ok, f := eight(o, SubFastclose)
	return Fastclose{HasKey: ok, Key: Key(key)}, f
}

// eight reads the 64-bit number of a 12-byte option with 12 reserved bits.
func eight(o Option, s Subtype) (n uint64, ok bool, f Fault) {
	if f = check(o, s); f == WrongSubtype {
		return 0, false, f
	}
	if o.Stated() != 12 {
		return 0, false, BadLength
	}
	if f == Cut {
		return 0, false, f
	}
	if o.low() != 0 || o[3] != 0 {
		f = ReservedBits
	}
	return binary.BigEndian.Uint64(o[4:]), true, f
}

// Reset is an MP_TCPRST option (RFC 8684 section 3.6), sent with a RST only.
type Reset struct {
	Flags     uint8 // U 0x8, V 0x4, W 0x2, T 0x1
	Transient bool  // T: the error may pass, a new subflow may work
	HasReason bool  // false only where the capture cut it
	Reason    uint8 // see ReasonName
}

// ParseReset reads an MP_TCPRST option, of 4 bytes.
func ParseReset(o Option) (r Reset, f Fault) {
	if f = check(o, SubReset); f == WrongSubtype {
		return r, f
	}
	r.Flags = o.low()
	r.Transient = r.Flags&1 != 0
	if o.Stated() != 4 {
		return r, BadLength
	}
	if len(o) >= 4 {
		r.HasReason, r.Reason = true, o[3]
	}
	if f == NoFault && r.Flags&0x0e != 0 {
		f = ReservedBits
	}
	return r, f
}
