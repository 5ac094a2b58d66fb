package main

import "encoding/binary"

// segment locates the TCP segment within an Ethernet frame that a kernel sent. It is a view: the
// slices alias the frame, so a middlebox changes the frame by changing them. Frames that are not
// TCP over IPv4 or IPv6 without extension headers give ok = false.
type segment struct {
	ip  []byte // the IP header and all that follows, without padding
	hdr int    // length of the IP header
	tcp []byte // the TCP header and payload
	off int    // length of the TCP header
}

// Offsets within the TCP header, and the flags the lab looks at (RFC 9293 §3.1).
const (
	flagSYN = 0x02
	flagACK = 0x10

	kindEnd, kindNop, kindMPTCP = 0, 1, 30 // TCP option kinds
)

// locate finds the TCP segment of a frame.
func locate(frame []byte) (s segment, ok bool) {
	if len(frame) < 14 {
		return s, false
	}
	ip := frame[14:]
	switch binary.BigEndian.Uint16(frame[12:]) {
	case 0x0800:
		if len(ip) < 20 || ip[9] != 6 {
			return s, false
		}
		total := int(binary.BigEndian.Uint16(ip[2:]))
		if total > len(ip) {
			return s, false
		}
		s = segment{ip: ip[:total], hdr: int(ip[0]&15) * 4}
	case 0x86dd:
		if len(ip) < 40 || ip[6] != 6 {
			return s, false
		}
		total := 40 + int(binary.BigEndian.Uint16(ip[4:]))
		if total > len(ip) {
			return s, false
		}
		s = segment{ip: ip[:total], hdr: 40}
	default:
		return s, false
	}
	if s.hdr < 20 || len(s.ip) < s.hdr+20 {
		return s, false
	}
	s.tcp = s.ip[s.hdr:]
	s.off = int(s.tcp[12]>>4) * 4
	return s, s.off >= 20 && s.off <= len(s.tcp)
}

func (s segment) v6() bool        { return s.ip[0]>>4 == 6 }
func (s segment) srcPort() uint16 { return binary.BigEndian.Uint16(s.tcp) }
func (s segment) dstPort() uint16 { return binary.BigEndian.Uint16(s.tcp[2:]) }
func (s segment) seq() uint32     { return binary.BigEndian.Uint32(s.tcp[4:]) }
func (s segment) flags() byte     { return s.tcp[13] }
func (s segment) payload() []byte { return s.tcp[s.off:] }
func (s segment) isSYN() bool     { return s.flags()&(flagSYN|flagACK) == flagSYN }
func (s segment) isSYNACK() bool  { return s.flags()&(flagSYN|flagACK) == flagSYN|flagACK }
func (s segment) src() []byte     { a, b := s.addrs(); return s.ip[a : a+b] }
func (s segment) dst() []byte     { a, b := s.addrs(); return s.ip[a+b : a+2*b] }
func (s segment) addrs() (at, n int) {
	if s.v6() {
		return 8, 16
	}
	return 12, 4
}

// options calls f with each TCP option, kind and length bytes included, until f returns false. A
// malformed length ends the walk.
func (s segment) options(f func(opt []byte) bool) {
	o := s.tcp[20:s.off]
	for len(o) > 0 && o[0] != kindEnd {
		n := 1
		if o[0] != kindNop {
			if len(o) < 2 || int(o[1]) < 2 || int(o[1]) > len(o) {
				return
			}
			n = int(o[1])
		}
		if !f(o[:n]) {
			return
		}
		o = o[n:]
	}
}

// mptcp gives the first MPTCP option of this subtype (RFC 8684 §8), kind and length included, or nil.
func (s segment) mptcp(subtype byte) []byte {
	var found []byte
	s.options(func(o []byte) bool {
		if o[0] == kindMPTCP && len(o) > 2 && o[2]>>4 == subtype {
			found = o
		}
		return found == nil
	})
	return found
}

// mend recomputes the TCP checksum, and the IPv4 header's.
func (s segment) mend() {
	if !s.v6() {
		binary.BigEndian.PutUint16(s.ip[10:], 0)
		binary.BigEndian.PutUint16(s.ip[10:], ^fold(sum(0, s.ip[:s.hdr])))
	}
	binary.BigEndian.PutUint16(s.tcp[16:], 0)
	at, n := s.addrs()
	pseudo := sum(uint32(len(s.tcp))+6, s.ip[at:at+2*n])
	binary.BigEndian.PutUint16(s.tcp[16:], ^fold(sum(pseudo, s.tcp)))
}

// sum adds b as big-endian 16-bit words to acc; an odd last byte counts as the high one (RFC 1071).
func sum(acc uint32, b []byte) uint32 {
	for ; len(b) >= 2; b = b[2:] {
		acc += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		acc += uint32(b[0]) << 8
	}
	return acc
}

func fold(acc uint32) uint16 {
	for acc > 0xffff {
		acc = acc>>16 + acc&0xffff
	}
	return uint16(acc)
}
