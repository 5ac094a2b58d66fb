package packet

import "encoding/binary"

// chdlc decodes Cisco HDLC: an address, a control byte, an EtherType.
func (p *Packet) chdlc(l layer) {
	if p.need(l, 4) {
		p.ether(be16(l.b[2:]), l.skip(4))
	}
}

// enc decodes what OpenBSD captures of IPsec: a family in the byte order of the machine, 8 more bytes, then IP.
func (p *Packet) enc(l layer) {
	if p.need(l, 12) {
		p.ipOrNot(l.skip(12))
	}
}

// nflog decodes what netfilter logs: 4 bytes, then values with length (its own 4 bytes included) and type in the byte order of
// the machine, padded to 4 bytes; that of type 9 is the packet.
func (p *Packet) nflog(l layer) {
	const payload = 9
	if !p.need(l, 4) {
		return
	}
	for l = l.skip(4); p.need(l, 4); {
		n, kind := int(l.b[0])|int(l.b[1])<<8, uint16(l.b[2])|uint16(l.b[3])<<8
		if kind&0xff00 != 0 && kind&0xff == 0 { // a machine with the big end first
			n, kind = int(be16(l.b)), be16(l.b[2:])
		}
		if n < 4 {
			return
		}
		if kind == payload {
			l = l.skip(4)
			p.ipOrNot(l.clip(min(n-4, l.wire)))
			return
		}
		if n = (n + 3) &^ 3; !p.need(l, n) {
			return
		}
		l = l.skip(n)
	}
}

// ipoib decodes IP over InfiniBand: a global routing header, an EtherType and two bytes (RFC 4391 section 6).
func (p *Packet) ipoib(l layer) {
	if p.need(l, 44) {
		p.ether(be16(l.b[40:]), l.skip(44))
	}
}

// Network layer protocols in Frame Relay (RFC 2427).
const (
	nlpidPadding = 0 // before an IEEE 802 SNAP header
	nlpidSNAP    = 0x80
	nlpidIPv6    = 0x8e
	nlpidIPv4    = 0xcc
)

// frameRelay decodes an address of 2 to 4 bytes, of which the last is odd, then a control byte and a protocol (RFC 2427
// section 3), or, as Cisco has it, an EtherType.
func (p *Packet) frameRelay(l layer) {
	const unnumbered = 3
	n := 2
	for n < 4 && len(l.b) >= n && l.b[n-1]&1 == 0 {
		n++
	}
	if !p.need(l, n+2) {
		return
	}
	l = l.skip(n)
	control, protocol := l.b[0], l.b[1]
	switch l = l.skip(2); {
	case control != unnumbered:
		p.ether(uint16(control)<<8|uint16(protocol), l)
	case protocol == nlpidIPv4:
		p.ipv4(l)
	case protocol == nlpidIPv6:
		p.ipv6(l)
	case protocol == nlpidPadding:
		if p.need(l, 6) && l.b[0] == nlpidSNAP {
			p.snap(l.skip(1))
		}
	default:
		p.Kind = NotIP
	}
}

// ppi skips a per-packet information header: its length and the link type of what is behind it, in little endian.
func (p *Packet) ppi(l layer) {
	if p.need(l, 8) {
		p.anyLink(l, int(binary.LittleEndian.Uint16(l.b[2:])), binary.LittleEndian.Uint32(l.b[4:]))
	}
}

// pktap skips the header that Apple's systems put before a frame: its length, 1 for a packet, its link type.
func (p *Packet) pktap(l layer) {
	const isPacket = 1
	if !p.need(l, 12) {
		return
	}
	if binary.LittleEndian.Uint32(l.b[4:]) != isPacket {
		p.Kind = NotIP
		return
	}
	p.anyLink(l, int(binary.LittleEndian.Uint32(l.b)), binary.LittleEndian.Uint32(l.b[8:]))
}

// anyLink decodes a frame of some link type behind a header of n bytes.
func (p *Packet) anyLink(l layer, n int, link uint32) {
	if n >= 8 && p.need(l, n) && p.enter(NoTunnel) {
		p.link(link, l.skip(n))
	}
}
