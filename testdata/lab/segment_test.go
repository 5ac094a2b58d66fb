package main

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

// build makes a frame with gopacket, which also computes its checksums: the lab's own arithmetic is
// checked against it.
func build(t *testing.T, tcp layers.TCP, payload string, v6 bool) []byte {
	t.Helper()
	eth := &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 1, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 1, 2}}
	stack := []gopacket.SerializableLayer{eth}
	if v6 {
		eth.EthernetType = layers.EthernetTypeIPv6
		ip := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolTCP,
			SrcIP: net.ParseIP("2001:db8:1::1"), DstIP: net.ParseIP("2001:db8:1::2")}
		tcp.SetNetworkLayerForChecksum(ip)
		stack = append(stack, ip)
	} else {
		eth.EthernetType = layers.EthernetTypeIPv4
		ip := &layers.IPv4{Version: 4, TTL: 64, Id: 77, Protocol: layers.IPProtocolTCP,
			SrcIP: net.IP{10, 0, 1, 1}, DstIP: net.IP{10, 0, 1, 2}}
		tcp.SetNetworkLayerForChecksum(ip)
		stack = append(stack, ip)
	}
	stack = append(stack, &tcp, gopacket.Payload(payload))
	buf := gopacket.NewSerializeBuffer()
	opt := gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}
	if err := gopacket.SerializeLayers(buf, opt, stack...); err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(buf.Bytes())
}

// checkSums asserts that a frame's checksums are those that gopacket computes for it.
func checkSums(t *testing.T, frame []byte) {
	t.Helper()
	p := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.Default)
	tcp, ok := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
	if !ok {
		t.Fatalf("no TCP in % x: %v", frame, p.ErrorLayer())
	}
	if err := tcp.SetNetworkLayerForChecksum(p.NetworkLayer()); err != nil {
		t.Fatal(err)
	}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializePacket(buf, gopacket.SerializeOptions{ComputeChecksums: true}, p); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(buf.Bytes(), frame) {
		t.Errorf("checksums:\n got % x\nwant % x", frame, buf.Bytes())
	}
}

// mptcpSYN has an MP_CAPABLE between a window scale and the padding.
func mptcpSYN() layers.TCP {
	return layers.TCP{SrcPort: 40000, DstPort: 5001, Seq: 100, SYN: true, Window: 1000, Options: []layers.TCPOption{
		{OptionType: layers.TCPOptionKindWindowScale, OptionLength: 3, OptionData: []byte{7}},
		{OptionType: 30, OptionLength: 4, OptionData: []byte{0x01, 0x01}},
	}}
}

func TestMendAgreesWithGopacket(t *testing.T) {
	for _, v6 := range []bool{false, true} {
		for _, payload := range []string{"", "odd", "even"} {
			frame := build(t, mptcpSYN(), payload, v6)
			want := bytes.Clone(frame)
			s, ok := locate(frame)
			if !ok {
				t.Fatalf("v6=%v: not located", v6)
			}
			s.tcp[16], s.tcp[17] = 0xaa, 0x55
			s.mend()
			if !bytes.Equal(frame, want) {
				t.Errorf("v6=%v %q:\n got % x\nwant % x", v6, payload, frame, want)
			}
		}
	}
}

func TestLocateTakesAnyBytes(t *testing.T) {
	for _, v6 := range []bool{false, true} {
		frame := build(t, mptcpSYN(), "payload", v6)
		for n := range frame {
			if s, ok := locate(frame[:n]); ok && len(s.payload()) > n {
				t.Errorf("located a segment in %d of %d bytes", n, len(frame))
			}
		}
		for i := 12; i < len(frame); i++ {
			for _, v := range []byte{0, 1, 0x0f, 0x7f, 0xff} {
				bad := bytes.Clone(frame)
				bad[i] = v
				newTallyOf(bad) // walks options as well
			}
		}
	}
}

func newTallyOf(frames ...[]byte) tally {
	t := newTally()
	for _, f := range frames {
		t.add(f)
	}
	return t
}

func TestTally(t *testing.T) {
	join := mptcpSYN()
	join.SrcPort = 40001
	join.Options = []layers.TCPOption{{OptionType: 30, OptionLength: 12, OptionData: []byte{0x10, 2, 1, 2, 3, 4, 5, 6, 7, 8}}}
	plain := mptcpSYN()
	plain.SrcPort, plain.Options = 40002, nil
	late := layers.TCP{SrcPort: 40003, DstPort: 5001, ACK: true, Options: []layers.TCPOption{
		{OptionType: 30, OptionLength: 8, OptionData: []byte{0x20, 1, 0, 0, 0, 1}}}}
	key := layers.TCP{SrcPort: 5001, DstPort: 40000, SYN: true, ACK: true, Options: []layers.TCPOption{
		{OptionType: 30, OptionLength: 12, OptionData: []byte{1, 1, 1, 2, 3, 4, 5, 6, 7, 8}}}}
	reply := build(t, key, "", false)
	s, _ := locate(reply)
	for i := range 4 { // the reply comes from the server
		s.src()[i], s.dst()[i] = s.dst()[i], s.src()[i]
	}
	arp := make([]byte, 42)
	got := newTallyOf(build(t, mptcpSYN(), "", false), reply, build(t, join, "", false), build(t, plain, "", false),
		build(t, plain, "", false), build(t, late, "", false), arp).counts
	want := Counts{Frames: 7, Kept: 6, TCPStreams: 4, MPTCP: 2, Connections: 1, Subflows: 2}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestStrip(t *testing.T) {
	ack := mptcpSYN()
	ack.SYN, ack.ACK = false, true
	synack := mptcpSYN()
	synack.ACK = true
	frames := map[string]layers.TCP{"syn": mptcpSYN(), "synack": synack, "ack": ack}
	tests := []struct {
		do   string
		hits map[string]bool
	}{
		{boxStripSYN, map[string]bool{"syn": true}},
		{boxStripSYNACK, map[string]bool{"synack": true}},
		{boxStrip, map[string]bool{"syn": true, "synack": true, "ack": true}},
	}
	for _, tt := range tests {
		for name, tcp := range frames {
			frame := build(t, tcp, "data", false)
			m := &middlebox{Box: Box{Do: tt.do}}
			if got := m.apply(frame, 0); got != tt.hits[name] {
				t.Errorf("%s of %s: changed is %v", tt.do, name, got)
			}
			s, _ := locate(frame)
			if gone := s.mptcp(subCapable) == nil; gone != tt.hits[name] {
				t.Errorf("%s of %s: option gone is %v", tt.do, name, gone)
			}
			if !bytes.Equal(s.tcp[20:23], []byte{3, 3, 7}) {
				t.Errorf("%s of %s: the window scale became % x", tt.do, name, s.tcp[20:23])
			}
			checkSums(t, frame)
		}
	}
}

func TestRewriteWaitsAndCounts(t *testing.T) {
	m := &middlebox{Box: Box{Do: boxRewrite, AfterMs: 100, Count: 1}}
	data := mptcpSYN()
	data.SYN, data.ACK = false, true
	try := func(payload string, at time.Duration) (changed bool, after string) {
		frame := build(t, data, payload, true)
		changed = m.apply(frame, at)
		checkSums(t, frame)
		s, _ := locate(frame)
		return changed, string(s.payload())
	}
	if c, p := try("abcde", ms(99)); c || p != "abcde" {
		t.Errorf("too early: %v %q", c, p)
	}
	if c, _ := try("", ms(101)); c {
		t.Error("changed a segment without payload")
	}
	if c, p := try("abcde", ms(102)); !c || p != "abCde" {
		t.Errorf("in time: %v %q", c, p)
	}
	if c, p := try("abcde", ms(103)); c || p != "abcde" {
		t.Errorf("once more than asked: %v %q", c, p)
	}
}

func TestNATIsUndoneOnTheWayBack(t *testing.T) {
	for _, v6 := range []bool{false, true} {
		p := Path{V6: v6, Boxes: []Box{{Do: boxNAT, Addr: "10.0.1.77"}}}
		if v6 {
			p.Boxes[0].Addr = "2001:db8:1::77"
		}
		out, back := newMiddleboxes(p, clientAddr(p, 0), up)[0], newMiddleboxes(p, clientAddr(p, 0), down)[0]
		frame := build(t, mptcpSYN(), "x", v6)
		if !out.apply(frame, 0) {
			t.Fatalf("v6=%v: not translated", v6)
		}
		checkSums(t, frame)
		s, _ := locate(frame)
		if a, _ := netip.AddrFromSlice(s.src()); a.String() != p.Boxes[0].Addr || s.srcPort() != 25535 {
			t.Errorf("v6=%v: the server sees %v:%d", v6, a, s.srcPort())
		}
		answer := mptcpSYN()
		answer.SrcPort, answer.DstPort = 5001, layers.TCPPort(s.srcPort())
		reply := build(t, answer, "", v6)
		r, _ := locate(reply)
		copy(r.dst(), s.src())
		copy(r.src(), serverAddr(p, 0).AsSlice())
		if !back.apply(reply, 0) {
			t.Fatalf("v6=%v: the answer is not translated", v6)
		}
		checkSums(t, reply)
		if a, _ := netip.AddrFromSlice(r.dst()); a != clientAddr(p, 0) || r.dstPort() != 40000 {
			t.Errorf("v6=%v: the answer goes to %v:%d", v6, a, r.dstPort())
		}
		if out.apply(reply, 0) {
			t.Errorf("v6=%v: translated a frame that isn't the client's", v6)
		}
	}
}

func TestOffloadSegments(t *testing.T) {
	data := mptcpSYN()
	data.SYN, data.ACK, data.PSH, data.FIN = false, true, true, true
	payload := "the payload of a segment that a host left to its device to cut"
	for _, v6 := range []bool{false, true} {
		frame := build(t, data, payload, v6)
		cut := offload{size: 20, checksum: true}.segments(frame)
		if len(cut) != 4 {
			t.Fatalf("v6=%v: %d segments, want 4", v6, len(cut))
		}
		whole := ""
		for i, f := range cut {
			checkSums(t, f)
			s, _ := locate(f)
			if s.seq() != 100+uint32(len(whole)) {
				t.Errorf("v6=%v: segment %d has seq %d", v6, i, s.seq())
			}
			if last := i == len(cut)-1; (s.flags()&0x09 == 0x09) != last {
				t.Errorf("v6=%v: segment %d has flags %#x", v6, i, s.flags())
			}
			if !v6 && s.ip[5] != byte(77+i) {
				t.Errorf("segment %d has IP id %d", i, s.ip[5])
			}
			if s.mptcp(subCapable) == nil {
				t.Errorf("v6=%v: segment %d lost its option", v6, i)
			}
			whole += string(s.payload())
		}
		if whole != payload {
			t.Errorf("v6=%v: the segments hold %q", v6, whole)
		}
	}
}

func TestOffloadFinishesChecksum(t *testing.T) {
	want := build(t, mptcpSYN(), "data", false)
	frame := bytes.Clone(want)
	s, _ := locate(frame)
	s.tcp[16], s.tcp[17] = 1, 2
	got := offload{checksum: true}.segments(frame)
	if len(got) != 1 || !bytes.Equal(got[0], want) {
		t.Errorf("got % x\nwant % x", got, want)
	}
	if s.tcp[16] != 1 {
		t.Error("the host's own frame was changed: its capture shows the unfinished checksum")
	}
}
