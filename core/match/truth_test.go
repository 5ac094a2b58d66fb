package match_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// crossing is a line of a scenario's truth: one frame's way over a path.
type crossing struct {
	up             bool
	sent, recv     int64
	fate           string
	client, server uint32 // frame numbers
	frame          int    // bytes
	seq            uint32
	tcp            bool
}

// truth is a scenario: two captures, and what really happened.
type truth struct {
	name           string
	client, server *trace.Trace
	rows           []crossing
}

const (
	pairs     = "../../testdata/pairs/"
	scenarios = "../../testdata/lab/scenarios/pairs/"
)

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func loadTrace(t testing.TB, file []byte) *trace.Trace {
	t.Helper()
	tr, err := trace.Load(context.Background(), bytes.NewReader(file), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func readTruth(t testing.TB, dir, name string) *truth {
	t.Helper()
	s := &truth{name: name, client: loadTrace(t, readFile(t, dir+name+".client.pcapng.gz")), server: loadTrace(t, readFile(t, dir+name+".server.pcapng.gz"))}
	z, err := gzip.NewReader(bytes.NewReader(readFile(t, dir+name+".truth.csv.gz")))
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(z)
	if _, err := r.Read(); err != nil {
		t.Fatal(err)
	}
	for {
		f, err := r.Read()
		if err == io.EOF {
			return s
		}
		if err != nil {
			t.Fatal(err)
		}
		n := func(i int) int64 { v, _ := strconv.ParseInt(f[i], 10, 64); return v }
		s.rows = append(s.rows, crossing{up: f[1] == "up", sent: n(2), recv: n(3), fate: f[4], client: uint32(n(7)),
			server: uint32(n(8)), seq: uint32(n(11)), tcp: n(9) != 0, frame: int(n(6))})
	}
}

// frames gives rows by frame number.
func frames(tr *trace.Trace) map[uint32]uint32 {
	m := map[uint32]uint32{}
	var row trace.Row
	for i := range tr.Len() {
		tr.Row(i, &row)
		m[row.Frame] = uint32(i)
	}
	return m
}

// scenario is what the lab was asked for.
type scenario struct {
	Name        string
	Story       string
	Snaplen     int
	ClientClock labClock `json:"client_clock"`
	ServerClock labClock `json:"server_clock"`
	CaptureMiss float64  `json:"capture_miss"`
}

// labClock is the error of a host's clock.
type labClock struct {
	OffsetMs float64 `json:"offset_ms"`
	DriftPPM float64 `json:"drift_ppm"`
	StepMs   float64 `json:"step_ms"`
	StepAtMs float64 `json:"step_at_ms"`
}

// names lists the scenarios.
func names(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(scenarios + "*.json")
	if err != nil || len(files) < 9 {
		t.Fatalf("%d scenarios, %v", len(files), err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".json")
	}
	return files
}

// accuracy is how well a scenario's captures were brought together.
type accuracy struct {
	delivered, matched, wrong, identical int   // packets that both captures have
	lost, lostTruth, doubtful            int   // segments
	given                                int64 // largest error of a delay by the true clock, ns
	spread                               int64 // of the errors by the estimated clock
	worst                                int64 // the largest of them
	offset, low, high                    int64 // less the true offset
	drift, trueDrift                     float64
	steps                                []match.Step
}

func TestAgainstTheLab(t *testing.T) {
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			a := measure(t, name)
			t.Logf("%+v", a)
			if a.matched*1000 < a.delivered*999 || a.wrong > 0 || a.delivered < 2000 {
				t.Errorf("%d of %d packets matched, %d wrongly", a.matched, a.delivered, a.wrong)
			}
			if a.lost > a.lostTruth || a.lost+a.doubtful < a.lostTruth || a.doubtful > 0 && scenarioOf(t, name).CaptureMiss == 0 {
				t.Errorf("%d segments lost and %d perhaps, the truth says %d", a.lost, a.doubtful, a.lostTruth)
			}
			if a.given > 50_000 {
				t.Errorf("with the true clock a delay is wrong by %d ns", a.given)
			}
			if a.spread > 100_000 || a.worst > a.high-a.low {
				t.Errorf("errors differ by %d ns, the largest is %d", a.spread, a.worst)
			}
			if a.low > 0 || a.high < 0 || a.offset < a.low || a.offset > a.high {
				t.Errorf("the true offset is not between %d and %d, or %d is not", a.low, a.high, a.offset)
			}
			if math.Abs(a.drift-a.trueDrift) > 5e-6 {
				t.Errorf("drift %v, want %v", a.drift, a.trueDrift)
			}
		})
	}
}

func scenarioOf(t testing.TB, name string) scenario {
	t.Helper()
	var sc scenario
	if err := json.Unmarshal(readFile(t, scenarios+name+".json"), &sc); err != nil {
		t.Fatal(err)
	}
	return sc
}

// measure brings a scenario's captures together and compares with the truth.
func measure(t testing.TB, name string) accuracy {
	t.Helper()
	s, sc := readTruth(t, pairs, name), scenarioOf(t, name)
	p, err := match.Captures(context.Background(), s.client, s.server)
	if err != nil {
		t.Fatal(err)
	}
	if p.Near != match.A || p.Guess || len(p.Conns) == 0 {
		t.Errorf("the client's capture is not told: %v, %v", p.Near, p.Guess)
	}
	var a accuracy
	a.trueDrift = (sc.ServerClock.DriftPPM - sc.ClientClock.DriftPPM) / 1e6
	offset := s.offset(sc)
	estimated := p.Clock(match.A, match.Given{})
	given := p.Clock(match.A, match.Given{Offset: offset, HasOffset: true, Drift: a.trueDrift, HasDrift: true})
	a.offset, a.low, a.high = estimated.Offset-offset, estimated.Low-offset, estimated.High-offset
	a.drift, a.steps = estimated.Drift, estimated.Steps
	a.check(t, s, p, estimated, given)
	return a
}

// way is a packet's way as the truth knows it.
type way struct {
	up             bool
	sent, received uint32
}

// check compares hops, losses and delays.
func (a *accuracy) check(t testing.TB, s *truth, p *match.Pairing, estimated, given *match.Clock) {
	t.Helper()
	delays, lost := s.ways()
	a.delivered = len(delays)
	for _, n := range lost {
		a.lostTruth += n
	}
	partner := map[way]uint32{} // by up and sent
	for w := range delays {
		partner[way{up: w.up, sent: w.sent}] = w.received
	}
	lowest, highest := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range p.Flows {
		f := &p.Flows[i]
		up := f.Sender == match.A
		if (f.Dest == stream.Server) != up {
			t.Errorf("flow %d: sent from %v's side", i, f.Sender)
		}
		for _, m := range f.Sent {
			n := int(m.Segments)
			switch {
			case m.Why == match.Either:
				a.doubtful += n
			case m.Why == match.Lost && lost[way{up: up, sent: m.Row}] == n:
				a.lost += n
			case m.Why == match.Lost:
				t.Errorf("row %d is not lost, or not %d segments of it", m.Row, n)
			case lost[way{up: up, sent: m.Row}] != 0:
				t.Errorf("row %d was lost, not: %v", m.Row, m.Why)
			}
		}
		for _, h := range f.Hops {
			delay, ok := delays[way{up, h.Sent, h.Received}]
			if !ok {
				if other, known := partner[way{up: up, sent: h.Sent}]; known && same(p.Trace(f.Sender.Other()), other, h.Received) {
					a.identical++
				} else {
					a.wrong++
				}
				continue
			}
			a.matched++
			e := p.Delay(estimated, f, h) - delay
			if !up {
				e = -e
			}
			lowest, highest = min(lowest, e), max(highest, e)
			a.given = max(a.given, abs(p.Delay(given, f, h)-delay))
		}
	}
	a.matched += a.identical
	a.spread, a.worst = highest-lowest, max(abs(lowest), abs(highest))
}

func abs(v int64) int64 { return max(v, -v) }

// same says whether two segments of a capture are the same but for their time.
func same(tr *trace.Trace, a, b uint32) bool {
	x, y := tr.Wire(a), tr.Wire(b)
	x.Time, y.Time = 0, 0
	return x == y
}

// ways lists what travelled and was captured at both ends, with its delay, and how many segments of a captured packet were
// lost.
func (s *truth) ways() (delays map[way]int64, lost map[way]int) {
	delays, lost = map[way]int64{}, map[way]int{}
	client, server := frames(s.client), frames(s.server)
	for _, c := range s.rows {
		from, to := client[c.client], server[c.server]
		if !c.up {
			from, to = server[c.server], client[c.client]
		}
		captured := c.client != 0
		if !c.up {
			captured = c.server != 0
		}
		switch {
		case !c.tcp || !captured:
		case c.fate != "delivered":
			lost[way{up: c.up, sent: from}]++
		case c.client != 0 && c.server != 0:
			delays[way{c.up, from, to}] = c.recv - c.sent
		}
	}
	return delays, lost
}

// offset is how far the server's clock really was ahead at the first frame of the client's capture.
func (s *truth) offset(sc scenario) int64 {
	client, server := s.errors(true)[0], s.errors(false)[0]
	return server.err - int64(sc.ServerClock.DriftPPM/1e6*float64(server.at-client.at)) - client.err
}

// errors are how far a capture's times are from the truth.
type errorAt struct{ at, err int64 }

func (s *truth) errors(client bool) []errorAt {
	tr, fr := s.server, frames(s.server)
	if client {
		tr, fr = s.client, frames(s.client)
	}
	var list []errorAt
	for _, c := range s.rows {
		frame, at := c.client, c.sent
		if !client {
			frame = c.server
		}
		if c.up != client {
			at = c.recv
		}
		if row, ok := fr[frame]; ok && at != 0 {
			list = append(list, errorAt{at, tr.Time(row) - at})
		}
	}
	slices.SortFunc(list, func(a, b errorAt) int { return cmp.Compare(a.at, b.at) })
	return list
}
