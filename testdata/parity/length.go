package main

import (
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// fitting is the length of the variant that Wireshark reads of an option, whatever the option's own length is, and the low
// nibble that goes with it. They are the option's own where Wireshark has no other choice. A DSS that is too short for its
// flags is read up to its end.
func (o *option) fitting() (size int, low byte) {
	low = o.b[2] & 15
	subtype := mptcp.Subtype(o.b[2] >> 4)
	fixed := map[mptcp.Subtype]int{mptcp.SubFail: 12, mptcp.SubFastclose: 12, mptcp.SubReset: 4}
	switch subtype {
	case mptcp.SubCapable:
		return o.fittingCapable(low)
	case mptcp.SubDSS:
		if len(o.b) > 3 {
			if n := mptcp.DSSLength(o.b[3]); o.size != n && (o.size != n+2 || o.b[3]&flagMap == 0) {
				return n, low
			}
		}
	case mptcp.SubAddAddr: // by the length alone it has a HMAC, whatever version the nibble tells
		if v0 := low == 4 || low == 6; v0 && slices.Contains([]int{16, 18, 28, 30}, o.size) {
			return o.size, 0
		}
	case mptcp.SubPrio:
		if o.size > 4 {
			return 3, low
		}
	default:
		if n := fixed[subtype]; n != 0 && o.size > n {
			return n, low
		}
	}
	return o.size, low
}

// fittingCapable is fitting for MP_CAPABLE: keys are read by the length alone, the flags whatever the length is. No version
// 0 has only flags, or the length of data: here it is one to come.
func (o *option) fittingCapable(version byte) (size int, low byte) {
	const toCome = 2
	size = o.size
	switch size {
	case 12, 20:
		return size, version
	case 22, 24:
	default:
		size = 4
	}
	if o.size < size {
		return o.size, version
	}
	if version == 0 {
		version = toCome
	}
	return size, version
}

// fitted gives the option area b, in which the option begins at a byte, with that variant in its place.
func (o *option) fitted(b []byte, at int) []byte {
	if len(o.b) < 3 {
		return b
	}
	size, low := o.fitting()
	if size == o.size && low == o.b[2]&15 {
		return b
	}
	b = slices.Clone(b)
	b[at+1], b[at+2] = byte(size), b[at+2]&0xf0|low
	for i := at + size; i < min(at+o.size, len(b)); i++ {
		b[i] = 1 // padding
	}
	return b
}
