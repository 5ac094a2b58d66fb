package packet

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"
)

// usualSegments are segments that are decoded in one go.
func usualSegments() (list [][]byte) {
	for _, ts := range []string{"", "0101080a 00000001 00000002 "} {
		list = append(list,
			tcp(0x18, ts+"1e1a200f 0000000000000001 0000000000000002 00000001 0564 0101", "a payload"),
			tcp(0x18, ts+"0101 1e1a200f 0000000000000001 0000000000000002 00000001 0564", "a payload"),
			tcp(0x10, ts+"1e0c2003 0000000000000001", ""),
			tcp(0x10, ts+"1e082001 00000001", ""),
			tcp(0x110, ts, "plain TCP"),
			tcp(0x38, ts+"1e142005 00000001 00000002 00000001 0005 abcd", "with a checksum"))
	}
	return list
}

// usualLinks are what such segments come over, by the link type of the frame.
var usualLinks = []struct {
	link  uint32
	frame func(kind uint16, ip []byte) []byte
}{
	{linkEthernet, ether},
	{linkEthernet, func(kind uint16, ip []byte) []byte { return ether(etherVLAN, join(unhex("0005"), be(kind), ip)) }},
	{linkSLL, func(kind uint16, ip []byte) []byte {
		return join(unhex("0000 0001 0006 020000000001 0000"), be(kind), ip)
	}},
	{linkSLL2, func(kind uint16, ip []byte) []byte {
		return join(be(kind), unhex("0000 00000002 0001 00 06 020000000001 0000"), ip)
	}},
}

func be(n uint16) []byte { return binary.BigEndian.AppendUint16(nil, n) }

// TestUsual compares both ways of decoding: of usual frames, and of all that differ from one in a byte or end early.
func TestUsual(t *testing.T) {
	for i, segment := range usualSegments() {
		for k, l := range usualLinks {
			for _, f := range [][]byte{l.frame(etherIPv4, ipv4(protoTCP, segment)), l.frame(etherIPv6, ipv6(protoTCP, segment))} {
				var p Packet
				if Decode(&p, l.link, f, uint32(len(f))); p.Usual == NotUsual {
					t.Errorf("segment %d, link %d: frame is not usual: %x", i, k, f)
				}
				compareNear(t, l.link, f)
			}
		}
	}
}

// compareNear compares both ways for a frame, and for all that differ from it in a byte or end early.
func compareNear(t *testing.T, link uint32, f []byte) {
	for at := range f {
		b := bytes.Clone(f)
		for bit := range 8 {
			b[at] = f[at] ^ 1<<bit
			compareGeneral(t, link, b, uint32(len(b)))
		}
		for _, v := range []byte{0, 1, 0x45, 0x50, 0xf0, 0xff, f[at] - 1, f[at] + 2, f[at] - 4} {
			b[at] = v
			compareGeneral(t, link, b, uint32(len(b)))
		}
		compareGeneral(t, link, f[:at], uint32(len(f)))
		compareGeneral(t, link, f[:at], uint32(at))
	}
	padded := append(bytes.Clone(f), make([]byte, 9)...)
	compareGeneral(t, link, padded, uint32(len(padded)))
	compareGeneral(t, link, f, uint32(len(f)+1000))
	compareGeneral(t, link, f, uint32(len(f)-1))
}

// compareGeneral fails if a frame comes out differently where it is decoded the general way.
func compareGeneral(t *testing.T, link uint32, frame []byte, length uint32) {
	t.Helper()
	a, b := usedPacket(), usedPacket()
	Decode(&a, link, frame, length)
	b.Kind, b.Faults, b.Tunnel = Undecodable, 0, NoTunnel
	b.general(link, frame, int(length))
	if a.Kind != b.Kind || a.Faults != b.Faults || a.Tunnel != b.Tunnel {
		t.Fatalf("%v, %b; the general way says %v, %b; frame %x", a.Kind, a.Faults, b.Kind, b.Faults, frame)
	}
	if a.Usual != NotUsual && (a.Kind != TCP || a.Faults != 0 || a.HeaderCut || a.Flags&unusualFlags != 0 || a.NumMPTCP > 1) {
		t.Fatalf("%+v is usual", a)
	}
	if a.Kind != TCP {
		return
	}
	a.Kinds()
	a.Usual = NotUsual
	for _, p := range []*Packet{&a, &b} {
		p.depth = 0
		clear(p.kinds[p.numKinds:])
		clear(p.MPTCP[p.NumMPTCP:])
		if !p.HasMSS {
			p.MSS = 0
		}
		if !p.HasWScale {
			p.WScale = 0
		}
		if !p.HasTS {
			p.TSVal = 0
		}
		if !p.HasTSEcr {
			p.TSEcr = 0
		}
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("%+v\nthe general way says\n%+v\nframe %x", a, b, frame)
	}
}
