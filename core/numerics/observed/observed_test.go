package observed_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/numerics"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/numerics/observed"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// scenario is what the lab was told to do; its paths are the subflows, in order.
type scenario struct {
	Paths []struct {
		Delay float64 `json:"delay_ms"`
		Back  float64 `json:"delay_back_ms"`
	}
}

// delays are a path's one-way delays in µs, from the client and to it.
func (s *scenario) delays(path int) (there, back float64) {
	p := s.Paths[path]
	if p.Back == 0 {
		p.Back = p.Delay
	}
	return 1000 * p.Delay, 1000 * p.Back
}

// told reads a JSON file of the lab.
func told(t *testing.T, into any, path ...string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(append([]string{coretest.Root(), "testdata"}, path...)...))
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func observe(t *testing.T, tr *trace.Trace, dest stream.Dest, pairing *match.Pairing) *observed.Observation {
	t.Helper()
	o, err := observed.From(context.Background(), tr, &tr.Conns[0], dest, pairing)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// near says that a value is a known one, or greater by a part of it at most: queues and the time on the wire only add.
func near(value int64, known, part float64) bool {
	return float64(value) >= known && float64(value) <= known*(1+part)
}

// TestDelays holds what is observed against the delays that the lab's paths had.
func TestDelays(t *testing.T) {
	for _, name := range []string{"two-path-upload", "handover", "signal-address"} {
		var s scenario
		told(t, &s, "lab", "scenarios", name+".json")
		client, server := coretest.Trace(t, name+".client.pcapng"), coretest.Trace(t, name+".server.pcapng")
		pairing, err := match.Captures(context.Background(), client, server)
		if err != nil {
			t.Fatal(err)
		}
		// Where the data leaves, the quickest ack came as the path allows; where it arrives, handshakes tell.
		for _, o := range []*observed.Observation{observe(t, client, stream.Server, nil), observe(t, client, stream.Client, nil)} {
			for i, flow := range o.Topology.Subflows {
				there, back := s.delays(i)
				if !near(flow.MinRTT, there+back, 0.30) || flow.RTT() < flow.MinRTT {
					t.Errorf("%s to the %s: %s: round trips of %d and %d µs, the path's is %v", name, o.Dest, flow.Name, flow.MinRTT, flow.RTT(), there+back)
				}
				if flow.MSS < 1400 || flow.MSS > 1428 || flow.Cwnd < 1 {
					t.Errorf("%s: %s: segments of %d bytes, a window of %d", name, flow.Name, flow.MSS, flow.Cwnd)
				}
			}
		}
		o := observe(t, client, stream.Server, pairing)
		for i, flow := range o.Topology.Subflows {
			there, back := s.delays(i)
			if float64(flow.Fowd) < there || float64(flow.Bowd) < back {
				t.Errorf("%s: %s: %d and %d µs one way, the path takes %v and %v", name, flow.Name, flow.Fowd, flow.Bowd, there, back)
			}
			if name == "two-path-upload" && !near(flow.Bowd, back, 0.05) { // nothing queues behind acks
				t.Errorf("%s: %s: acks take %d µs, the path %v", name, flow.Name, flow.Bowd, back)
			}
		}
	}
}

// TestLoss holds the loss of each subflow against the data segments that the lab dropped on its path.
func TestLoss(t *testing.T) {
	for _, c := range []struct {
		name, side, way string
		dest            stream.Dest
		subflows        []int // but the one whose path died: what was under way there was not sent again there
	}{
		{"two-path-upload", "client", "up", stream.Server, []int{0, 1}},
		{"nat-clocks", "client", "up", stream.Server, []int{0, 1}},
		{"handover", "server", "down", stream.Client, []int{1}},
	} {
		sent, dropped := dropped(t, c.name, c.way)
		o := observe(t, coretest.Trace(t, c.name+"."+c.side+".pcapng"), c.dest, nil)
		for _, i := range c.subflows {
			want := 100 * dropped[i] / sent[i]
			if got := o.Topology.Subflows[i].Loss; math.Abs(got-want) > 0.3 || want < 0.5 {
				t.Errorf("%s: subflow %d: %.2f %% are lost, the lab dropped %.2f %%", c.name, i, got, want)
			}
		}
	}
}

// dropped counts the segments with data that were sent on each path, and those that did not arrive.
func dropped(t *testing.T, name, way string) (sent, dropped [2]float64) {
	t.Helper()
	lines, column := coretest.Truth(t, name)
	for _, l := range lines {
		const bare = 120 // bytes of a frame without data, at most
		path, _ := strconv.Atoi(l[column["path"]])
		if size, _ := strconv.Atoi(l[column["len"]]); size <= bare || l[column["dir"]] != way || l[column["sport"]] == "0" {
			continue
		}
		sent[path-1]++
		if l[column["fate"]] != "delivered" {
			dropped[path-1]++
		}
	}
	return sent, dropped
}

// TestWindow wants a receive window that was too small to be seen as that, and one that was not, too.
func TestWindow(t *testing.T) {
	small := observe(t, coretest.Trace(t, "cause-window.server.pcapng"), stream.Server, nil)
	if stalled := small.Limited + small.Closed; stalled*2 < small.Active {
		t.Errorf("the window stopped the sender for %d ns of %d", stalled, small.Active)
	}
	middle := observe(t, coretest.Trace(t, "late-start.client.pcapng"), stream.Server, nil)
	if middle.Scaled || middle.Topology.RecvBuffer != 0 || !strings.Contains(middle.Sentence(), "cannot be told") {
		t.Errorf("without a handshake: a buffer of %d. %s", middle.Topology.RecvBuffer, middle.Sentence())
	}
	if large := observe(t, coretest.Trace(t, "handover.client.pcapng"), stream.DestUnknown, nil); large.Dest != stream.Client || share(large) > 0.005 {
		t.Errorf("to the %s the window stopped the sender for %d ns", large.Dest, large.Limited+large.Closed)
	}
}

// share is the part of the time for which the window held the sender up.
func share(o *observed.Observation) float64 {
	return float64(o.Limited+o.Closed) / float64(o.Active)
}

// TestBothEnds wants a capture made at the receiver, which sees data a round trip and a queue after the acks that let them go, to
// tell of the window what one made at the sender tells, where all can be seen.
func TestBothEnds(t *testing.T) {
	for _, c := range []struct {
		name   string
		dest   stream.Dest
		enough bool
	}{
		{"captures/two-path-upload.%s.pcapng", stream.Server, false},
		{"captures/nat-clocks.%s.pcapng", stream.Server, false},
		{"captures/signal-address.%s.pcapng", stream.Client, false},
		{"captures/handover.%s.pcapng", stream.Client, true},
		{"pairs/full-queues.%s.pcapng.gz", stream.Server, false},
		{"pairs/link-failure.%s.pcapng.gz", stream.Server, false},
		{"pairs/asymmetric-delays.%s.pcapng.gz", stream.Server, true},
	} {
		var at [3]float64
		for _, end := range []stream.Dest{stream.Client, stream.Server} {
			file := filepath.Join(coretest.Root(), "testdata", fmt.Sprintf(c.name, strings.ToLower(end.String())))
			o := observe(t, coretest.Trace(t, file), c.dest, nil)
			at[end] = share(o)
			if told := strings.Contains(o.Sentence(), "was enough"); told != c.enough {
				t.Errorf("%s, %s: %s", c.name, end, o.Sentence())
			}
		}
		sender, receiver := at[c.dest.Other()], at[c.dest]
		if receiver < 0.25*sender-0.005 || receiver > 1.5*sender+0.005 {
			t.Errorf("%s: the window held the sender up for %.4f of the time, seen from there, and %.4f from the receiver", c.name, sender, receiver)
		}
	}
}

// TestUnmeasured wants a connection without data to be refused, with the reason.
func TestUnmeasured(t *testing.T) {
	tr := coretest.Trace(t, "cause-no-answer.client.pcapng")
	if len(tr.Conns) == 0 {
		t.Fatal("there is no connection")
	}
	_, err := observed.From(context.Background(), tr, &tr.Conns[0], stream.Server, nil)
	if err == nil || !strings.Contains(err.Error(), "whose round trip could be measured") {
		t.Errorf("%v", err)
	}
}

// TestSentence wants the answer to follow from what was seen.
func TestSentence(t *testing.T) {
	for want, o := range map[string]observed.Observation{
		"The server advertised 64.0 kB at first, at most 3.00 MB. That was enough: its window never held the sender up.":                                                {Active: 1e9},
		"The server advertised 64.0 kB at first, at most 3.00 MB. That was enough nearly all the time: its window held the sender up for 9.00 ms, 0.900 % of the time.": {Active: 1e9, Limited: 8e6, Closed: 1e6},
		"The server advertised 64.0 kB at first, at most 3.00 MB. That was too little: its window held the sender up for 500 ms, 50.0 % of the time.":                   {Active: 1e9, Limited: 5e8},
	} {
		o.Topology, o.Dest, o.Scaled, o.Opening = &numerics.Topology{RecvBuffer: 3e6}, stream.Server, true, 64e3
		if got := o.Sentence(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
