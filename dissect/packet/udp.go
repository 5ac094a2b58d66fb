package packet

// UDP ports of the tunnels that are recognised by port, as Wireshark does.
const (
	portL2TP     = 1701
	portGTPU     = 2152
	portTeredo   = 3544
	portLISP     = 4341
	portVXLAN    = 4789
	portVXLANGPE = 4790
	portGeneve   = 6081
	portMPLS     = 6635
	portTZSP     = 37008
)

// udp looks for the tunnels that run over UDP. As Wireshark does it tries the lower port first; a header of another
// protocol is left to the higher one.
func (p *Packet) udp(l layer) {
	p.Kind = OtherProtocol
	if len(l.b) < 8 {
		return
	}
	low, high, n := be16(l.b), be16(l.b[2:]), int(be16(l.b[4:]))
	if n < 8 {
		return
	}
	l = l.clip(min(n, l.wire)).skip(8)
	if low > high {
		low, high = high, low
	}
	_ = p.overUDP(low, l) || p.overUDP(high, l)
}

// overUDP decodes the tunnel of a port. It is false where the port has none, or the bytes are not of its protocol.
func (p *Packet) overUDP(port uint16, l layer) bool {
	switch port {
	case portL2TP:
		return p.l2tp(l)
	case portGTPU:
		return p.gtpu(l)
	case portTeredo:
		return p.teredo(l)
	case portLISP:
		if p.enterUDP(LISP, l, 8) {
			p.ipOrNot(l.skip(8))
		}
	case portVXLAN: // RFC 7348: flags, a network identifier
		if p.enterUDP(VXLAN, l, 8) {
			p.ethernet(l.skip(8))
		}
	case portVXLANGPE: // draft-ietf-nvo3-vxlan-gpe section 3
		if p.enterUDP(VXLAN, l, 8) {
			p.nextProtocol(l.b[3], l.skip(8))
		}
	case portGeneve:
		if p.enterUDP(Geneve, l, 8) {
			p.geneve(l)
		}
	case portMPLS: // RFC 7510
		if p.enterUDP(MPLSinUDP, l, 4) {
			p.mpls(l)
		}
	case portTZSP:
		p.tzsp(l)
	default:
		return false
	}
	return true
}

// enterUDP enters a tunnel over UDP whose header has n bytes at least. One that was cut is not followed.
func (p *Packet) enterUDP(t Tunnel, l layer, n int) bool {
	if len(l.b) < n || !p.enter(t) {
		return false
	}
	p.Kind = Undecodable
	return true
}

// gtpu decodes a G-PDU of GTP version 1 (3GPP TS 29.281 section 5): 8 bytes, 4 optional ones if any of the flags E, S, PN
// is set, extension headers, then IP or Ethernet.
func (p *Packet) gtpu(l layer) bool {
	if len(l.b) < 8 || l.b[0]>>4 != 3 {
		return false
	}
	if l.b[1] == 255 {
		size := 8 + int(be16(l.b[2:]))
		p.gpdu(l.clip(min(size, l.wire)))
	}
	return true
}

func (p *Packet) gpdu(l layer) {
	flags, next := l.b[0], uint8(0)
	l = l.skip(8)
	if flags&7 != 0 {
		if !p.need(l, 4) {
			return
		}
		if flags&4 != 0 {
			next = l.b[3]
		}
		l = l.skip(4)
	}
	for next != 0 { // an extension header: its length in 4-byte units, contents, the next one's type
		if !p.need(l, 1) {
			return
		}
		size := int(l.b[0]) * 4
		if size == 0 || !p.need(l, size) {
			return
		}
		next, l = l.b[size-1], l.skip(size)
	}
	if !p.enterUDP(GTPU, l, 1) {
		return
	}
	if v := l.b[0] >> 4; v == 4 || v == 6 {
		p.ip(l)
	} else { // a session of type Ethernet (3GPP TS 23.501 section 5.6.10.2)
		p.ethernet(l)
	}
}

// geneve decodes RFC 8926 section 3.4: options, a protocol type that is an EtherType.
func (p *Packet) geneve(l layer) {
	if size := 8 + int(l.b[0]&0x3f)*4; p.need(l, size) {
		p.tunnelled(be16(l.b[2:]), l.skip(size))
	}
}

// l2tp decodes a data message of L2TP version 2 (RFC 2661 section 3.1): flags say which fields are there, then PPP. What
// version 3 carries was agreed on before.
func (p *Packet) l2tp(l layer) bool {
	if len(l.b) < 6 {
		return false
	}
	flags := be16(l.b)
	const control = 0x8000
	if version := flags & 0xf; version != 2 || flags&control != 0 {
		return version == 2 || version == 3
	}
	size := 6
	if flags&0x4000 != 0 { // length of all of it
		size += 2
		l = l.clip(min(int(be16(l.b[2:])), l.wire))
	}
	if flags&0x0800 != 0 { // sequence numbers
		size += 4
	}
	if flags&0x0200 != 0 { // offset: its size, and as many bytes
		if size += 2; !p.need(l, size) {
			return true
		}
		size += int(be16(l.b[size-2:]))
	}
	if p.need(l, size) && p.enterUDP(L2TP, l, size) {
		p.ppp(l.skip(size))
	}
	return true
}

// teredo decodes IPv6 behind an authentication and an origin header, if they are there (RFC 4380 section 5.1.1).
func (p *Packet) teredo(l layer) bool {
	if len(l.b) >= 4 && be16(l.b) == 1 {
		size := 13 + int(l.b[2]) + int(l.b[3])
		if !p.need(l, size) {
			return true
		}
		l = l.skip(size)
	}
	if len(l.b) >= 8 && be16(l.b) == 0 {
		l = l.skip(8)
	}
	if len(l.b) == 0 || l.b[0]>>4 != 6 {
		return false
	}
	if p.enterUDP(Teredo, l, 1) {
		p.ipv6(l)
	}
	return true
}

// tzsp decodes what wireless sensors and routers send of the frames they see: a version, a type, the frame's link type, tags
// with lengths, the last of type 1.
func (p *Packet) tzsp(l layer) {
	const (
		alive, opener  = 4, 5 // types without a frame
		padding, end   = 0, 1
		ethernet, wlan = 1, 18
	)
	if len(l.b) < 4 || l.b[1] == alive || l.b[1] == opener {
		return
	}
	link := be16(l.b[2:])
	for l = l.skip(4); p.need(l, 2) && l.b[0] != end; {
		n := 1
		if l.b[0] != padding {
			n = 2 + int(l.b[1])
		}
		if !p.need(l, n) {
			return
		}
		l = l.skip(n)
	}
	if (link == ethernet || link == wlan) && p.enterUDP(TZSP, l, 2) {
		if l = l.skip(1); link == ethernet {
			p.ethernet(l)
		} else {
			p.wlan(l, false)
		}
	}
}
