package main

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
)

// outers lists the addresses of the IPv4 headers of a tunnelled segment that stand before its own, outermost first, as Wireshark
// shows several values of a field. It is written apart from the dissector that it helps to check; behind a tunnel that it does not know
// it knows no headers.
func outers(link uint32, frame []byte, v6 bool) (src, dst string) {
	w := walkFrame(link, frame)
	if n := len(w.src); w.done && !v6 && n > 0 {
		w.src, w.dst = w.src[:n-1], w.dst[:n-1] // the segment's own
	}
	return strings.Join(w.src, ","), strings.Join(w.dst, ",")
}

// walk goes from header to header of a frame.
type walk struct {
	frame    int // its length
	src, dst []string
	done     bool     // it came to a TCP header
	left     int      // bytes behind the IP header, by its length
	ips      [][]byte // each IP header and all behind it
	vlans    []uint16 // of each, the VLAN before it, the innermost one; 0 without one
	vlan     uint16   // so far
	sizes    []int    // where the lengths are that headers have of what they hold, each of two bytes
}

func walkFrame(link uint32, frame []byte) *walk {
	w := &walk{frame: len(frame)}
	w.link(link, frame)
	return w
}

// size notes that a header has a length behind n bytes of b.
func (w *walk) size(b []byte, n int) { w.sizes = append(w.sizes, w.at(b)+n) }

// at is where in the frame b begins, of which it is the rest.
func (w *walk) at(b []byte) int { return w.frame - len(b) }

// segmentLen is how long the TCP segment of a frame is by its IP header.
func segmentLen(link uint32, frame []byte) int {
	return walkFrame(link, frame).left
}

// from is b without its first n bytes, nil where it has no more.
func from(b []byte, n int) []byte {
	if n > len(b) {
		return nil
	}
	return b[n:]
}

// word reads 16 bits, 0 where they are not there.
func word(b []byte, at int) uint16 {
	if len(b) < at+2 {
		return 0
	}
	return binary.BigEndian.Uint16(b[at:])
}

func (w *walk) link(link uint32, b []byte) {
	switch link {
	case 0, 108: // an address family
		w.ip(from(b, 4))
	case 1:
		w.ether(b)
	case 9, 50:
		w.ppp(b)
	case 12, 14, 101, 228, 229:
		w.ip(b)
	case 51:
		w.pppoe(b)
	case 104, 107: // Cisco HDLC, Frame Relay with RFC 2427's protocol numbers
		if link == 107 {
			w.ip(from(b, 4))
			return
		}
		w.typed(word(b, 2), from(b, 4))
	case 109:
		w.ip(from(b, 12))
	case 113:
		w.typed(word(b, 14), from(b, 16))
	case 192, 258: // a header with its length and what is behind it
		if len(b) >= 12 {
			size, at := int(binary.LittleEndian.Uint16(b[2:])), 4
			if link == 258 {
				size, at = int(binary.LittleEndian.Uint32(b)), 8
			}
			w.link(binary.LittleEndian.Uint32(b[at:]), from(b, size))
		}
	case 204: // a direction
		w.ppp(from(b, 1))
	case 239: // one value, the packet
		w.ip(from(b, 8))
	case 242:
		w.typed(word(b, 40), from(b, 44))
	case 276:
		w.typed(word(b, 0), from(b, 20))
	}
}

func (w *walk) ether(b []byte) { w.typed(word(b, 12), from(b, 14)) }

// typed goes on behind an EtherType.
func (w *walk) typed(t uint16, b []byte) {
	switch t {
	case 0x0800, 0x86dd:
		w.ip(b)
	case 0x8100, 0x88a8, 0x9100: // VLAN
		w.vlan = word(b, 0) & 0xfff
		w.typed(word(b, 2), from(b, 4))
	case 0x8847, 0x8848:
		w.mpls(b)
	case 0x8864:
		w.pppoe(b)
	case 0x880b:
		w.ppp(b)
	case 0x6558: // Ethernet in GRE
		w.ether(b)
	}
}

// mpls goes on behind the label with the bottom bit: with IP, with Ethernet, or with a control word and Ethernet.
func (w *walk) mpls(b []byte) {
	for len(b) >= 4 && b[2]&1 == 0 {
		b = b[4:]
	}
	switch b = from(b, 4); {
	case len(b) > 0 && b[0]>>4 != 0:
		w.ip(b)
	case isEthernet(word(b, 12)) && !isEthernet(word(b, 16)):
		w.ether(b)
	default:
		w.ether(from(b, 4))
	}
}

// isEthernet tells whether an EtherType is one that typed knows.
func isEthernet(t uint16) bool {
	return slices.Contains([]uint16{0x0800, 0x86dd, 0x8100, 0x88a8, 0x9100, 0x8847, 0x8848, 0x8864}, t)
}

func (w *walk) pppoe(b []byte) {
	w.size(b, 4)
	w.ppp(from(b, 6))
}

// ppp goes on with an address and a control byte, or without, and a protocol number that may be short.
func (w *walk) ppp(b []byte) {
	if word(b, 0) == 0xff03 {
		b = b[2:]
	}
	if len(b) > 0 && b[0]&1 != 0 {
		b = append([]byte{0}, b...)
	}
	switch word(b, 0) {
	case 0x0021, 0x0057:
		w.ip(from(b, 2))
	case 0x0281:
		w.mpls(from(b, 2))
	}
}

func (w *walk) ip(b []byte) {
	switch {
	case len(b) >= 20 && b[0]>>4 == 4:
		w.ips, w.vlans = append(w.ips, b), append(w.vlans, w.vlan)
		w.size(b, 2)
		w.src = append(w.src, netip.AddrFrom4([4]byte(b[12:16])).String())
		w.dst = append(w.dst, netip.AddrFrom4([4]byte(b[16:20])).String())
		w.left = int(word(b, 2)) - int(b[0]&15)*4
		if word(b, 6)&0x1fff == 0 { // else it is a later fragment
			w.payload(b[9], from(b, int(b[0]&15)*4))
		}
	case len(b) >= 40 && b[0]>>4 == 6:
		w.ips, w.vlans = append(w.ips, b), append(w.vlans, w.vlan)
		w.size(b, 4)
		w.left = int(word(b, 4))
		w.extended(b[6], b[40:])
	}
}

// extended goes on behind an IPv6 header, or in what follows it.
func (w *walk) extended(next uint8, b []byte) {
	for (next == 0 || next == 43 || next == 60 || next == 140) && len(b) >= 8 {
		n := (int(b[1]) + 1) * 8
		next, b, w.left = b[0], from(b, n), w.left-n
	}
	w.payload(next, b)
}

// payload goes on behind an IP header.
func (w *walk) payload(protocol uint8, b []byte) {
	switch protocol {
	case 6:
		w.done = true
	case 4, 41:
		w.ip(b)
	case 44: // fragment header
		if len(b) >= 8 && word(b, 2)&0xfff8 == 0 {
			w.left -= 8
			w.extended(b[0], b[8:])
		}
	case 51: // authentication header
		if len(b) >= 8 {
			n := (int(b[1]) + 2) * 4
			w.left -= n
			w.extended(b[0], from(b, n))
		}
	case 47:
		w.gre(b)
	case 97: // EtherIP
		w.ether(from(b, 2))
	case 137:
		w.mpls(b)
	case 17:
		w.udp(b)
	}
}

func (w *walk) gre(b []byte) {
	if len(b) < 4 {
		return
	}
	n := 4
	for _, bit := range []byte{0xc0, 0x20, 0x10} { // checksum or route, key, sequence number
		if b[0]&bit != 0 {
			n += 4
		}
	}
	if b[1]&0x87 == 0x81 { // acknowledgment number
		n += 4
	}
	rest := from(b, n)
	for routed := b[0]&0x40 != 0; routed && len(rest) >= 4; {
		routed = word(rest, 0) != 0 || rest[3] != 0
		rest = from(rest, 4+int(rest[3]))
	}
	w.typed(word(b, 2), rest)
}

func (w *walk) udp(b []byte) {
	w.size(b, 4)
	switch word(b, 2) {
	case 4789:
		w.ether(from(b, 16))
	case 2152:
		if len(b) >= 16 {
			w.gtp(b[8:])
		}
	case 6081: // Geneve, without options
		w.typed(word(b, 10), from(b, 16))
	case 6635:
		w.mpls(from(b, 8))
	}
}

// gtp goes on in a GTP-U header.
func (w *walk) gtp(b []byte) {
	w.size(b, 2)
	flags := b[0]
	rest := from(b, 8)
	if flags&7 != 0 {
		for next, area := byte(1), from(b, 11); next != 0; {
			if len(area) < 1 {
				return
			}
			next = area[0]
			if rest = from(area, 1); next == 0 {
				break
			}
			if len(rest) < 1 || rest[0] == 0 {
				return
			}
			area = from(area, int(rest[0])*4)
		}
	}
	w.ip(rest)
}
