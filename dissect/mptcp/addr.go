package mptcp

import (
	"encoding/binary"
	"net/netip"
)

// AddAddr is an ADD_ADDR option (RFC 8684 section 3.4.1, RFC 6824 section 3.4.1).
type AddAddr struct {
	Version Version // whose layout it has
	Echo    bool    // version 1: confirms the peer's ADD_ADDR
	ID      uint8
	Addr    netip.Addr // invalid where the capture cut it
	HasPort bool
	Port    uint16
	HasHMAC bool
	HMAC    uint64 // version 1, not in an echo
}

// ParseAddAddr reads an ADD_ADDR option. v is the connection's version; VersionUnknown lets the low nibble decide (4 and
// 6 are the IP versions of version 0, 0 and 1 the echo flag of version 1).
func ParseAddAddr(o Option, v Version) (a AddAddr, f Fault) {
	if f = check(o, SubAddAddr); f == WrongSubtype {
		return a, f
	}
	nibble := o.low()
	if v == VersionUnknown {
		v = 1
		if nibble == 4 || nibble == 6 {
			v = 0
		}
	}
	a.Version = v
	l, ok := addrLayout(o, v)
	if len(o) >= 4 {
		a.ID = o[3]
	}
	a.Echo = v >= 1 && nibble&1 != 0
	if l.size == 0 {
		return a, BadLength
	}
	a.read(o, l)
	switch {
	case !ok:
		return a, BadLength
	case f == NoFault && v >= 1 && nibble&0x0e != 0:
		return a, ReservedBits
	}
	return a, f
}

// layout is the shape of an ADD_ADDR: address bytes (4 or 16, 0 if unknown), whether a port and an HMAC follow.
type layout struct {
	size       int
	port, hmac bool
}

// addrLayout finds the layout by the stated length, and reports whether version and nibble allow it. A version 1 option
// that is no echo and yet has no HMAC (or the reverse) has a layout all the same: the length leaves no doubt.
func addrLayout(o Option, v Version) (l layout, ok bool) {
	n := o.Stated()
	switch n {
	case 8, 10, 16, 18:
		l.size = 4
	case 20, 22, 28, 30:
		l.size = 16
	default:
		return l, false
	}
	l.port = n%4 == 2
	l.hmac = n-4-l.size >= 8
	if v == 0 {
		if l.hmac {
			return layout{}, false
		}
		return l, o.low() == 4 && l.size == 4 || o.low() == 6 && l.size == 16
	}
	return l, l.hmac == (o.low()&1 == 0)
}

// read sets the fields behind the address id, as far as they are whole.
func (a *AddAddr) read(o Option, l layout) {
	at := 4 + l.size
	if len(o) < at {
		return
	}
	if l.size == 4 {
		a.Addr = netip.AddrFrom4([4]byte(o[4:8]))
	} else {
		a.Addr = netip.AddrFrom16([16]byte(o[4:20]))
	}
	if l.port && len(o) >= at+2 {
		a.HasPort, a.Port = true, binary.BigEndian.Uint16(o[at:])
	}
	if l.port {
		at += 2
	}
	if l.hmac && len(o) >= at+8 {
		a.HasHMAC, a.HMAC = true, binary.BigEndian.Uint64(o[at:])
	}
}

// RemoveAddr is a REMOVE_ADDR option (RFC 8684 section 3.4.2): all subflows that use one of the ids, local or remote, are
// to be closed.
type RemoveAddr struct {
	IDs []byte // view of the option, one address id a byte
}

// ParseRemoveAddr reads a REMOVE_ADDR option, of 4 bytes or more.
func ParseRemoveAddr(o Option) (r RemoveAddr, f Fault) {
	if f = check(o, SubRemoveAddr); f == WrongSubtype {
		return r, f
	}
	if o.Stated() < 4 {
		return r, BadLength
	}
	r.IDs = o[3:]
	if f == NoFault && o.low() != 0 {
		f = ReservedBits
	}
	return r, f
}
