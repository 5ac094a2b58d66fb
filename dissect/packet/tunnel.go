package packet

// UDP ports of the tunnels that are recognised by port, as Wireshark does.
const (
	portL2TP     = 1701
	portGTPU     = 2152
	portTeredo   = 3544
	portVXLAN    = 4789
	portVXLANGPE = 4790
	portGeneve   = 6081
	portMPLS     = 6635
)

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
	case etherTEB:
		p.ethernet(l)
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
		if kind <= maxLength8023 {
			p.Kind = OtherProtocol
			return
		}
		p.ether(kind, l)
	}
}

// erspan3 skips an ERSPAN type III header: 12 bytes, 8 more if its O bit is set.
func (p *Packet) erspan3(l layer) {
	if !p.need(l, 12) {
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

// udp looks for the tunnels that run over UDP.
func (p *Packet) udp(l layer) {
	p.Kind = OtherProtocol
	if len(l.b) < 8 {
		return
	}
	src, dst := be16(l.b), be16(l.b[2:])
	switch l = l.skip(8); {
	case src == portVXLAN || dst == portVXLAN:
		p.vxlan(l)
	case src == portGTPU || dst == portGTPU:
		p.gtpu(l)
	case src == portGeneve || dst == portGeneve:
		p.geneve(l)
	case src == portVXLANGPE || dst == portVXLANGPE:
		p.vxlanGPE(l)
	case src == portL2TP || dst == portL2TP:
		p.l2tp(l)
	case src == portTeredo || dst == portTeredo:
		p.teredo(l)
	case dst == portMPLS: // RFC 7510: the source port is for load balancing
		if len(l.b) >= 4 && p.enter(MPLSinUDP) {
			p.mpls(l)
		}
	}
}

// vxlan decodes RFC 7348: flag I, a network identifier, then Ethernet.
func (p *Packet) vxlan(l layer) {
	if len(l.b) < 8 || l.b[0]&0x08 == 0 || !p.enter(VXLAN) {
		return
	}
	p.Kind = Undecodable
	p.ethernet(l.skip(8))
}

// gtpu decodes a G-PDU of GTP version 1 (3GPP TS 29.281 section 5): 8 bytes, 4 optional ones if any of the flags E, S, PN
// is set, extension headers, then IP.
func (p *Packet) gtpu(l layer) {
	if len(l.b) < 8 || l.b[0]>>4 != 3 || l.b[1] != 255 {
		return
	}
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
	if len(l.b) > 0 && p.enter(GTPU) {
		p.Kind = Undecodable
		p.ipOrNot(l)
	}
}
