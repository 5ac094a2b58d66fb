package match_test

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

func TestMergesOfTheOriginal(t *testing.T) {
	pairs := map[string]*match.Pairing{}
	for _, m := range corpus.Merges(t) {
		if !strings.HasSuffix(m.First, ".pcap") {
			continue // lost, or a table of packets
		}
		p := pairs[m.First]
		if p == nil {
			var err error
			if p, err = match.Captures(context.Background(), coretest.Trace(t, m.First), coretest.Trace(t, m.Second)); err != nil {
				t.Fatal(err)
			}
			pairs[m.First] = p
		}
		t.Run(fmt.Sprintf("%s/%d", filepath.Base(m.First), m.S1), func(t *testing.T) { mergesAs(t, p, m.S1, m.S2, m.Merge) })
	}
}

// mergesAs compares one stream.
func mergesAs(t *testing.T, p *match.Pairing, here, there uint32, want map[string]corpus.Merge) {
	s := p.StreamOf(match.A, here)
	if s == nil || s.B != there {
		if want["Client"].Both+want["Server"].Both > 0 {
			t.Errorf("stream %d is paired with %v, want %d", here, s, there)
		}
		return // the same addresses and ports, nothing else
	}
	clock := p.Clock(match.A, match.Given{None: true})
	for i := range p.Flows {
		f := &p.Flows[i]
		if p.Streams[f.Stream].A != here {
			continue
		}
		var delays []float64
		for _, h := range f.Hops {
			delays = append(delays, float64(p.Delay(clock, f, h)))
		}
		want[f.Dest.String()].Check(t, fmt.Sprintf("towards the %v", f.Dest), delays)
	}
}

// TestReinjectionsOfTheOriginal compares with the original's classification. It looks at the first packet only that had
// carried the data; where the data came with another one before, it is redundant by more.
func TestReinjectionsOfTheOriginal(t *testing.T) {
	dir := corpus.Dir(t)
	var oracle []struct {
		Label  string
		Server struct {
			Mapped    int          `json:"reinjections_mapped"`
			Redundant [][3]float64 `json:"redundant_list"`
		}
	}
	corpus.JSON(t, filepath.Join(dir, "oracle/reinjections.json"), &oracle)
	p, err := match.Captures(context.Background(), coretest.Trace(t, corpus.Original(t, "client_2.pcap")), coretest.Trace(t, corpus.Original(t, "server_2.pcap")))
	if err != nil {
		t.Fatal(err)
	}
	clock := p.Clock(match.A, match.Given{})
	compared := 0
	for _, o := range oracle {
		var here, there uint32
		if n, _ := fmt.Sscanf(o.Label, "client_2 mptcp%d <-> server_2 mptcp%d", &here, &there); n != 2 {
			continue
		}
		pair := p.ConnOf(match.A, here)
		if pair == nil || pair.B != there {
			t.Fatalf("connection %d is paired with %+v, want %d", here, pair, there)
		}
		d, err := p.Delivery(context.Background(), pair, stream.Server, clock)
		if err != nil {
			t.Fatal(err)
		}
		list, err := d.Reinjections(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		got := map[uint32]match.Qualified{}
		for _, q := range list {
			got[q.Row+1] = q
		}
		for _, r := range o.Server.Redundant {
			q, ok := got[uint32(r[0])]
			late := int64(math.Round(-r[2] * 1e9))
			if !ok || q.Verdict != match.Redundant || q.Gain < late-1000 {
				t.Errorf("%s: packet %v: %+v, want redundant by %d", o.Label, r[0], q, late)
			}
			if q.Gain > late+1000 {
				t.Logf("%s: packet %v: redundant by %v, by the original %v", o.Label, r[0], q.Gain, late)
			}
			compared++
		}
	}
	if compared < 39 {
		t.Errorf("compared %d reinjections", compared)
	}
}
