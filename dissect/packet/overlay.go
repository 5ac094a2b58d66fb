package packet

// geneve decodes RFC 8926 section 3.4: options, a protocol type that is an EtherType.
func (p *Packet) geneve(l layer) {
	if size := 8 + int(l.b[0]&0x3f)*4; p.need(l, size) {
		p.carried(be16(l.b[2:]), l.skip(size))
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
	if p.need(l, size) && p.opens(L2TP, l, size) {
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
	if p.opens(Teredo, l, 1) {
		p.ipv6(l)
	}
	return true
}

// tzsp decodes what wireless sensors and routers send of the frames they see: a version, a type, the
// frame's link type, tags with lengths, the last of type 1.
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
	if (link == ethernet || link == wlan) && p.opens(TZSP, l, 2) {
		if l = l.skip(1); link == ethernet {
			p.ethernet(l)
		} else {
			p.wlan(l, false)
		}
	}
}
