package packet

import (
	"encoding/binary"
	"fmt"
	"testing"
)

// frame is a frame with what becomes of it. Every expectation without a tshark field is also tshark's.
type frame struct {
	name  string
	link  uint32
	bytes []byte
	wire  int // original length, 0 for len(bytes)

	kind   Kind
	tunnel Tunnel
	v6     bool
	length uint32 // of the payload
	kinds  string
	faults Fault
	// tshark is what tshark 4.0.17 says where it differs, "len|kinds", and why names the cause.
	tshark, why string
}

// everyLayer has one frame for each link type, tunnel and IP form, all around the same segment, which carries 5 bytes.
func everyLayer() []frame {
	segment := tcp(0x10, "0101080a0000000100000002", "inner")
	four, six := ipv4(protoTCP, segment), ipv6(protoTCP, segment)
	eth := ether(etherIPv4, four)
	f := func(name string, link uint32, bytes []byte) frame {
		return frame{name: name, link: link, bytes: bytes, kind: TCP, length: 5, kinds: "1,1,8"}
	}
	in := func(t Tunnel, f frame) frame {
		f.tunnel = t
		return f
	}
	v6 := func(f frame) frame {
		f.v6 = true
		return f
	}
	noMPLS := func(f frame) frame {
		f.tshark, f.why = "|", "knows pseudowires without a control word by the address' first digit and manufacturer"
		return f
	}
	pppoe := join(unhex("1100 0001"), binary.BigEndian.AppendUint16(nil, uint16(2+len(four))), unhex("0021"), four)
	gtp := func(head string, n int) []byte {
		b := unhex(head)
		binary.BigEndian.PutUint16(b[2:], uint16(len(four)+n))
		return ether(etherIPv4, ipv4(protoUDP, udp(2152, 2152, join(b, four))))
	}
	port := func(n uint16, head string, b []byte) []byte {
		return ether(etherIPv4, ipv4(protoUDP, udp(5555, n, join(unhex(head), b))))
	}
	snap := unhex("aaaa03 000000 0800")
	gre := func(head string, b []byte) []byte { return ether(etherIPv4, ipv4(protoGRE, join(unhex(head), b))) }
	return []frame{
		f("Ethernet", linkEthernet, eth),
		f("Ethernet, padding", linkEthernet, join(eth, make([]byte, 9))),
		v6(f("Ethernet, IPv6", linkEthernet, ether(etherIPv6, six))),
		f("VLAN", linkEthernet, ether(etherVLAN, join(unhex("0005 0800"), four))),
		f("VLAN in VLAN", linkEthernet, ether(etherQinQ, join(unhex("0005 8100 0006 0800"), four))),
		f("MPLS", linkEthernet, ether(etherMPLS, join(unhex("00001040 00002140"), four))),
		v6(f("MPLS, IPv6", linkEthernet, ether(etherMPLS, join(unhex("00002140"), six)))),
		f("PPPoE", linkEthernet, ether(etherPPPoE, pppoe)),
		f("VLAN, PPPoE", linkEthernet, ether(etherVLAN, join(unhex("0005 8864"), pppoe))),
		f("LLC SNAP", linkEthernet, ether(uint16(8+len(four)), join(unhex("aaaa03 000000 0800"), four))),
		f("PPP", linkPPP, join(unhex("0021"), four)),
		f("PPP, address and control", linkPPP, join(unhex("ff03 0021"), four)),
		v6(f("PPP, compressed, IPv6", linkPPP, join(unhex("57"), six))),
		f("PPP HDLC", linkPPPHDLC, join(unhex("ff03 0021"), four)),
		f("PPPoE link", linkPPPoE, pppoe),
		f("SLL", linkSLL, join(unhex("0000 0001 0006 0202020202020000 0800"), four)),
		f("SLL, VLAN", linkSLL, join(unhex("0000 0001 0006 0202020202020000 8100 0005 0800"), four)),
		v6(f("SLL2, IPv6", linkSLL2, join(unhex("86dd 0000 00000001 0001 00 06 0202020202020000"), six))),
		f("raw 101", linkRaw, four),
		v6(f("raw 101, IPv6", linkRaw, six)),
		f("raw 12", linkRawBSD12, four),
		v6(f("raw 14, IPv6", linkRawBSD14, six)),
		f("IPv4 link", linkIPv4, four),
		v6(f("IPv6 link", linkIPv6, six)),
		f("null, little", linkNull, join(unhex("02000000"), four)),
		f("null, big", linkNull, join(unhex("00000002"), four)),
		v6(f("null, FreeBSD IPv6", linkNull, join(unhex("1c000000"), six))),
		v6(f("null, macOS IPv6", linkNull, join(unhex("1e000000"), six))),
		v6(f("null, OpenBSD IPv6", linkNull, join(unhex("00000018"), six))),
		f("loop", linkLoop, join(unhex("00000002"), four)),
		v6(f("loop, IPv6", linkLoop, join(unhex("0000001e"), six))),

		in(IPinIP, f("IPv4 in IPv4", linkEthernet, ether(etherIPv4, ipv4(protoIPv4, four)))),
		in(IPinIP, v6(f("IPv6 in IPv4", linkEthernet, ether(etherIPv4, ipv4(protoIPv6, six))))),
		in(IPinIP, f("IPv4 in IPv6", linkEthernet, ether(etherIPv6, ipv6(protoIPv4, four)))),
		in(IPinIP, v6(f("IPv6 in IPv6", linkEthernet, ether(etherIPv6, ipv6(protoIPv6, six))))),
		in(GRE, f("GRE", linkEthernet, gre("0000 0800", four))),
		in(GRE, f("GRE, checksum, key, sequence", linkEthernet, gre("b000 0800 00000000 00000001 00000002", four))),
		in(GRE, f("GRE, source route", linkEthernet, gre("4000 0800 00000000 0800 0408 0a0000070a000008 00000000", four))),
		in(GRE, f("GRE, key, empty source route", linkEthernet, gre("6000 0800 00000000 00000001 00000000", four))),
		in(GRE, f("GRE, Ethernet", linkEthernet, gre("0000 6558", eth))),
		in(GRE, f("GRE, MPLS", linkEthernet, gre("0000 8847 00002140", four))),
		in(GRE, f("GRE version 1, PPP", linkEthernet, gre("3081 880b 003f0001 00000001 00000002 ff03 0021", four))),
		in(GRE, f("ERSPAN I", linkEthernet, gre("0000 88be", eth))),
		in(GRE, f("ERSPAN II", linkEthernet, gre("1000 88be 00000001 1000000000000000", eth))),
		in(GRE, f("ERSPAN III", linkEthernet, gre("1000 22eb 00000001 200000000000000000000000", eth))),
		in(VXLAN, f("VXLAN", linkEthernet, ether(etherIPv4, ipv4(protoUDP, udp(5555, 4789, join(unhex("0800000000000100"), eth)))))),
		in(GTPU, f("GTP-U", linkEthernet, gtp("30ff 0000 00000001", 0))),
		in(GTPU, f("GTP-U, sequence number", linkEthernet, gtp("32ff 0000 00000001 0001 00 00", 4))),
		in(GTPU, f("GTP-U, extension header", linkEthernet, gtp("34ff 0000 00000001 0000 00 85 01100100", 8))),
		in(GTPU, f("GTP-U, Ethernet", linkEthernet, port(2152, "30ff"+fmt.Sprintf("%04x", len(eth))+"00000001", eth))),
		in(Geneve, f("Geneve", linkEthernet, port(6081, "0000 6558 00000100", eth))),
		in(Geneve, f("Geneve, options", linkEthernet, port(6081, "0200 0800 00000100 0102030100000000", four))),
		in(VXLAN, f("VXLAN-GPE, IPv4", linkEthernet, port(4790, "0c00 0001 00000100", four))),
		in(VXLAN, v6(f("VXLAN-GPE, IPv6", linkEthernet, port(4790, "0c00 0002 00000100", six)))),
		in(VXLAN, f("VXLAN-GPE, NSH, Ethernet", linkEthernet, port(4790, "0c00 0004 00000100 0002 0203 00000101", eth))),
		in(NSH, f("NSH", linkEthernet, ether(etherNSH, join(unhex("0006 0101 00000101"), make([]byte, 16), four)))),
		in(L2TP, f("L2TP", linkEthernet, port(1701, "0002 0001 0001 ff03 0021", four))),
		in(L2TP, f("L2TP, length, sequence numbers, offset", linkEthernet,
			port(1701, "4a02 "+fmt.Sprintf("%04x", 20+len(four))+" 0001 0001 0001 0000 0002 0000 ff03 0021", four))),
		in(Teredo, v6(f("Teredo", linkEthernet, port(3544, "", six)))),
		in(Teredo, v6(f("Teredo, origin", linkEthernet, port(3544, "0000 1234 c0000201", six)))),
		in(MPLSinUDP, f("MPLS in UDP", linkEthernet, port(6635, "00010140", four))),
		f("802.11", linkWLAN, join(unhex("0801 0000"), make([]byte, 20), snap, four)),
		f("802.11, QoS, four addresses", linkWLAN, join(unhex("8803 0000"), make([]byte, 28), snap, four)),
		f("radiotap, 802.11, QoS", linkRadiotap, join(unhex("0000 0900 02000000 00 8801 0000"), make([]byte, 22), snap, four)),
		f("radiotap, padded header", linkRadiotap,
			join(unhex("0000 1900 03000080 00000000 00000000 0000000000000000 20 8801 0000"), make([]byte, 24), snap, four)),
		f("Cisco HDLC", linkCHDLC, join(unhex("0f00 0800"), four)),
		f("enc", linkEnc, join(unhex("02000000 00000000 00000000"), four)),
		f("PPP with direction", linkPPPDir, join(unhex("01 ff03 0021"), four)),
		f("NFLOG", linkNFLOG, join(unhex("02000000 0005 000a 65000000"), binary.BigEndian.AppendUint16(nil, uint16(4+len(four))), unhex("0009"), four, make([]byte, (4-len(four)%4)%4))),
		v6(f("IP over InfiniBand, IPv6", linkIPoIB, join(make([]byte, 40), unhex("86dd 0000"), six))),
		f("Frame Relay", linkFRelay, join(unhex("1841 03cc"), four)),
		v6(f("Frame Relay, address of 4 bytes, IPv6", linkFRelay, join(unhex("18400001 038e"), six))),
		f("Frame Relay, SNAP", linkFRelay, join(unhex("1841 0300 80 000000 0800"), four)),
		f("Frame Relay, Cisco", linkFRelay, join(unhex("1841 0800"), four)),
		f("PPI", linkPPI, join(unhex("0000 0800 01000000"), eth)),
		f("PPI, 802.11", linkPPI, join(unhex("0000 2000 69000000 02001400"), make([]byte, 20), unhex("0801 0000"), make([]byte, 20), snap, four)),
		f("PKTAP", linkPKTAP, join(unhex("6c000000 01000000 01000000"), make([]byte, 96), eth)),
		v6(f("PKTAP, raw IP", linkPKTAP, join(unhex("6c000000 01000000 0c000000"), make([]byte, 96), six))),
		f("MACsec", linkEthernet, ether(etherMACsec, join(unhex("0000 00000001 0800"), four, make([]byte, 16)))),
		f("MACsec, sender", linkEthernet, ether(etherMACsec, join(unhex("2000 00000001 0202020202020001 0800"), four, make([]byte, 16)))),
		f("802.1ah", linkEthernet, ether(etherQinQ, join(unhex("0001 88e7 00000001"), eth))),
		f("VN-Tag", linkEthernet, ether(etherVNTag, join(unhex("00010002 0800"), four))),
		f("Cisco metadata", linkEthernet, ether(etherCMD, join(unhex("0101 0001 0064 0800"), four))),
		f("HSR", linkEthernet, ether(etherHSR, join(unhex("0034 0001 0800"), four))),
		f("Ethernet in Ethernet", linkEthernet, ether(etherTEB, eth)),
		f("MPLS pseudowire", linkEthernet, ether(etherMPLS, join(unhex("00002140 00000000"), eth))),
		f("MPLS pseudowire, no control word", linkEthernet, ether(etherMPLS, join(unhex("00002140 00000c010203 00000c040506 0800"), four))),
		noMPLS(f("MPLS pseudowire, no control word, any address", linkEthernet, ether(etherMPLS, join(unhex("00002140 525400010203 525400040506 0800"), four)))),
		noMPLS(f("MPLS pseudowire to an address like IPv4", linkEthernet, ether(etherMPLS, join(unhex("00002140 45d400010203 525400040506 0800"), four)))),
		noMPLS(f("MPLS pseudowire to an address like IPv6", linkEthernet, ether(etherMPLS, join(unhex("00002140 6045cb010203 525400040506 0800"), four)))),
		in(MPLSinIP, f("MPLS in IP", linkEthernet, ether(etherIPv4, ipv4(protoMPLS, join(unhex("00002140"), four))))),
		in(EtherIP, f("EtherIP", linkEthernet, ether(etherIPv4, ipv4(protoEtherIP, join(unhex("3000"), eth))))),
		in(LISP, f("LISP", linkEthernet, port(4341, "80000001 00000001", four))),
		in(TZSP, f("TZSP", linkEthernet, port(37008, "0100 0001 01", eth))),
		in(TZSP, f("TZSP, tags, 802.11", linkEthernet, port(37008, "0101 0012 00 0a01c5 01 08010000"+fmt.Sprintf("%040x", 0), join(snap, four)))),
		in(VXLAN, f("VXLAN to a port of L2TP", linkEthernet, ether(etherIPv4, ipv4(protoUDP, udp(4789, 1701, join(unhex("0800000000000100"), eth)))))),
		in(GRE, f("GRE in VLAN, IPv4 in it", linkEthernet,
			ether(etherVLAN, join(unhex("0005 0800"), ipv4(protoGRE, join(unhex("0000 0800"), ipv4(protoIPv4, four))))))),

		f("authentication header", linkEthernet, ether(etherIPv4, ipv4(protoAH, join(unhex("06040000"), make([]byte, 20), segment)))),
		v6(f("IPv6 hop-by-hop", linkEthernet, ether(etherIPv6, ipv6(protoHopByHop, join(unhex("0600010400000000"), segment))))),
		v6(f("IPv6 hop-by-hop, padding", linkEthernet,
			join(ether(etherIPv6, ipv6(protoHopByHop, join(unhex("0600010400000000"), segment))), make([]byte, 9)))),
		v6(f("IPv6 destination options twice", linkEthernet,
			ether(etherIPv6, ipv6(protoDestination, join(unhex("3c00010400000000 0600010400000000"), segment))))),
		v6(f("IPv6 routing", linkEthernet, ether(etherIPv6, ipv6(protoRouting, join(unhex("06020200 00000000"), make([]byte, 16), segment))))),
		v6(f("IPv6 atomic fragment", linkEthernet, ether(etherIPv6, ipv6(protoFragment, join(unhex("0600000000000001"), segment))))),
		v6(f("IPv6 authentication header", linkEthernet, ether(etherIPv6, ipv6(protoAH, join(unhex("06040000"), make([]byte, 20), segment))))),
	}
}

// oddFrames are the ones that lie, are cut, or are no TCP.
func oddFrames() []frame {
	segment := tcp(0x10, "", "0123456789")
	four := ipv4(protoTCP, segment)
	patch := func(b []byte, at int, v ...byte) []byte {
		b = join(b)
		copy(b[at:], v)
		return b
	}
	f := func(name string, bytes []byte, k Kind) frame {
		return frame{name: name, link: linkEthernet, bytes: bytes, kind: k}
	}
	with := func(f frame, length uint32, faults Fault) frame {
		f.length, f.faults = length, faults
		return f
	}
	differs := func(f frame, tshark, why string) frame {
		f.tshark, f.why = tshark, why
		return f
	}
	eth := ether(etherIPv4, four)
	long := frame{name: "IPv4 options", link: linkEthernet, kind: TCP, length: 10,
		bytes: ether(etherIPv4, patch(join(four[:20], unhex("01010100"), four[20:]), 0, 0x46, 0, 0, 54))}
	six := ipv6(protoTCP, segment)
	return []frame{
		long,
		with(f("offload: total length 0", patch(eth, 16, 0, 0), TCP), 10, 0),
		with(f("total length too long", patch(eth, 16, 1, 0xf4), TCP), 10, IPLength),
		with(f("total length below the header", patch(eth, 16, 0, 19), Undecodable), 0, IPHeader),
		with(f("total length cuts the payload", patch(eth, 16, 0, 42), TCP), 2, 0),
		with(f("total length cuts the TCP header", patch(eth, 16, 0, 38), TCP), 0, TCPLength),
		with(f("total length cuts the ports", patch(eth, 16, 0, 22), Undecodable), 0, 0),
		with(f("IPv4 header length 16", patch(eth, 14, 0x44), Undecodable), 0, IPHeader),
		with(f("IP version 5", patch(eth, 14, 0x55), Undecodable), 0, IPHeader),
		with(f("first fragment", patch(eth, 20, 0x20, 0), TCP), 10, FirstFragment),
		{name: "first fragment of a tunnel", link: linkEthernet, kind: TCP, tunnel: IPinIP, length: 6, faults: FirstFragment,
			bytes: patch(ether(etherIPv4, ipv4(protoIPv4, four[:len(four)-4])), 20, 0x20, 0)},
		f("later fragment", patch(eth, 20, 0x20, 1), Fragment),
		f("last fragment", patch(eth, 20, 0, 9), Fragment),
		f("later fragment of UDP", patch(ether(etherIPv4, ipv4(protoUDP, udp(1, 2, segment))), 20, 0, 9), OtherProtocol),
		with(differs(f("data offset 0", patch(eth, 46, 0), TCP), "30|", "takes header bytes for payload"), 0, TCPHeader),
		with(differs(f("data offset 4", patch(eth, 46, 0x40), TCP), "14|", "takes header bytes for payload"), 0, TCPHeader),
		with(f("data offset past the end", patch(eth, 46, 0xf0), TCP), 0, TCPLength|OptionLength),
		with(f("IPv6 length too long", patch(ether(etherIPv6, six), 18, 3, 0xe8), TCP), 10, IPLength),
		with(differs(f("offload: IPv6 length 0", patch(ether(etherIPv6, six), 18, 0, 0), TCP), "|", "knows offload in IPv4 only"), 10, 0),
		with(f("IPv6 first fragment", ether(etherIPv6, ipv6(protoFragment, join(unhex("0600000100000001"), segment))), TCP), 10, FirstFragment),
		f("IPv6 later fragment", ether(etherIPv6, ipv6(protoFragment, join(unhex("0600000900000001"), segment))), Fragment),
		f("IPv6 no next header", ether(etherIPv6, ipv6(59, nil)), OtherProtocol),
		f("UDP", ether(etherIPv4, ipv4(protoUDP, udp(1, 2, segment))), OtherProtocol),
		f("ICMP error", ether(etherIPv4, ipv4(protoICMP, join(unhex("0301000000000000"), four))), ICMPQuote),
		f("ICMP error about UDP", ether(etherIPv4, ipv4(protoICMP, join(unhex("0301000000000000"), ipv4(protoUDP, udp(1, 2, nil))))), OtherProtocol),
		f("ICMP echo", ether(etherIPv4, ipv4(protoICMP, join(unhex("0800000000000000"), four))), OtherProtocol),
		f("ICMPv6 error", ether(etherIPv6, ipv6(protoICMPv6, join(unhex("0100000000000000"), six))), ICMPQuote),
		f("ARP", ether(0x0806, make([]byte, 28)), NotIP),
		f("LLC, no SNAP", ether(38, join(unhex("424203"), make([]byte, 35))), NotIP),
		f("PPPoE discovery", ether(etherPPPoE, unhex("1109 0000 0000")), NotIP),
		{name: "PPP LCP", link: linkPPP, bytes: unhex("ff03 c021 01010004"), kind: NotIP},
		{name: "SLL netlink", link: linkSLL, bytes: join(unhex("0004 0338 0000 0000000000000000 0800"), four), kind: NotIP},
		f("MACsec, encrypted", ether(etherMACsec, join(unhex("2c00 00000001 0202020202020001"), eth)), NotIP),
		f("UDP length 7", ether(etherIPv4, ipv4(protoUDP, join(unhex("15b312b5 0007 0000 0800000000000100"), eth))), OtherProtocol),
		{name: "UDP length cuts the payload", link: linkEthernet, kind: TCP, tunnel: VXLAN, length: 2, faults: IPLength,
			bytes: ether(etherIPv4, ipv4(protoUDP, join(unhex("15b312b5 0048 0000 0800000000000100"), eth)))},
		f("L2TP version 3", ether(etherIPv4, ipv4(protoUDP, udp(5555, 1701, join(unhex("0003 0000 00000001"), eth)))), OtherProtocol),
		{name: "ERSPAN III of IP", link: linkEthernet, kind: NotIP, tunnel: GRE,
			bytes: ether(etherIPv4, ipv4(protoGRE, join(unhex("1000 22eb 00000001 200000000000000000000800"), four)))},
		{name: "null, other family", link: linkNull, bytes: join(unhex("07000000"), four), kind: NotIP},
		{name: "raw, no IP", link: linkRaw, bytes: unhex("00112233"), kind: Undecodable, faults: IPHeader},
		f("frame too short", unhex("020202"), Undecodable),
		f("empty", nil, Undecodable),
	}
}

// cutFrames are a segment of 40 bytes with 12 bytes of options, cut at each place from the IP header on.
func cutFrames() []frame {
	whole := ethernet4(tcp(0x10, "0101080a0000000100000002", string(make([]byte, 40))))
	var frames []frame
	for n := 14; n < len(whole); n++ {
		f := frame{name: "cut", link: linkEthernet, bytes: whole[:n:n], wire: len(whole), kind: TCP, length: 40}
		switch {
		case n < 14+20+16:
			f.kind, f.length = Truncated, 0
		case n >= 58: // the length of the timestamps is there
			f.kinds = "1,1,8"
		case n >= 56:
			f.kinds = "1,1"
		case n >= 55:
			f.kinds = "1"
		}
		frames = append(frames, f)
	}
	return frames
}

func TestFrames(t *testing.T) {
	var p Packet
	for _, set := range [][]frame{everyLayer(), oddFrames(), cutFrames(), optionFrames()} {
		for _, f := range set {
			wire := uint32(max(f.wire, len(f.bytes)))
			Decode(&p, f.link, f.bytes, wire)
			check(t, &p, f.bytes, wire)
			if p.Kind != f.kind || p.Faults != f.faults || p.Tunnel != f.tunnel {
				t.Errorf("%s (%d bytes): %v, faults %b, tunnel %v; want %v, %b, %v", f.name, len(f.bytes),
					p.Kind, p.Faults, p.Tunnel, f.kind, f.faults, f.tunnel)
			}
			if p.Kind != TCP {
				continue
			}
			if p.PayloadLen != f.length || kinds(&p) != f.kinds {
				t.Errorf("%s (%d bytes): length %d, kinds %s; want %d, %s", f.name, len(f.bytes), p.PayloadLen, kinds(&p), f.length, f.kinds)
			}
			checkSegment(t, f, &p)
		}
	}
}

// checkSegment compares the fields that are the same in all frames.
func checkSegment(t *testing.T, f frame, p *Packet) {
	t.Helper()
	src, dst, id := "10.0.0.1", "10.0.0.2", uint16(0x1234)
	if f.v6 || p.V6 {
		src, dst, id = "fd00::1", "fd00::2", 0
	}
	if p.Src.Netip(p.V6).String() != src || p.Dst.Netip(p.V6).String() != dst || p.IPID != id {
		t.Errorf("%s: from %v to %v, id %#x", f.name, p.Src.Netip(p.V6), p.Dst.Netip(p.V6), p.IPID)
	}
	if p.SrcPort != 1000 || p.DstPort != 2000 || p.Seq != 1 || p.Ack != 2 || p.Window != 100 {
		t.Errorf("%s: ports %d, %d, seq %d, ack %d, window %d", f.name, p.SrcPort, p.DstPort, p.Seq, p.Ack, p.Window)
	}
}

// TestEveryLink holds that a link type which is decoded, and no other, has a name and frames above.
func TestEveryLink(t *testing.T) {
	shown := map[uint32]bool{}
	for _, f := range everyLayer() {
		shown[f.link] = true
	}
	var p Packet
	for link := range uint32(1 << 12) {
		Decode(&p, link, nil, 0)
		if known, named := p.Kind != UnknownLink, LinkName(link) != ""; known != named || known != shown[link] {
			t.Errorf("link type %d: decoded %v, named %v, among the frames %v", link, known, named, shown[link])
		}
	}
}

// The original length may be below the captured one (some writers store 0 there).
func TestCapturedLength(t *testing.T) {
	b := ethernet4(tcp(0x10, "", "0123456789"))
	var p Packet
	Decode(&p, linkEthernet, b, 0)
	if p.Kind != TCP || p.PayloadLen != 10 || p.Faults != CapturedLength {
		t.Errorf("%v, %d, %b", p.Kind, p.PayloadLen, p.Faults)
	}
}

// A super-segment of segmentation offload: 64 KB of which 96 bytes were captured.
func TestSuperSegment(t *testing.T) {
	b := ethernet4(tcp(0x10, "", string(make([]byte, 42))))
	b[16], b[17] = 0, 0
	var p Packet
	Decode(&p, linkEthernet, b, 65550)
	if p.Kind != TCP || p.PayloadLen != 65550-54 || len(p.Payload()) != 42 || p.HeaderCut {
		t.Errorf("%v, %d, %d", p.Kind, p.PayloadLen, len(p.Payload()))
	}
}

// An IPv6 jumbogram says its length in a hop-by-hop option; what follows it is padding.
func TestJumbogram(t *testing.T) {
	segment := tcp(0x10, "", string(make([]byte, 42)))
	b := ether(etherIPv6, ipv6(protoHopByHop, join(unhex("0600 c204 00011170"), segment)))
	b[18], b[19] = 0, 0
	var p Packet
	Decode(&p, linkEthernet, b, 14+40+0x11170+4)
	if p.Kind != TCP || p.PayloadLen != 0x11170-8-20 {
		t.Errorf("%v, %d", p.Kind, p.PayloadLen)
	}
}

// The destination of a packet that a routing header still leads elsewhere is the last stop.
func TestRoutingHeader(t *testing.T) {
	segment := tcp(0x10, "", "")
	first, second := unhex("fd0000000000000000000000000000a1"), unhex("fd0000000000000000000000000000a2")
	for _, c := range []struct{ name, head, want string }{
		{"type 0", "06 04 00 02 00000000", "fd00::a2"},
		{"type 2", "06 04 02 01 00000000", "fd00::a2"},
		{"segment routing", "06 04 04 01 01000000", "fd00::a1"},
		{"arrived", "06 04 00 00 00000000", "fd00::2"},
		{"unknown type", "06 04 09 01 00000000", "fd00::2"},
	} {
		b := ether(etherIPv6, ipv6(protoRouting, join(unhex(c.head), first, second, segment)))
		var p Packet
		Decode(&p, linkEthernet, b, uint32(len(b)))
		if p.Kind != TCP || p.Dst.Netip(true).String() != c.want {
			t.Errorf("%s: %v, to %v", c.name, p.Kind, p.Dst.Netip(true))
		}
	}
}

// An IPv4 packet below labels is none of Ethernet's because its source address is like an EtherType.
func TestAddressLikeEtherType(t *testing.T) {
	for _, total := range []byte{45, 0} { // 0: offload
		four := ipv4(protoTCP, tcp(0x10, "", "inner"))
		four[3], four[12], four[13] = total, 8, 0
		b := ether(etherMPLS, join(unhex("00002140"), four))
		var p Packet
		Decode(&p, linkEthernet, b, uint32(len(b)))
		if p.Kind != TCP || p.PayloadLen != 5 {
			t.Errorf("total length %d: %v, %d bytes", total, p.Kind, p.PayloadLen)
		}
	}
}

// The same for an IPv4 source route.
func TestSourceRoute(t *testing.T) {
	for _, c := range []struct{ name, options, want string }{
		{"loose", "83 0b 04 0a000007 0a000009 00", "10.0.0.9"},
		{"strict, behind others, half way", "01 94040000 89 0b 08 0a000007 0a000009", "10.0.0.9"},
		{"arrived", "83 0b 0c 0a000007 0a000009 00", "10.0.0.2"},
		{"pointer between addresses", "83 0b 05 0a000007 0a000009 00", "10.0.0.2"},
		{"too short", "83 05 04 0a00 000000", "10.0.0.2"},
		{"past the header", "83 13 04 0a000007 0a000009 00", "10.0.0.2"},
		{"behind the end", "00 83 07 04 0a000007", "10.0.0.2"},
		{"record route", "07 07 04 0a000007 00", "10.0.0.2"},
	} {
		o := unhex(c.options)
		four := ipv4(protoTCP, join(o, tcp(0x10, "", "")))
		four[0] += byte(len(o) / 4)
		var p Packet
		Decode(&p, linkRaw, four, uint32(len(four)))
		if p.Kind != TCP || p.Dst.Netip(false).String() != c.want {
			t.Errorf("%s: %v, to %v", c.name, p.Kind, p.Dst.Netip(false))
		}
	}
}

// Encapsulations are followed to a depth that real networks do not reach.
func TestDepth(t *testing.T) {
	b := ipv4(protoTCP, tcp(0x10, "", "x"))
	for range maxDepth {
		b = ipv4(protoIPv4, b)
	}
	var p Packet
	Decode(&p, linkRaw, b, uint32(len(b)))
	if p.Kind != TCP || p.Faults != 0 {
		t.Errorf("%d levels: %v, %b", maxDepth, p.Kind, p.Faults)
	}
	b = ipv4(protoIPv4, b)
	Decode(&p, linkRaw, b, uint32(len(b)))
	if p.Kind != Undecodable || p.Faults != TooDeep {
		t.Errorf("%d levels: %v, %b", maxDepth+1, p.Kind, p.Faults)
	}
}
