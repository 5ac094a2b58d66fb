package analysis_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// framesOf reads the frames of a capture.
func framesOf(t *testing.T, file []byte) (list []*capture.Frame) {
	t.Helper()
	r := capture.NewReader(func(f *capture.Frame) error { list = append(list, f.Clone()); return nil })
	if err := r.Feed(file); err != nil {
		t.Fatal(err)
	}
	if err := r.Finish(); err != nil {
		t.Fatal(err)
	}
	return list
}

// pcap writes frames of one link type.
func pcap(frames []*capture.Frame) []byte {
	var b bytes.Buffer
	word := func(v ...uint32) { _ = binary.Write(&b, binary.LittleEndian, v) }
	word(0xa1b23c4d, 2|4<<16, 0, 0, 1<<18, frames[0].Link)
	for _, f := range frames {
		word(uint32(f.Time/1e9), uint32(f.Time%1e9), uint32(len(f.Data)), f.Length)
		b.Write(f.Data)
	}
	return b.Bytes()
}

// mutation is a worse capture.
type mutation struct {
	name   string
	frames []*capture.Frame
}

// mutations are the worse captures made of one. toServer are the frames that travel to a server.
func mutations(frames []*capture.Frame, toServer map[uint32]bool, rng *rand.Rand) (list []mutation) {
	add := func(name string, keep func(i int, f *capture.Frame) bool) {
		var kept []*capture.Frame
		for i, f := range frames {
			if keep(i, f) {
				kept = append(kept, f)
			}
		}
		if len(kept) > 0 {
			list = append(list, mutation{name, kept})
		}
	}
	n := len(frames)
	for i := range min(n, 60) {
		add(fmt.Sprintf("without frame %d", i+1), func(k int, _ *capture.Frame) bool { return k != i })
		add(fmt.Sprintf("that ends before frame %d", i+1), func(k int, _ *capture.Frame) bool { return k < i })
		add(fmt.Sprintf("that begins with frame %d", i+1), func(k int, _ *capture.Frame) bool { return k >= i })
	}
	for _, p := range []float64{0.02, 0.1, 0.3, 0.7} {
		add(fmt.Sprintf("that lost %v", p), func(int, *capture.Frame) bool { return rng.Float64() >= p })
	}
	add("to the server only", func(_ int, f *capture.Frame) bool { return toServer[f.Number] })
	add("to the client only", func(_ int, f *capture.Frame) bool { return !toServer[f.Number] })
	for _, snap := range []int{16, 40, 70, 86, 100} {
		list = append(list, mutation{fmt.Sprintf("with %d bytes of a frame", snap), cutTo(frames, snap)})
	}
	var twice []*capture.Frame
	for _, f := range frames {
		twice = append(twice, f, f)
	}
	swapped, reversed := slices.Clone(frames), slices.Clone(frames)
	for i := 0; i+1 < n; i += 2 {
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
	}
	slices.Reverse(reversed)
	return append(list, mutation{"swapped", swapped}, mutation{"reversed", reversed}, mutation{"doubled", twice})
}

// cutTo cuts frames as a snaplen does.
func cutTo(frames []*capture.Frame, snap int) []*capture.Frame {
	list := make([]*capture.Frame, len(frames))
	for i, f := range frames {
		c := *f
		c.Data = c.Data[:min(snap, len(c.Data))]
		list[i] = &c
	}
	return list
}

// scenario is what the captures of both ends of one scenario of the lab have in common in their names.
func scenario(name string) string {
	s, _, _ := strings.Cut(filepath.Base(name), ".")
	return filepath.Join(filepath.Dir(name), s)
}

// told is what explain finds in a capture: of its connections, and of streams that are none.
func told(tr *trace.Trace) map[analysis.Diagnosis]bool {
	all := map[analysis.Diagnosis]bool{}
	for i := range tr.Conns {
		for _, f := range analysis.Diagnose(tr, &tr.Conns[i]) {
			all[f.Diagnosis] = true
		}
	}
	for i := range tr.Streams {
		if analysis.Subflow(tr, uint32(i)) == nil {
			f, _, _ := analysis.ExplainStream(tr, uint32(i))
			all[f.Diagnosis] = true
		}
	}
	return all
}

// agreed says whether a handshake of a scenario came to MPTCP.
func agreed(truth map[analysis.Diagnosis]bool) bool {
	for d := range truth {
		if d < analysis.ServerWithout || d >= analysis.StrippedHandshake && d < analysis.NoAnswer || d >= analysis.FastClosed && d != analysis.NotAsked {
			return true
		}
	}
	return false
}

// holds says whether a diagnosis of a part of a capture does not contradict what the captures of both ends tell: the cause
// that is known, that it cannot be told, or MPTCP where the handshake agreed on it and what came later is missing. Of SYNs
// with and without the option each may be missing.
func holds(d analysis.Diagnosis, truth map[analysis.Diagnosis]bool) bool {
	switch {
	case truth[d] || d.Open():
		return true
	case d == analysis.Healthy:
		return agreed(truth)
	}
	return (d == analysis.NoAnswer || d == analysis.NotAsked) && truth[analysis.SYNDropped]
}

// TestWorseCaptures holds that explain tells no other cause than the true one, however much of a capture is missing,
// doubled, cut or out of order: it may only come to know less.
func TestWorseCaptures(t *testing.T) {
	names := captureFiles(t)
	truth := map[string]map[analysis.Diagnosis]bool{}
	for _, name := range names {
		if truth[scenario(name)] == nil {
			truth[scenario(name)] = map[analysis.Diagnosis]bool{}
		}
		maps.Copy(truth[scenario(name)], told(coretest.Trace(t, name)))
	}
	captures, open, causes := 0, 0, 0
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if len(file) > 70_000 || len(coretest.Trace(t, name).Conns) == 0 {
			continue // the causes are in the small ones
		}
		for _, m := range mutations(framesOf(t, file), toServer(coretest.Trace(t, name)), rand.New(rand.NewPCG(1, 2))) {
			tr, err := trace.Load(t.Context(), bytes.NewReader(pcap(m.frames)), trace.Options{})
			if err != nil {
				t.Fatal(err)
			}
			captures++
			for i := range tr.Conns {
				explained(t, tr, &tr.Conns[i])
			}
			rankedStalls(t, filepath.Base(name)+" "+m.name, tr)
			for d := range told(tr) {
				switch {
				case !holds(d, truth[scenario(name)]):
					t.Errorf("%s %s: told %q, which it is not", filepath.Base(name), m.name, d)
				case d.Open():
					open++
				case d != analysis.Healthy:
					causes++
				}
			}
		}
	}
	if t.Logf("%d captures: %d times a cause, %d times that it cannot be told", captures, causes, open); captures < 1000 || causes < captures/4 {
		t.Error("that is too little to hold anything")
	}
}

// rankedStalls holds that a ranking by stalls, which passes over connections that plainly had none, has those of each.
func rankedStalls(t *testing.T, where string, tr *trace.Trace) {
	t.Helper()
	list, err := analysis.Rank(t.Context(), tr, "stalls", 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		r := &list[i]
		s, err := analysis.NewStalls(t.Context(), tr, r.Conn)
		if err != nil {
			t.Fatal(err)
		}
		blocked, held := s.Toward[1].Blocked+s.Toward[2].Blocked, s.Toward[1].Held+s.Toward[2].Held
		if r.Blocked != blocked || r.Held != held {
			t.Errorf("%s, connection %d: ranked by %d and %d, stalls tell %d and %d", where, r.Conn.ID, r.Blocked, r.Held, blocked, held)
		}
	}
}

// toServer are the frames of a capture that travel to a server.
func toServer(tr *trace.Trace) map[uint32]bool {
	frames := map[uint32]bool{}
	for i := range uint32(tr.Len()) {
		frames[tr.FrameOf(i)] = tr.Dest(i) == stream.Server
	}
	return frames
}
