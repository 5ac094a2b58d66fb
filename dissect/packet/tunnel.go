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

// etherIP decodes Ethernet behind two bytes (RFC 3378).
func (p *Packet) etherIP(l layer) {
	if p.need(l, 2) && p.enter(EtherIP) {
		p.ethernet(l.skip(2))
	}
}

// ah skips an authentication header in IPv4 (RFC 4302), where it is a protocol and not an extension header.
func (p *Packet) ah(l layer) {
	if next, l, ok := p.extensions(protoAH, l); ok {
		p.inner(next, l)
	}
}

// gre decodes GRE version 0 (RFC 2784, RFC 2890) and version 1 (PPTP, RFC 2637).
func (p *Packet) gre(l layer) {
	if !p.need(l, 4) {
		return
	}
	flags, kind, size := be16(l.b), be16(l.b[2:]), 4
	if flags&0xc000 != 0 { // checksum or routing: both fields are there
		size += 4
	}
	if flags&0x2000 != 0 { // key; in version 1 payload length and call id
		size += 4
	}
	sequence := flags&0x1000 != 0
	if sequence {
		size += 4
	}
	if flags&0x0080 != 0 && flags&7 == 1 { // acknowledgment number
		size += 4
	}
	if !p.need(l, size) || !p.enter(GRE) {
		return
	}
	p.greInner(kind, sequence, l.skip(size))
}

func (p *Packet) greInner(kind uint16, sequence bool, l layer) {
	switch kind {
	case etherPPP:
		p.ppp(l)
	case etherERSPAN2: // type I, without a sequence number, has no header of its own
		if !sequence {
			p.ethernet(l)
		} else if p.need(l, 8) {
			p.ethernet(l.skip(8))
		}
	case etherERSPAN3:
		p.erspan3(l)
	default:
		p.carried(kind, l)
	}
}

// carried decodes what an EtherType announces in a tunnel, where it is never a length.
func (p *Packet) carried(kind uint16, l layer) {
	switch {
	case kind == etherTEB:
		p.ethernet(l)
	case kind <= maxLength8023:
		p.Kind = OtherProtocol
	default:
		p.ether(kind, l)
	}
}

// erspan3 skips an ERSPAN type III header: 12 bytes, 8 more if its O bit is set. Its frame type is 0 for Ethernet.
func (p *Packet) erspan3(l layer) {
	if !p.need(l, 12) {
		return
	}
	if l.b[10]&0x7c != 0 {
		p.Kind = NotIP
		return
	}
	size := 12
	if l.b[11]&1 != 0 {
		size += 8
	}
	if p.need(l, size) {
		p.ethernet(l.skip(size))
	}
}

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
		if p.opens(LISP, l, 8) {
			p.ipOrNot(l.skip(8))
		}
	case portVXLAN: // RFC 7348: flags, a network identifier
		if p.opens(VXLAN, l, 8) {
			p.ethernet(l.skip(8))
		}
	case portVXLANGPE: // draft-ietf-nvo3-vxlan-gpe section 3
		if p.opens(VXLAN, l, 8) {
			p.next(l.b[3], l.skip(8))
		}
	case portGeneve:
		if p.opens(Geneve, l, 8) {
			p.geneve(l)
		}
	case portMPLS: // RFC 7510
		if p.opens(MPLSinUDP, l, 4) {
			p.mpls(l)
		}
	case portTZSP:
		p.tzsp(l)
	default:
		return false
	}
	return true
}

// opens enters a tunnel whose header has n bytes at least. One that was cut is not followed.
func (p *Packet) opens(t Tunnel, l layer, n int) bool {
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
	if !p.opens(GTPU, l, 1) {
		return
	}
	if v := l.b[0] >> 4; v == 4 || v == 6 {
		p.ip(l)
	} else { // a session of type Ethernet (3GPP TS 23.501 section 5.6.10.2)
		p.ethernet(l)
	}
}
