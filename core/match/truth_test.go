package match_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/csv"
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
	len            int
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
		s.rows = append(s.rows, crossing{up: f[1] == "up", sent: n(2), recv: n(3), fate: f[4], len: int(n(6)), client: uint32(n(7)),
			server: uint32(n(8)), seq: uint32(n(11)), tcp: n(9) != 0})
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

// hop is a packet's way, by rows.
type hop struct{ sent, received uint32 }

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

func TestAgainstTheLab(t *testing.T) {
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			s := readTruth(t, pairs, name)
			p, err := match.Captures(context.Background(), s.client, s.server)
			if err != nil {
				t.Fatal(err)
			}
			check(t, s, p)
			clocks(t, s, p)
		})
	}
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

func clocks(t *testing.T, s *truth, p *match.Pairing) {
	c := p.Clock(match.A, match.Given{})
	ec, es := s.errors(true), s.errors(false)
	// at the first frame of the client's capture, its error is ec[0]
	near := es[0]
	t.Logf("true offset about %d, drift %.3g", near.err-ec[0].err, (float64(es[len(es)-1].err-es[0].err)/float64(es[len(es)-1].at-es[0].at)-float64(ec[len(ec)-1].err-ec[0].err)/float64(ec[len(ec)-1].at-ec[0].at))*1e6)
	t.Logf("offset %d in [%d, %d], drift %.3f in [%.1f, %.1f] ppm, steps %+v, %v, bent %d", c.Offset, c.Low, c.High, c.Drift*1e6, c.DriftLow*1e6, c.DriftHigh*1e6, c.Steps, c.Method, c.Bent)
	byRow := map[bool]map[hop]int64{true: {}, false: {}}
	fc, fs := frames(s.client), frames(s.server)
	for _, r := range s.rows {
		if r.fate == "delivered" && r.tcp {
			if r.up {
				byRow[true][hop{fc[r.client], fs[r.server]}] = r.recv - r.sent
			} else {
				byRow[false][hop{fs[r.server], fc[r.client]}] = r.recv - r.sent
			}
		}
	}
	lo, hi := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range p.Flows {
		f := &p.Flows[i]
		for _, h := range f.Hops {
			d := p.Delay(c, f, h)
			up := f.Sender == match.A
			e := d - byRow[up][hop{h.Sent, h.Received}]
			if !up {
				e = -e
			}
			lo, hi = min(lo, e), max(hi, e)
		}
	}
	t.Logf("errors from %d to %d: spread %d us", lo, hi, (hi-lo)/1000)
}

func check(t *testing.T, s *truth, p *match.Pairing) {
	fc, fs := frames(s.client), frames(s.server)
	want := map[bool]map[hop]bool{true: {}, false: {}}
	lost := map[bool]map[uint32]int{true: {}, false: {}}
	for _, c := range s.rows {
		if !c.tcp {
			continue
		}
		from, to, a, b := fc, fs, c.client, c.server
		if !c.up {
			from, to, a, b = fs, fc, c.server, c.client
		}
		x, okx := from[a]
		y, oky := to[b]
		if okx && c.fate == "delivered" && oky {
			want[c.up][hop{x, y}] = true
		}
		if okx && c.fate != "delivered" {
			lost[c.up][x]++
		}
	}
	got := map[bool]map[hop]bool{true: {}, false: {}}
	gotLost := map[bool]map[uint32]int{true: {}, false: {}}
	for i := range p.Flows {
		f := &p.Flows[i]
		up := f.Sender == match.A
		if (f.Dest == stream.Server) != up {
			t.Errorf("flow %d: sender %v", i, f.Sender)
		}
		for _, h := range f.Hops {
			got[up][hop{h.Sent, h.Received}] = true
		}
		for _, m := range f.Sent {
			if m.Why == match.Lost {
				gotLost[up][m.Row] += int(m.Segments)
			} else {
				t.Logf("%s: row %d: %v", s.name, m.Row, m.Why)
			}
		}
		for _, m := range f.Received {
			t.Logf("%s: received row %d: %v", s.name, m.Row, m.Why)
		}
	}
	for _, up := range []bool{true, false} {
		wrong, missed := 0, 0
		for h := range got[up] {
			if !want[up][h] {
				wrong++
			}
		}
		for h := range want[up] {
			if !got[up][h] {
				missed++
			}
		}
		t.Logf("%s up=%v: %d hops, %d wrong, %d missed of %d", s.name, up, len(got[up]), wrong, missed, len(want[up]))
		for x, n := range lost[up] {
			if gotLost[up][x] != n {
				t.Errorf("%s up=%v: row %d lost %d, got %d", s.name, up, x, n, gotLost[up][x])
			}
		}
		for x, n := range gotLost[up] {
			if lost[up][x] != n {
				t.Errorf("%s up=%v: row %d lost %d, got %d", s.name, up, x, lost[up][x], n)
			}
		}
	}
}
