package stream

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
)

// segmentOf makes a packet between two endpoints.
func segmentOf(src, dst string, flags uint16, seq, ack uint32) *packet.Packet {
	s, d := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	return &packet.Packet{Kind: packet.TCP, Src: s.Addr().As16(), Dst: d.Addr().As16(), SrcPort: s.Port(), DstPort: d.Port(),
		V6: s.Addr().Is6(), Flags: flags, Seq: seq, Ack: ack, Window: 1000}
}

const (
	a = "10.0.0.1:40000"
	b = "10.0.0.2:80"
)

// TestNumbers goes through the rules of Wireshark's tcp.stream, tcp.seq and tcp.ack, one packet after the other.
func TestNumbers(t *testing.T) {
	type step struct {
		src, dst string
		flags    uint16
		seq, ack uint32
		stream   uint32
		relSeq   uint32 // with the bases as they are after all packets
		relAck   uint32
	}
	for _, c := range []struct {
		name  string
		steps []step
		role  Role
	}{
		{"handshake", []step{{a, b, SYN, 100, 0, 0, 0, 0}, {b, a, SYN | ACK, 900, 101, 0, 0, 1}, {a, b, ACK, 101, 901, 0, 1, 1}}, FromSYN},
		{"SYN repeated", []step{{a, b, SYN, 100, 0, 0, 0, 0}, {a, b, SYN, 100, 0, 0, 0, 0}, {b, a, SYN | ACK, 900, 101, 0, 0, 1}}, FromSYN},
		{"SYN with another number", []step{{a, b, SYN, 100, 0, 0, 0, 0}, {a, b, SYN, 101, 0, 1, 0, 0}, {a, b, ACK, 102, 5, 1, 1, 1}}, FromSYN},
		{"SYN/ACK first", []step{{b, a, SYN | ACK, 900, 101, 0, 0, 1}, {a, b, SYN, 100, 0, 0, 0, 0}, {a, b, ACK, 101, 901, 0, 1, 1}}, FromSYN},
		{"middle", []step{{b, a, ACK, 5000, 700, 0, 1, 1}, {a, b, ACK, 700, 5100, 0, 1, 101}}, Guessed},
		{"middle, then a SYN", []step{{a, b, ACK, 700, 5000, 0, 1, 1}, {a, b, SYN, 700, 0, 1, 0, 0}}, Guessed},
		{"SYN/ACK with another number", []step{{a, b, SYN, 100, 0, 0, 0, 0}, {b, a, SYN | ACK, 900, 101, 0, 0, 1},
			{b, a, SYN | ACK, 950, 101, 0, 0, 1}, {b, a, ACK, 951, 101, 0, 1, 1}}, FromSYN},
		{"before any ack", []step{{a, b, RST, 700, 9, 0, 1, 9}, {b, a, ACK, 20, 701, 0, 1, 2}}, Guessed},
	} {
		t.Run(c.name, func(t *testing.T) {
			table := NewTable()
			var at []Position
			for row, s := range c.steps {
				at = append(at, *table.Add(segmentOf(s.src, s.dst, s.flags, s.seq, s.ack), uint32(row)))
			}
			for row, s := range c.steps {
				p := at[row]
				seq, ack := s.seq-table.Base(p.ID, p.Flow, uint32(row)), s.ack
				if s.flags&ACK != 0 {
					ack -= table.Base(p.ID, 1-p.Flow, uint32(row))
				}
				if p.ID != s.stream || seq != s.relSeq || ack != s.relAck {
					t.Errorf("packet %d: stream %d, seq %d, ack %d; want %d, %d, %d", row+1, p.ID, seq, ack, s.stream, s.relSeq, s.relAck)
				}
			}
			if st := table.Stream(0); st.Client.String() != a || st.Role != c.role {
				t.Errorf("client %v by %v, want %s by %v", st.Client, st.Role, a, c.role)
			}
		})
	}
}

// TestScale checks how windows are scaled (RFC 7323 section 2.2).
func TestScale(t *testing.T) {
	syn := func(src, dst string, flags uint16, scale int) *packet.Packet {
		p := segmentOf(src, dst, flags, 1, 1)
		p.HasWScale, p.WScale = scale >= 0, uint8(max(scale, 0))
		return p
	}
	for _, c := range []struct {
		client, server int // -1 none
		want           [2]uint32
	}{
		{7, 3, [2]uint32{1000 << 7, 1000 << 3}},
		{7, -1, [2]uint32{1000, 1000}},
		{-1, 3, [2]uint32{1000, 1000}},
		{20, 0, [2]uint32{1000 << 14, 1000}},
	} {
		table := NewTable()
		up := *table.Add(syn(a, b, SYN, c.client), 0)
		down := *table.Add(syn(b, a, SYN|ACK, c.server), 1)
		core := up.Core()
		if core.Window(up.Flow, SYN, 1000) != 1000 {
			t.Error("the window of a SYN is scaled")
		}
		if got := [2]uint32{core.Window(up.Flow, ACK, 1000), core.Window(down.Flow, ACK, 1000)}; got != c.want {
			t.Errorf("scales %d and %d: windows %v, want %v", c.client, c.server, got, c.want)
		}
	}
}

// TestManyStreams opens streams on many tuples, of both families, and finds each of them again from either end.
func TestManyStreams(t *testing.T) {
	const n = 20_000
	r := rand.New(rand.NewPCG(1, 1))
	table := NewTable()
	packets := make([]*packet.Packet, n)
	seen := map[[36]byte]uint32{}
	for i := range packets {
		p := &packet.Packet{Kind: packet.TCP, V6: i%2 == 0, SrcPort: uint16(r.IntN(50)), DstPort: uint16(r.IntN(50))}
		p.Src[15], p.Src[0], p.Dst[15] = byte(r.IntN(20)), byte(r.IntN(3)), byte(r.IntN(20))
		packets[i] = p
		at := table.Add(p, uint32(i))
		k := tupleKey(p)
		if id, known := seen[k]; known && id != at.ID || !known && !at.New {
			t.Fatalf("packet %d: stream %d, known %v %d", i, at.ID, known, id)
		}
		seen[k] = at.ID
	}
	if table.Len() != len(seen) {
		t.Fatalf("%d streams, want %d", table.Len(), len(seen))
	}
	for i, p := range packets {
		back := *p
		back.Src, back.Dst, back.SrcPort, back.DstPort = p.Dst, p.Src, p.DstPort, p.SrcPort
		at := table.Add(&back, uint32(n+i))
		if at.ID != seen[tupleKey(p)] {
			t.Fatalf("packet %d is not found from the other end", i)
		}
		core := at.Core()
		if e := core.End(at.Flow); e.Addr != back.Src || e.Port != back.SrcPort {
			t.Fatalf("packet %d: flow %d is from %v", i, at.Flow, e)
		}
	}
}

// tupleKey is the same for both directions.
func tupleKey(p *packet.Packet) (k [36]byte) {
	x := append(append([]byte{}, p.Src[:]...), byte(p.SrcPort>>8), byte(p.SrcPort))
	y := append(append([]byte{}, p.Dst[:]...), byte(p.DstPort>>8), byte(p.DstPort))
	if slices.Compare(x, y) > 0 {
		x, y = y, x
	}
	copy(k[:], x)
	copy(k[18:], y)
	return k
}

// TestAllocations wants nothing allocated for a packet of a known stream.
func TestAllocations(t *testing.T) {
	table := NewTable()
	p := segmentOf(a, b, ACK, 1, 1)
	row := uint32(0)
	if n := testing.AllocsPerRun(1000, func() {
		at := table.Add(p, row)
		table.Analyze(at, p)
		row++
		p.Seq++
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

func TestWords(t *testing.T) {
	if Client.String() != "Client" || Server.Other() != Client || DestUnknown.Other() != DestUnknown || DestUnknown.String() == "" {
		t.Error("the ends have other names")
	}
	if got := (DuplicateAck | ZeroWindowProbeAck).Names(); !slices.Equal(got, []string{"duplicate_ack", "zero_window_probe_ack"}) {
		t.Errorf("names %v", got)
	}
}
