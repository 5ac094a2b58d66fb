package packet

// gre decodes GRE version 0 (RFC 2784, RFC 2890, and RFC 1701 with a source route) and version 1 (PPTP, RFC 2637).
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
	l = l.skip(size)
	if flags&0x4000 != 0 {
		var ok bool
		if l, ok = p.greRoute(l); !ok {
			return
		}
	}
	p.greInner(kind, sequence, l)
}

// greRoute skips the entries of a source route (RFC 1701): an address family, an offset, a length, an address. One without family and
// address ends them.
func (p *Packet) greRoute(l layer) (rest layer, ok bool) {
	for {
		if !p.need(l, 4) {
			return l, false
		}
		family, size := be16(l.b), 4+int(l.b[3])
		if !p.need(l, size) {
			return l, false
		}
		if l = l.skip(size); family == 0 && size == 4 {
			return l, true
		}
	}
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
		p.tunnelled(kind, l)
	}
}

// tunnelled decodes what an EtherType announces in a tunnel, where it is never a length.
func (p *Packet) tunnelled(kind uint16, l layer) {
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

// etherIP decodes Ethernet behind two bytes (RFC 3378).
func (p *Packet) etherIP(l layer) {
	if p.need(l, 2) && p.enter(EtherIP) {
		p.ethernet(l.skip(2))
	}
}

// nsh skips a network service header (RFC 8300 section 2.2), whose length is in 4-byte units.
func (p *Packet) nsh(l layer) {
	if !p.need(l, 8) {
		return
	}
	size, next := int(be16(l.b)&0x3f)*4, l.b[3]
	if size >= 8 && p.need(l, size) && p.enter(NSH) {
		p.nextProtocol(next, l.skip(size))
	}
}

// Next protocols of VXLAN-GPE and NSH (IANA).
const (
	nextIPv4     = 1
	nextIPv6     = 2
	nextEthernet = 3
	nextNSH      = 4
	nextMPLS     = 5
)

// nextProtocol decodes what such a number announces.
func (p *Packet) nextProtocol(kind uint8, l layer) {
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
