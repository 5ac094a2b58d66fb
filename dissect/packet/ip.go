package packet

import "encoding/binary"

// IP protocol numbers (IANA).
const (
	protoHopByHop    = 0
	protoICMP        = 1
	protoIPv4        = 4
	protoTCP         = 6
	protoUDP         = 17
	protoIPv6        = 41
	protoRouting     = 43
	protoFragment    = 44
	protoGRE         = 47
	protoAH          = 51
	protoICMPv6      = 58
	protoDestination = 60
	protoEtherIP     = 97
	protoMobility    = 135
	protoMPLS        = 137
	protoHIP         = 139
	protoShim6       = 140
)

// ip decodes IPv4 or IPv6 by the version nibble.
func (p *Packet) ip(l layer) {
	if !p.need(l, 1) {
		return
	}
	switch l.b[0] >> 4 {
	case 4:
		p.ipv4(l)
	case 6:
		p.ipv6(l)
	default:
		p.Faults |= IPHeader
	}
}

// ipOrNot is ip where another protocol is as likely.
func (p *Packet) ipOrNot(l layer) {
	if !p.need(l, 1) {
		return
	}
	if v := l.b[0] >> 4; v != 4 && v != 6 {
		p.Kind = NotIP
		return
	}
	p.ip(l)
}

// ipv4 decodes an IPv4 header (RFC 791) and what is behind it.
//
//	 0                   1                   2                   3
//	|Version|  IHL  |Type of Service|          Total Length         |
//	|         Identification        |Flags|      Fragment Offset    |
//	|  Time to Live |    Protocol   |         Header Checksum       |
//	|                       Source Address                          |
//	|                    Destination Address                        |
func (p *Packet) ipv4(l layer) {
	if len(l.b) < 20 {
		p.need(l, 20)
		return
	}
	b := l.b[:20]
	header, total := int(b[0]&0x0f)*4, int(be16(b[2:]))
	if total == 0 { // segmentation offload: the kernel leaves the length to the network card
		total = l.wire
	}
	if b[0]>>4 != 4 || header < 20 || total < header {
		p.Faults |= IPHeader
		return
	}
	if total > l.wire {
		total = l.wire
		p.tooLong()
	}
	if total < header || !p.need(l, header) {
		return
	}
	fragment, proto, options := be16(b[6:]), b[9], l.b[20:header]
	l = layer{b: l.b[header:min(total, len(l.b))], wire: total - header}
	if fragment&0x3fff != 0 && !p.fragment(proto, fragment&0x1fff != 0) {
		return
	}
	p.V6, p.IPID, p.IPHeader = false, be16(b[4:]), uint16(header)
	map4(&p.Src, b[12:])
	map4(&p.Dst, b[16:])
	if header > 20 {
		p.sourceRoute(options)
	}
	if proto == protoTCP {
		p.tcp(l)
		return
	}
	p.ipPayload(proto, l)
}

// sourceRoute takes the destination from a source route among IPv4's options, where the packet has not been there yet, as route does
// for IPv6: it is the last of the route's addresses, unless the pointer is past them (RFC 791 section 3.1).
func (p *Packet) sourceRoute(o []byte) {
	const end, nop, loose, strict = 0, 1, 131, 137
	for len(o) > 0 && o[0] != end {
		if o[0] == nop {
			o = o[1:]
			continue
		}
		if len(o) < 2 || o[1] < 2 || int(o[1]) > len(o) {
			return
		}
		n := int(o[1])
		if o[0] == loose || o[0] == strict {
			if n >= 7 && o[2] >= 4 && o[2]&3 == 0 && int(o[2]) <= n {
				map4(&p.Dst, o[n-4:])
			}
			return
		}
		o = o[n:]
	}
}

// tooLong notes a length that goes past the end of what holds it, unless that is the first fragment of a tunnel's packet.
func (p *Packet) tooLong() {
	if p.Faults&FirstFragment == 0 {
		p.Faults |= IPLength
	}
}

// map4 writes the IPv4 address at the head of b as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2), in two stores: what is stored
// byte by byte and loaded as a word a little later makes the processor wait. Little-endian machines, which nearly all are,
// need no swap that the compiler would make bytes of.
func map4(a *Addr, b []byte) {
	le := binary.LittleEndian
	le.PutUint64(a[:8], 0)
	le.PutUint64(a[8:], 0xffff0000|uint64(le.Uint32(b))<<32)
}

// fragment notes that the datagram is fragmented, and reports whether its beginning is here. Only the first fragment has
// the TCP header; without reassembly the later ones can but be counted.
func (p *Packet) fragment(proto uint8, later bool) bool {
	if !later {
		p.Faults |= FirstFragment
		return true
	}
	switch proto {
	case protoTCP, protoIPv4, protoIPv6, protoGRE:
		p.Kind = Fragment
	default:
		p.Kind = OtherProtocol
	}
	return false
}

// ipv6 decodes an IPv6 header (RFC 8200), its extension headers and what is behind them.
func (p *Packet) ipv6(l layer) {
	if !p.need(l, 40) {
		return
	}
	head := l.b[:40]
	if head[0]>>4 != 6 {
		p.Faults |= IPHeader
		return
	}
	l = l.skip(40)
	n, next := int(be16(head[4:])), head[6]
	if n == 0 {
		n = jumbo(next, l)
	}
	if n > l.wire {
		n = l.wire
		p.tooLong()
	}
	p.V6, p.IPID = true, 0
	p.Src, p.Dst = Addr(head[8:24]), Addr(head[24:40])
	if next, l, ok := p.extensions(next, l.clip(n)); ok {
		p.IPHeader = uint16(40 + n - l.wire)
		p.ipPayload(next, l)
	}
}

// jumbo is the payload length where the field has 0: the jumbo payload option of a hop-by-hop header (RFC 2675), else all
// of the frame (segmentation offload).
func jumbo(next uint8, l layer) int {
	if next != protoHopByHop || len(l.b) < 2 {
		return l.wire
	}
	end := min((int(l.b[1])+1)*8, len(l.b))
	for at := 2; at+1 < end; {
		kind := l.b[at]
		if kind == 0 { // Pad1 has no length
			at++
			continue
		}
		if kind == 0xc2 && l.b[at+1] == 4 && at+6 <= end {
			return int(min(be32(l.b[at+2:]), 1<<30))
		}
		at += 2 + int(l.b[at+1])
	}
	return l.wire
}

// extensions walks the extension headers and gives the protocol behind them. It is not ok where they end early (Kind says
// why) or in a later fragment.
func (p *Packet) extensions(next uint8, l layer) (uint8, layer, bool) {
	for {
		kind, size := next, 8
		switch kind {
		case protoHopByHop, protoRouting, protoDestination, protoMobility, protoHIP, protoShim6, protoAH, protoFragment:
			if !p.need(l, 8) {
				return next, l, false
			}
		default:
			return next, l, true
		}
		switch kind {
		case protoFragment:
			offset := be16(l.b[2:])
			if offset&0xfff9 != 0 && !p.fragment(l.b[0], offset&0xfff8 != 0) {
				return next, l, false
			}
		case protoAH:
			size = (int(l.b[1]) + 2) * 4 // RFC 4302 section 2.2
		default:
			size = (int(l.b[1]) + 1) * 8
		}
		if !p.need(l, size) {
			return next, l, false
		}
		if kind == protoRouting {
			p.route(l.b[:size])
		}
		next, l = l.b[0], l.skip(size)
	}
}

// route takes the destination from a routing header where the packet has not been there yet: TCP's peer is the final
// destination, as for the checksum (RFC 8200 section 8.1). Types 0 (RFC 2460) and 2 (RFC 6275) list it last, segment
// routing (RFC 8754) first.
func (p *Packet) route(b []byte) {
	if b[3] == 0 || len(b) < 8+16 {
		return
	}
	switch b[2] {
	case 0, 2:
		last := (len(b) - 8) / 16
		p.Dst = Addr(b[8+16*(last-1):])
	case 4:
		p.Dst = Addr(b[8:])
	}
}

// ipPayload decodes what an IP packet carries.
func (p *Packet) ipPayload(proto uint8, l layer) {
	switch proto {
	case protoTCP:
		p.tcp(l)
	case protoIPv4, protoIPv6:
		if p.enter(IPinIP) {
			p.ip(l)
		}
	case protoGRE:
		p.gre(l)
	case protoUDP:
		p.udp(l)
	case protoEtherIP:
		p.etherIP(l)
	case protoMPLS:
		if p.enter(MPLSinIP) {
			p.mpls(l)
		}
	case protoAH:
		p.ah(l)
	case protoICMP, protoICMPv6:
		p.icmp(proto, l)
	default:
		p.Kind = OtherProtocol
	}
}

// icmp tells errors, which quote the beginning of a packet that was not delivered, from other messages. A quoted TCP
// segment is not a segment on the wire here.
func (p *Packet) icmp(proto uint8, l layer) {
	p.Kind = OtherProtocol
	if len(l.b) < 8+20 {
		return
	}
	quoted := l.b[8:]
	switch kind := l.b[0]; {
	case proto == protoICMP && (kind == 3 || kind == 4 || kind == 5 || kind == 11 || kind == 12):
		if quoted[9] == protoTCP { // RFC 792
			p.Kind = ICMPQuote
		}
	case proto == protoICMPv6 && kind >= 1 && kind <= 4:
		if quoted[6] == protoTCP { // RFC 4443 section 3
			p.Kind = ICMPQuote
		}
	}
}

// ah skips an authentication header in IPv4 (RFC 4302), where it is a protocol and not an extension header.
func (p *Packet) ah(l layer) {
	if next, l, ok := p.extensions(protoAH, l); ok {
		p.ipPayload(next, l)
	}
}
