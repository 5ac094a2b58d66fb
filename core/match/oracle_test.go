package match_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// corpus is the folder of captures that others made, which may not be there.
func corpus(t *testing.T) string {
	dir := os.Getenv("MPTCP_CORPUS")
	if dir == "" {
		t.Skip("MPTCP_CORPUS is not set: other people's captures are not here")
	}
	return dir
}

// merged is what the original's way of merging gives of one stream one way: segments that have the same hash as one
// before them are dropped on either side, and of a hash that both sides have one delay counts.
type merged struct {
	Sent      int     `json:"h1"`
	Received  int     `json:"h2"`
	SentTwice int     `json:"dup1"`
	CameTwice int     `json:"dup2"`
	Both      int     `json:"both"`
	Min       float64 `json:"owd_min"`
	Median    float64 `json:"owd_median"`
	Max       float64 `json:"owd_max"`
}

func TestMergesOfTheOriginal(t *testing.T) {
	dir := corpus(t)
	var oracle []struct {
		Pcap1, Pcap2 string
		S1, S2       uint32
		Merge        map[string]merged
	}
	if err := json.Unmarshal(readFile(t, filepath.Join(dir, "oracle/owd_merge.json")), &oracle); err != nil {
		t.Fatal(err)
	}
	pairs := map[string]*match.Pairing{}
	for _, o := range oracle {
		name := func(s string) string {
			return filepath.Join(dir, "public/pymptcpanalyzer", strings.TrimSuffix(filepath.Base(s), ".csv"))
		}
		if _, err := os.Stat(name(o.Pcap1)); err != nil {
			continue
		}
		p := pairs[o.Pcap1]
		if p == nil {
			var err error
			if p, err = match.Captures(context.Background(), loadTrace(t, readFile(t, name(o.Pcap1))), loadTrace(t, readFile(t, name(o.Pcap2)))); err != nil {
				t.Fatal(err)
			}
			pairs[o.Pcap1] = p
		}
		t.Run(fmt.Sprintf("%s/%d", filepath.Base(o.Pcap1), o.S1), func(t *testing.T) { mergesAs(t, p, o.S1, o.S2, o.Merge) })
	}
}

// mergesAs compares one stream. Where no hash repeats, all must be equal; else the original's merge leaves out the
// repetitions, which here find their partners.
func mergesAs(t *testing.T, p *match.Pairing, here, there uint32, want map[string]merged) {
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
		w := want[f.Dest.String()]
		var delays []int64
		for _, h := range f.Hops {
			delays = append(delays, p.Delay(clock, f, h))
		}
		slices.Sort(delays)
		again := min(w.SentTwice, w.CameTwice)
		if n := len(f.Hops); n < w.Both || n > w.Both+again {
			t.Errorf("towards the %v: %d hops, want %d and %d repetitions", f.Dest, n, w.Both, again)
		}
		if len(delays) == 0 {
			continue
		}
		middle := float64(delays[len(delays)/2]+delays[(len(delays)-1)/2]) / 2
		for _, v := range []struct {
			what      string
			got, want float64
		}{{"smallest", float64(delays[0]), w.Min}, {"middle", middle, w.Median}, {"largest", float64(delays[len(delays)-1]), w.Max}} {
			if math.Abs(v.got/1e9-v.want) > 1e-6 && (v.what != "middle" || again == 0) {
				t.Errorf("towards the %v: %s delay %v ns, want %v s", f.Dest, v.what, v.got, v.want)
			}
		}
	}
}

// TestReinjectionsOfTheOriginal compares with the original's classification. It looks at the first packet only that had
// carried the data; where the data came with another one before, it is redundant by more.
func TestReinjectionsOfTheOriginal(t *testing.T) {
	dir := corpus(t)
	var oracle []struct {
		Label  string
		Server struct {
			Mapped    int          `json:"reinjections_mapped"`
			Redundant [][3]float64 `json:"redundant_list"`
		}
	}
	if err := json.Unmarshal(readFile(t, filepath.Join(dir, "oracle/reinjections.json")), &oracle); err != nil {
		t.Fatal(err)
	}
	load := func(name string) *trace.Trace {
		return loadTrace(t, readFile(t, filepath.Join(dir, "public/pymptcpanalyzer", name)))
	}
	p, err := match.Captures(context.Background(), load("client_2.pcap"), load("server_2.pcap"))
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
