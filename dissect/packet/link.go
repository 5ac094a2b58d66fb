package packet

import "math/bits"

// LINKTYPE_ and DLT_ numbers. Raw IP has several: DLT_RAW differs between systems and old files hold the number itself.
const (
	linkNull     = 0
	linkEthernet = 1
	linkPPP      = 9
	linkRawBSD12 = 12
	linkRawBSD14 = 14
	linkPPPHDLC  = 50
	linkPPPoE    = 51
	linkRaw      = 101
	linkCHDLC    = 104
	linkWLAN     = 105
	linkLoop     = 108
	linkEnc      = 109
	linkSLL      = 113
	linkRadiotap = 127
	linkPPPDir   = 204
	linkIPv4     = 228
	linkIPv6     = 229
	linkNFLOG    = 239
	linkIPoIB    = 242
	linkSLL2     = 276
)

// LinkName is the name of a LINKTYPE_ number that frames are decoded of, as Wireshark calls it; empty for the others.
func LinkName(link uint32) string {
	switch link {
	case linkNull:
		return "NULL/Loopback"
	case linkEthernet:
		return "Ethernet"
	case linkPPP:
		return "PPP"
	case linkRawBSD12, linkRawBSD14, linkRaw:
		return "Raw IP"
	case linkPPPHDLC:
		return "PPP in HDLC-like framing"
	case linkPPPoE:
		return "PPP-over-Ethernet session"
	case linkCHDLC:
		return "Cisco HDLC"
	case linkWLAN:
		return "IEEE 802.11 Wireless LAN"
	case linkLoop:
		return "OpenBSD loopback"
	case linkEnc:
		return "OpenBSD enc(4) encapsulating interface"
	case linkRadiotap:
		return "IEEE 802.11 plus radiotap radio header"
	case linkPPPDir:
		return "PPP with Directional Info"
	case linkNFLOG:
		return "NFLOG"
	case linkIPoIB:
		return "RFC 4391 IP-over-Infiniband"
	case linkSLL:
		return "Linux cooked-mode capture v1"
	case linkIPv4:
		return "Raw IPv4"
	case linkIPv6:
		return "Raw IPv6"
	case linkSLL2:
		return "Linux cooked-mode capture v2"
	}
	return ""
}

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
	for isVLAN(kind) {
		if !p.need(l, 4) {
			return
		}
		kind, l = be16(l.b[2:]), l.skip(4)
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
	default:
		if kind <= maxLength8023 {
			p.llc(l)
			return
		}
		p.Kind = NotIP
	}
}

func isVLAN(kind uint16) bool {
	return kind == etherVLAN || kind == etherQinQ || kind == etherQinQ9100 || kind == etherQinQ9200
}

// llc decodes an IEEE 802.2 header with a SNAP extension that holds an EtherType (RFC 1042).
func (p *Packet) llc(l layer) {
	if !p.need(l, 8) {
		return
	}
	if be32(l.b) != 0xaaaa0300 || be16(l.b[4:]) != 0 || be16(l.b[6:]) <= maxLength8023 {
		p.Kind = NotIP
		return
	}
	p.ether(be16(l.b[6:]), l.skip(8))
}

// mpls pops the label stack (RFC 3032); what is below is told by its first nibble, as there is no type field.
func (p *Packet) mpls(l layer) {
	for {
		if !p.need(l, 4) {
			return
		}
		bottom := l.b[2]&1 != 0
		l = l.skip(4)
		if bottom {
			break
		}
	}
	p.ipOrNot(l)
}

// pppoe decodes a session header (RFC 2516); other codes than 0 are discovery.
func (p *Packet) pppoe(l layer) {
	if !p.need(l, 6) {
		return
	}
	if l.b[1] != 0 {
		p.Kind = NotIP
		return
	}
	n := int(be16(l.b[4:]))
	l = l.skip(6)
	p.ppp(l.clip(min(n, l.wire)))
}

// PPP protocol numbers (IANA).
const (
	pppIPv4 = 0x0021
	pppIPv6 = 0x0057
	pppMPLS = 0x0281
)

// ppp decodes PPP with or without the HDLC-like address and control bytes ff 03 (RFC 1662), and with a protocol field of
// two bytes or compressed to one (RFC 1661 section 6.5).
func (p *Packet) ppp(l layer) {
	if len(l.b) >= 2 && l.b[0] == 0xff && l.b[1] == 0x03 {
		l = l.skip(2)
	}
	if !p.need(l, 2) {
		return
	}
	kind, n := be16(l.b), 2
	if l.b[0]&1 != 0 {
		kind, n = uint16(l.b[0]), 1
	}
	switch l = l.skip(n); kind {
	case pppIPv4:
		p.ipv4(l)
	case pppIPv6:
		p.ipv6(l)
	case pppMPLS:
		p.mpls(l)
	default:
		p.Kind = NotIP
	}
}

// arphrdNetlink in a cooked header: the protocol field is a netlink family there.
const arphrdNetlink = 824

// sll decodes a Linux cooked header, version 1.
func (p *Packet) sll(l layer) {
	if p.need(l, 16) {
		p.cooked(be16(l.b[2:]), be16(l.b[14:]), l.skip(16))
	}
}

// sll2 decodes a Linux cooked header, version 2, which tcpdump writes for the "any" interface today.
func (p *Packet) sll2(l layer) {
	if p.need(l, 20) {
		p.cooked(be16(l.b[8:]), be16(l.b), l.skip(20))
	}
}

func (p *Packet) cooked(hardware, kind uint16, l layer) {
	const linux8022 = 4 // ETH_P_802_2
	switch {
	case hardware == arphrdNetlink:
		p.Kind = NotIP
	case kind == linux8022:
		p.llc(l)
	case kind <= maxLength8023:
		p.Kind = NotIP
	default:
		p.ether(kind, l)
	}
}

// null decodes BSD loopback: an address family in the byte order of the capturing machine (LINKTYPE_NULL) or in network
// order (LINKTYPE_LOOP). Families are below 2¹⁶, which tells the order.
func (p *Packet) null(l layer) {
	if !p.need(l, 4) {
		return
	}
	family := be32(l.b)
	if family > 0xffff {
		family = bits.ReverseBytes32(family)
	}
	switch l = l.skip(4); family {
	case 2: // AF_INET everywhere
		p.ipv4(l)
	case 24, 28, 30: // AF_INET6 of NetBSD and OpenBSD, FreeBSD, macOS
		p.ipv6(l)
	default:
		p.Kind = NotIP
	}
}

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
