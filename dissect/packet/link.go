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
	linkFRelay   = 107
	linkLoop     = 108
	linkEnc      = 109
	linkSLL      = 113
	linkRadiotap = 127
	linkPPI      = 192
	linkPPPDir   = 204
	linkIPv4     = 228
	linkIPv6     = 229
	linkNFLOG    = 239
	linkIPoIB    = 242
	linkPKTAP    = 258
	linkSLL2     = 276
)

// Link types of the captures that this program writes: Ethernet, and frames that begin with their IP header.
const (
	LinkEthernet = linkEthernet
	LinkRaw      = linkRaw
)

// LinkName is the name of a LINKTYPE_ number that frames are decoded of, as Wireshark calls it; empty for the others.
func LinkName(link uint32) string {
	for _, l := range linkNames {
		if l.link == link {
			return l.name
		}
	}
	return ""
}

var linkNames = [...]struct {
	link uint32
	name string
}{
	{linkNull, "NULL/Loopback"},
	{linkEthernet, "Ethernet"},
	{linkPPP, "PPP"},
	{linkRawBSD12, "Raw IP"},
	{linkRawBSD14, "Raw IP"},
	{linkRaw, "Raw IP"},
	{linkPPPHDLC, "PPP in HDLC-like framing"},
	{linkPPPoE, "PPP-over-Ethernet session"},
	{linkCHDLC, "Cisco HDLC"},
	{linkWLAN, "IEEE 802.11 Wireless LAN"},
	{linkFRelay, "Frame Relay"},
	{linkLoop, "OpenBSD loopback"},
	{linkEnc, "OpenBSD enc(4) encapsulating interface"},
	{linkRadiotap, "IEEE 802.11 plus radiotap radio header"},
	{linkPPI, "Per-Packet Information header"},
	{linkPPPDir, "PPP with Directional Info"},
	{linkNFLOG, "NFLOG"},
	{linkIPoIB, "RFC 4391 IP-over-Infiniband"},
	{linkPKTAP, "Apple PKTAP"},
	{linkSLL, "Linux cooked-mode capture v1"},
	{linkIPv4, "Raw IPv4"},
	{linkIPv6, "Raw IPv6"},
	{linkSLL2, "Linux cooked-mode capture v2"},
}

// link decodes a frame of a link type. It is a switch, not a table: methods that call it, as a PPI header has any link type
// behind it, cannot stand in a table that it reads.
func (p *Packet) link(number uint32, l layer) {
	switch number {
	case linkEthernet:
		p.ethernet(l)
	case linkRaw, linkRawBSD12, linkRawBSD14, linkIPv4, linkIPv6:
		p.ip(l)
	case linkSLL:
		p.sll(l)
	case linkSLL2:
		p.sll2(l)
	case linkNull, linkLoop:
		p.null(l)
	case linkPPP, linkPPPHDLC:
		p.ppp(l)
	case linkPPPoE:
		p.pppoe(l)
	case linkWLAN:
		p.wlan(l, false)
	case linkRadiotap:
		p.radiotap(l)
	case linkCHDLC:
		p.chdlc(l)
	case linkEnc:
		p.enc(l)
	case linkPPPDir:
		if p.need(l, 1) {
			p.ppp(l.skip(1))
		}
	case linkNFLOG:
		p.nflog(l)
	case linkIPoIB:
		p.ipoib(l)
	case linkFRelay:
		p.frameRelay(l)
	case linkPPI:
		p.ppi(l)
	case linkPKTAP:
		p.pktap(l)
	default:
		p.Kind = UnknownLink
	}
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
