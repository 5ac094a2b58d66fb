package packet

// EtherType numbers (IEEE 802 numbers at IANA).
const (
	etherIPv4      = 0x0800
	etherTEB       = 0x6558 // transparent Ethernet bridging, in GRE
	etherVLAN      = 0x8100
	etherIPv6      = 0x86dd
	etherMPLS      = 0x8847
	etherMPLSMulti = 0x8848
	etherPPP       = 0x880b
	etherPPPoE     = 0x8864
	etherQinQ      = 0x88a8
	etherQinQ9100  = 0x9100
	etherQinQ9200  = 0x9200
	etherERSPAN2   = 0x88be
	etherERSPAN3   = 0x22eb
	etherMACsec    = 0x88e5
	etherITag      = 0x88e7 // backbone service instance tag, IEEE 802.1ah
	etherCMD       = 0x8909 // Cisco metadata
	etherVNTag     = 0x8926
	etherHSR       = 0x892f
	etherNSH       = 0x894f
	maxLength8023  = 1500 // up to here the field is a length, IEEE 802.3 section 3.2.6
)

// ethernet decodes from the destination address on.
func (p *Packet) ethernet(l layer) {
	if p.need(l, 14) {
		p.ether(be16(l.b[12:]), l.skip(14))
	}
}

// ether decodes what an EtherType announces.
func (p *Packet) ether(kind uint16, l layer) {
	for n := tag(kind); n > 0; n = tag(kind) {
		if !p.need(l, n) {
			return
		}
		kind, l = be16(l.b[n-2:]), l.skip(n)
	}
	switch kind {
	case etherIPv4:
		p.ipv4(l)
	case etherIPv6:
		p.ipv6(l)
	case etherMPLS, etherMPLSMulti:
		p.mpls(l)
	case etherPPPoE:
		p.pppoe(l)
	case etherNSH:
		p.nsh(l)
	case etherMACsec:
		p.macsec(l)
	case etherTEB:
		p.nested(l)
	case etherITag:
		if p.need(l, 4) {
			p.nested(l.skip(4))
		}
	default:
		if kind <= maxLength8023 {
			p.llc(l.clip(min(int(kind), l.wire)))
			return
		}
		p.Kind = NotIP
	}
}

// tag is the size of the tag that an EtherType announces, the EtherType behind it included; 0 if it announces no tag.
func tag(kind uint16) int {
	switch kind {
	case etherVLAN, etherQinQ, etherQinQ9100, etherQinQ9200:
		return 4
	case etherVNTag, etherHSR:
		return 6
	case etherCMD:
		return 8
	}
	return 0
}

// nested decodes Ethernet in Ethernet, which is no tunnel but counts as an encapsulation.
func (p *Packet) nested(l layer) {
	if p.enter(NoTunnel) {
		p.ethernet(l)
	}
}

// macsec decodes a frame that is protected and not encrypted (IEEE 802.1AE section 9): 6 bytes, 8 more for an identifier
// of the sender if it is there, an EtherType. The check value at the end is behind the IP packet.
func (p *Packet) macsec(l layer) {
	if !p.need(l, 8) {
		return
	}
	size := 8
	if l.b[0]&0x20 != 0 {
		size += 8
	}
	if l.b[0]&0x8c != 0 { // another version, encrypted, or changed
		p.Kind = NotIP
	} else if p.need(l, size) {
		p.ether(be16(l.b[size-2:]), l.skip(size))
	}
}

// llc decodes an IEEE 802.2 header with a SNAP extension (RFC 1042).
func (p *Packet) llc(l layer) {
	if !p.need(l, 8) {
		return
	}
	if be32(l.b)>>8 != 0xaaaa03 {
		p.Kind = NotIP
		return
	}
	p.snap(l.skip(3))
}

// snap decodes a SNAP header: organisation 0 says that an EtherType follows.
func (p *Packet) snap(l layer) {
	if !p.need(l, 5) {
		return
	}
	if l.b[0]|l.b[1]|l.b[2] != 0 || be16(l.b[3:]) <= maxLength8023 {
		p.Kind = NotIP
		return
	}
	p.ether(be16(l.b[3:]), l.skip(5))
}

// mpls pops the label stack (RFC 3032); what is below is told by its first nibble, as there is no type field: 0 is a
// pseudowire. One without a control word may begin with any address.
func (p *Packet) mpls(l layer) {
	for bottom := false; !bottom; l = l.skip(4) {
		if !p.need(l, 4) {
			return
		}
		bottom = l.b[2]&1 != 0
	}
	if !p.need(l, 1) {
		return
	}
	switch first := l.b[0] >> 4; {
	case first == 0:
		p.pseudowire(l)
	case bareEthernet(l):
		p.nested(l)
	case first != 4 && first != 6 && len(l.b) < 14 && l.wire >= 14:
		p.Kind = Truncated
	default:
		p.ipOrNot(l)
	}
}

// bareEthernet reports whether an Ethernet frame below labels is likelier than what its first nibble says: its EtherType is there, and
// no IP packet that ends within the frame.
func bareEthernet(l layer) bool {
	if len(l.b) < 14 || !plausible(be16(l.b[12:])) {
		return false
	}
	switch l.b[0] >> 4 {
	case 4:
		header, total := int(l.b[0]&0x0f)*4, int(be16(l.b[2:]))
		return header < 20 || total != 0 && total < header || total > l.wire
	case 6:
		return 40+int(be16(l.b[4:])) > l.wire
	}
	return true
}

// pseudowire decodes Ethernet in MPLS, with a control word or without (RFC 4448 section 4.4): where the EtherType is tells.
func (p *Packet) pseudowire(l layer) {
	if !p.need(l, 18) {
		return
	}
	if plausible(be16(l.b[16:])) || !plausible(be16(l.b[12:])) {
		l = l.skip(4)
	}
	p.nested(l)
}

// plausible reports whether TCP is likely behind the EtherType.
func plausible(kind uint16) bool { return kind == etherIPv4 || kind == etherIPv6 || tag(kind) > 0 }
