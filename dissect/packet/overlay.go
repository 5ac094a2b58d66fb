package packet

// geneve decodes RFC 8926 section 3.4: version 0, options, a protocol type that is an EtherType.
func (p *Packet) geneve(l layer) {
	if len(l.b) < 8 || l.b[0]>>6 != 0 || !p.enter(Geneve) {
		return
	}
	p.Kind = Undecodable
	kind, size := be16(l.b[2:]), 8+int(l.b[0]&0x3f)*4
	if !p.need(l, size) {
		return
	}
	l = l.skip(size)
	switch {
	case kind == etherTEB:
		p.ethernet(l)
	case kind <= maxLength8023:
		p.Kind = OtherProtocol
	default:
		p.ether(kind, l)
	}
}

// vxlanGPE decodes the generic protocol extension of VXLAN (draft-ietf-nvo3-vxlan-gpe section 3): flag P says that the next
// protocol is told, else it is Ethernet.
func (p *Packet) vxlanGPE(l layer) {
	if len(l.b) < 8 || !p.enter(VXLAN) {
		return
	}
	next := uint8(nextEthernet)
	if l.b[0]&0x04 != 0 {
		next = l.b[3]
	}
	p.Kind = Undecodable
	p.next(next, l.skip(8))
}

// Next protocols of VXLAN-GPE and NSH (IANA).
const (
	nextIPv4     = 1
	nextIPv6     = 2
	nextEthernet = 3
	nextNSH      = 4
	nextMPLS     = 5
)

// next decodes what such a number announces.
func (p *Packet) next(kind uint8, l layer) {
	switch kind {
	case nextIPv4:
		p.ipv4(l)
	case nextIPv6:
		p.ipv6(l)
	case nextEthernet:
		p.ethernet(l)
	case nextNSH:
		p.nsh(l)
	case nextMPLS:
		p.mpls(l)
	default:
		p.Kind = OtherProtocol
	}
}

// nsh skips a network service header (RFC 8300 section 2.2), whose length is in 4-byte units.
func (p *Packet) nsh(l layer) {
	if !p.need(l, 8) {
		return
	}
	size, next := int(be16(l.b)&0x3f)*4, l.b[3]
	if size >= 8 && p.need(l, size) && p.enter(NSH) {
		p.next(next, l.skip(size))
	}
}

// l2tp decodes a data message of L2TP version 2 (RFC 2661 section 3.1): flags say which fields are there, then PPP.
func (p *Packet) l2tp(l layer) {
	if len(l.b) < 6 {
		return
	}
	flags := be16(l.b)
	if flags&0x800f != 2 { // a control message, or another version
		return
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
			return
		}
		size += int(be16(l.b[size-2:]))
	}
	if p.need(l, size) && p.enter(L2TP) {
		p.Kind = Undecodable
		p.ppp(l.skip(size))
	}
}

// teredo decodes IPv6 behind an authentication and an origin header, if they are there (RFC 4380 section 5.1.1).
func (p *Packet) teredo(l layer) {
	if len(l.b) >= 4 && be16(l.b) == 1 {
		size := 13 + int(l.b[2]) + int(l.b[3])
		if !p.need(l, size) {
			return
		}
		l = l.skip(size)
	}
	if len(l.b) >= 8 && be16(l.b) == 0 {
		l = l.skip(8)
	}
	if len(l.b) > 0 && l.b[0]>>4 == 6 && p.enter(Teredo) {
		p.Kind = Undecodable
		p.ipv6(l)
	}
}
