package match_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"io"
	"os"
	"strconv"
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

const captures = "../../testdata/captures/"

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
	s := &truth{name: name, client: loadTrace(t, readFile(t, dir+name+".client.pcapng")), server: loadTrace(t, readFile(t, dir+name+".server.pcapng"))}
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

func TestTruthQuick(t *testing.T) {
	for _, name := range []string{"two-path-upload", "handover", "nat-clocks"} {
		s := readTruth(t, captures, name)
		p, err := match.Captures(context.Background(), s.client, s.server)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d streams, %d conns near %d guess %v", name, len(p.Streams), len(p.Conns), p.Near, p.Guess)
		for _, c := range p.Streams {
			t.Logf("%+v", c)
		}
		for _, c := range p.Conns {
			t.Logf("%+v", c)
		}
		check(t, s, p)
	}
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
