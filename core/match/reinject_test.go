package match_test

import (
	"context"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// TestReinjectionsAgainstTheLab compares every verdict with that which the truth gives, byte by byte.
func TestReinjectionsAgainstTheLab(t *testing.T) {
	counts := map[match.Verdict]int{}
	triggers := map[match.Trigger]int{}
	for _, name := range names(t) {
		if scenarioOf(t, name).CaptureMiss > 0 {
			continue // the truth knows what no capture tells
		}
		s := readTruth(t, pairs, name)
		p, err := match.Captures(context.Background(), s.client, s.server)
		if err != nil {
			t.Fatal(err)
		}
		clock := p.Clock(match.A, match.Given{})
		for _, towards := range []stream.Dest{stream.Client, stream.Server} {
			var list []match.Qualified
			first := uint64(0)
			for i := range p.Conns {
				d, err := p.Delivery(context.Background(), &p.Conns[i], towards, clock)
				if err != nil {
					t.Fatal(err)
				}
				found, err := d.Reinjections(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, found...)
				for _, c := range d.Carried() {
					first += c.First
				}
			}
			bytes := s.bytes(towards, list)
			for k := range list {
				q := &list[k]
				verdict, useful := bytes.judge(q.Row)
				if q.Verdict != verdict || q.Useful != useful {
					t.Errorf("%s: row %d: %v with %d of %d useful bytes, want %v with %d", name, q.Row, q.Verdict, q.Useful, q.Bytes, verdict, useful)
				}
				counts[q.Verdict]++
				triggers[q.Trigger]++
			}
			if len(p.Conns) == 1 && first != bytes.arrived {
				t.Errorf("%s towards the %v: %d bytes arrived, want %d", name, towards, first, bytes.arrived)
			}
		}
	}
	t.Log(counts, triggers)
	if counts[match.Unknown] > 0 || len(counts) < 3 {
		t.Errorf("verdicts %v", counts)
	}
}

// byteArrivals is when each byte of the reinjections of a direction arrived, and with which packet, by the truth.
type byteArrivals struct {
	t       *trace.Trace
	at      map[uint64][]byteArrival // by data sequence number
	arrived uint64                   // bytes of the whole direction
}

type byteArrival struct {
	row uint32 // the sender's
	at  int64
}

func (s *truth) bytes(towards stream.Dest, of []match.Qualified) *byteArrivals {
	b := &byteArrivals{t: s.client, at: map[uint64][]byteArrival{}}
	if towards == stream.Client {
		b.t = s.server
	}
	for i := range of {
		for _, q := range b.t.Pieces(of[i].Row, nil) {
			for k := range uint64(q.Len) {
				b.at[q.DSN+k] = nil
			}
		}
	}
	seen := map[uint64]*[4096]bool{}
	rows := frames(b.t)
	for _, c := range s.rows {
		frame := c.client
		if !c.up {
			frame = c.server
		}
		row, ok := rows[frame]
		if c.up != (towards == stream.Server) || c.fate != "delivered" || !c.tcp || !ok {
			continue
		}
		ip, tcp := b.t.Headers(row)
		into, n := c.seq-b.t.Wire(row).Seq, uint32(c.frame)-14-ip-tcp
		for _, q := range b.t.Pieces(row, nil) {
			for k := max(q.At, into); k < min(q.At+q.Len, into+n); k++ {
				dsn := q.DSN + uint64(k-q.At)
				block := seen[dsn/4096]
				if block == nil {
					block = new([4096]bool)
					seen[dsn/4096] = block
				}
				if !block[dsn%4096] {
					block[dsn%4096] = true
					b.arrived++
				}
				if list, wanted := b.at[dsn]; wanted {
					b.at[dsn] = append(list, byteArrival{row, c.recv})
				}
			}
		}
	}
	return b
}

// judge is the verdict on a reinjection.
func (b *byteArrivals) judge(row uint32) (v match.Verdict, useful uint32) {
	arrived, lost, overtook := false, 0, 0
	for _, q := range b.t.Pieces(row, nil) {
		for k := range uint64(q.Len) {
			own, other, earlier := int64(0), int64(0), false
			for _, a := range b.at[q.DSN+k] {
				switch {
				case a.row == row && (own == 0 || a.at < own):
					own = a.at
				case a.row != row:
					if other == 0 || a.at < other {
						other = a.at
					}
					earlier = earlier || a.row < row
				}
			}
			arrived = arrived || own != 0
			switch {
			case own == 0 || other != 0 && other <= own:
			case earlier:
				overtook++
			default:
				lost++
			}
		}
	}
	switch {
	case !arrived:
		v = match.Vanished
	case lost+overtook == 0:
		v = match.Redundant
	case lost >= overtook:
		v = match.Replaced
	default:
		v = match.Overtook
	}
	return v, uint32(lost + overtook)
}
