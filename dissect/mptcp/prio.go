package mptcp

// Prio is an MP_PRIO option (RFC 8684 section 3.3.8).
type Prio struct {
	Backup bool // use the subflow as backup only
	// HasAddrID: version 0, the change is for the subflows of that address and not for the one that carries the option.
	HasAddrID bool
	AddrID    uint8
}

// ParsePrio reads an MP_PRIO option: 3 bytes, in version 0 also 4. A fourth byte in version 1 is a BadLength, with the
// values set; Linux ignores such an option.
func ParsePrio(o Option, v Version) (p Prio, f Fault) {
	if f = check(o, SubPrio); f == WrongSubtype {
		return p, f
	}
	n := o.Stated()
	if n != 3 && n != 4 {
		return p, BadLength
	}
	p.Backup = o.low()&1 != 0
	if len(o) >= 4 {
		p.HasAddrID, p.AddrID = true, o[3]
	}
	switch {
	case n == 4 && v != 0 && v != VersionUnknown:
		return p, BadLength
	case f == NoFault && o.low()&0x0e != 0:
		return p, ReservedBits
	}
	return p, f
}
