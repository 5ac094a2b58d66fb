package packet

import (
	"bytes"
	"testing"
)

// links are the link types of the fuzz target, by index.
var links = []uint32{
	linkEthernet, linkRaw, linkSLL, linkSLL2, linkNull, linkLoop, linkPPP, linkPPPHDLC, linkPPPoE, linkIPv4, linkIPv6,
	linkRawBSD12, linkRawBSD14, 147, linkWLAN, linkRadiotap, linkCHDLC, linkEnc, linkPPPDir, linkNFLOG, linkIPoIB,
	linkFRelay, linkPPI, linkPKTAP,
}

// regressions are inputs that fuzzing found, with what they were about.
var regressions = []struct {
	name    string
	link    uint8 // index into links
	frame   string
	missing uint16
}{
	{"a header that goes past the segment and past the capture", 0, `30303030303030303030303008004530303030302000300630303030303030303030
		303030303030303030303030f0303030303030303020`, 20},
	{"padding behind an IPv6 packet with a hop-by-hop header", 0, `30303030303030303030303086dd613030300028003030303030303030303030
		303030303030303030303030303030303030303030300600303030303030303030303030303030303030583030303030303030303030303030303030
		303030303030303030303030303030`, 0},
	{"a routing header that leads elsewhere", 0, `02020202020204040404040486dd60000000003d2b40fd000000000000000000000000000001
		fd00000000000000000000000000000206020001000000000000000000000000000000000000000003e807d0000002000000000280100064000000000101
		080a0000000100000002696e6e6572`, 0},
	{"a PPPoE length that goes past the frame, around an IPv4 packet without a length", 0, `303030303030303030303030886430003030003221453000003030000030063030
		303030303030303030303030303030303030303058303030303030303030303030303030`, 0},
}

// FuzzDecode: whatever the bytes and the link type, a packet does not contradict itself or point out of its frame, decoding
// into a used Packet gives what a fresh one gives, and where gopacket reads the frame as well both agree.
func FuzzDecode(f *testing.F) {
	for _, set := range [][]frame{everyLayer(), oddFrames(), optionFrames()} {
		for _, s := range set {
			for i, link := range links {
				if link == s.link {
					f.Add(uint8(i), s.bytes, uint16(0))
					f.Add(uint8(i), s.bytes, uint16(20))
				}
			}
		}
	}
	for _, r := range regressions {
		f.Add(r.link, unhex(r.frame), r.missing)
	}
	used := usedPacket()
	f.Fuzz(func(t *testing.T, link uint8, frame []byte, missing uint16) {
		number := links[int(link)%len(links)]
		length := uint32(len(frame)) + uint32(missing)
		var fresh Packet
		reused := used
		Decode(&fresh, number, frame, length)
		Decode(&reused, number, frame, length)
		check(t, &fresh, frame, length)
		check(t, &reused, frame, length)
		compareReused(t, &fresh, &reused)
		compareGeneral(t, number, frame, length)
		if ip, tcp, ok := oracle(number, frame); ok && missing == 0 && fresh.Kind == TCP && fresh.Faults&^FirstFragment == 0 {
			if err := differs(&fresh, ip, tcp); err != nil {
				t.Errorf("%v\nframe %x\n%+v", err, frame, fresh)
			}
		}
	})
}

// usedPacket is a packet of which every field is set.
func usedPacket() (p Packet) {
	b := ethernet6(tcp(0xfff, "020405b4 030307 080a0000000100000002 050a0000000300000004 1e0351 1e0350 1e05", "x"))
	Decode(&p, linkEthernet, b, uint32(len(b)))
	p.Tunnel, p.Faults, p.HeaderCut = GTPU, FirstFragment, true
	return p
}

// compareReused fails if something of an earlier packet shows.
func compareReused(t *testing.T, fresh, reused *Packet) {
	t.Helper()
	if fresh.Kind != reused.Kind || fresh.Faults != reused.Faults || fresh.Tunnel != reused.Tunnel {
		t.Fatalf("reused: %v, %b, %v", reused.Kind, reused.Faults, reused.Tunnel)
	}
	if fresh.Kind != TCP {
		return
	}
	a, b := fresh, reused
	same := a.Src == b.Src && a.Dst == b.Dst && a.V6 == b.V6 && a.SrcPort == b.SrcPort && a.DstPort == b.DstPort &&
		a.IPID == b.IPID && a.Seq == b.Seq && a.Ack == b.Ack && a.Flags == b.Flags && a.Window == b.Window &&
		a.HeaderLen == b.HeaderLen && a.PayloadLen == b.PayloadLen && len(a.Payload()) == len(b.Payload()) &&
		len(a.Options()) == len(b.Options()) && a.HeaderCut == b.HeaderCut && bytes.Equal(a.Kinds(), b.Kinds()) &&
		a.HasMSS == b.HasMSS && a.HasWScale == b.HasWScale && a.HasTS == b.HasTS && a.HasTSEcr == b.HasTSEcr &&
		len(a.SACK) == len(b.SACK) && a.NumMPTCP == b.NumMPTCP && a.BadOption == b.BadOption
	if !same {
		t.Errorf("fresh  %+v\nreused %+v", *a, *b)
	}
}
