package core_test

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
)

// Reinjections are those that tshark finds, marked with both carriers.
func checkReinjectionsAreTsharks(t *testing.T, s *subject) {
	stream := map[string]string{}
	for _, f := range s.frames {
		stream[f.field["frame.number"]] = f.field["tcp.stream"]
	}
	_, toServer := streamsOf(t, s)
	want := map[uint32]string{}
	for _, f := range s.frames {
		if f.toServer() == toServer && f.has("mptcp.reinjection_of") {
			want[f.number] = f.field["tcp.stream"]
		}
	}
	chart := s.drawn(t, "plot tsg 0")
	for i := range chart.Series {
		line := &chart.Series[i]
		if line.Mark != display.Reinject {
			continue
		}
		for k, number := range line.Frame {
			var now, before, frame string
			fmt.Sscanf(strings.NewReplacer("·", "", ";", "", ",", "").Replace(line.Label(k)), "now on %s", &now)
			_, rest, _ := strings.Cut(line.Label(k), "before on ")
			before, _, _ = strings.Cut(rest, " ")
			_, rest, _ = strings.Cut(rest, "frame ")
			frame, _, _ = strings.Cut(rest, ",")
			if _, ok := want[number]; ok && now != want[number] || stream[frame] != before || before == now {
				t.Errorf("%s: frame %d: %q", s.name, number, line.Label(k))
			}
		}
	}
	if drawnCount := len(pointsOf(chart, func(s *display.Series) bool { return s.Mark == display.Reinject })); drawnCount == 0 && len(want) > 0 {
		t.Error("no reinjection is drawn")
	}
}

// checkInterarrival computes the times between neighbours from the marks of other plots.
func checkInterarrival(t *testing.T, s *subject) {
	_, toServer := streamsOf(t, s)
	dest := map[bool]string{true: "Server", false: "Client"}[toServer]
	marks := pointsOf(s.drawn(t, "plot dsn 0 "+dest), marked(display.Segments))
	slices.SortStableFunc(marks, func(a, b point) int { return cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.frame, b.frame)) })
	marks = slices.CompactFunc(marks, func(a, b point) bool { return a.y == b.y })
	var want []point
	for i := 1; i < len(marks); i++ {
		want = append(want, point{stream: "packets", server: toServer, frame: marks[i].frame, x: marks[i].x, y: uint64(marks[i].x - marks[i-1].x)})
	}
	slices.SortFunc(want, func(a, b point) int { return cmp.Compare(a.frame, b.frame) })
	compare(t, "interarrival", pointsOf(s.drawn(t, "plot interarrival 0 "+dest+" dsn --bins 0"), every), want)

	var across []point
	var before *frame
	for i := range s.frames {
		f := &s.frames[i]
		if f.toServer() != toServer {
			continue
		}
		if before != nil && before.field["tcp.stream"] != f.field["tcp.stream"] {
			across = append(across, point{stream: f.field["tcp.stream"], server: toServer, frame: f.number, x: f.time, y: uint64(f.time - before.time)})
		}
		before = f
	}
	compare(t, "xinterarrival", pointsOf(s.drawn(t, "plot xinterarrival 0 --bins 0 "+dest), every), across)

	bars := s.drawn(t, "plot xinterarrival 0 --bins 10 "+dest)
	counted := 0.0
	for i := range bars.Series {
		for _, y := range bars.Series[i].Y {
			counted += y
		}
	}
	if int(counted) != len(across) || bars.Series[0].Len() != 10+2 { // an outline goes from the axis and back to it
		t.Errorf("%v values in %d bins, want %d", counted, bars.Series[0].Len()-2, len(across))
	}
	cdf := s.drawn(t, "plot interarrival 0 --cdf "+dest).Series[0]
	for i, x := range cdf.X {
		below := 0
		for _, p := range want {
			if int64(p.y) <= x {
				below++
			}
		}
		if cdf.Y[i] != float64(below)/float64(len(want)) {
			t.Fatalf("share up to %d is %v, want %d of %d", x, cdf.Y[i], below, len(want))
		}
	}
}

// checkGoodput counts the bytes that no earlier segment had, one by one.
func checkGoodput(t *testing.T, s *subject) {
	_, toServer := streamsOf(t, s)
	dest := map[bool]string{true: "Server", false: "Client"}[toServer]
	const window = 100_000_000
	seen := map[uint64]bool{}
	want := map[string]map[int64]float64{"all": {}}
	for _, p := range pointsOf(s.drawn(t, "plot dsn 0 "+dest), marked(display.Segments)) {
		if want[p.stream] == nil {
			want[p.stream] = map[int64]float64{}
		}
		for b := p.y; b < p.y2; b++ {
			if !seen[b] {
				seen[b] = true
				want[p.stream][p.x/window]++
				want["all"][p.x/window]++
			}
		}
	}
	chart := s.drawn(t, "plot gput 0 --window 0.1 "+dest)
	compared := 0
	for i := range chart.Series {
		line := &chart.Series[i]
		bytes := want[strings.Fields(line.Name)[0]]
		if bytes == nil {
			continue
		}
		for k, x := range line.X {
			compared++
			if got := line.Y[k] * window / 8e9; got != bytes[x/window] {
				t.Fatalf("%s: window %d: %v bytes, want %v", line.Name, k, got, bytes[x/window])
			}
		}
	}
	if compared == 0 {
		t.Error("nothing is compared")
	}
}

// TestSentAgain wants a × wherever a packet carries a byte of data that its own subflow had carried, whether TCP or MPTCP
// sent it again, counted byte by byte.
func TestSentAgain(t *testing.T) {
	files := []string{filepath.Join(coretest.Captures(), "two-path-upload.client.pcapng"), filepath.Join(coretest.Captures(), "handover.server.pcapng")}
	files = append(files, corpus.Files(t, "linux-v1/v1_link_failure_reinject.pcap")...)
	for _, file := range files {
		session := core.New(disk.Options())
		if err := session.Run(context.Background(), "load '"+file+"'", &collector{}); err != nil {
			t.Fatal(err)
		}
		for _, dest := range []string{"Server", "Client"} {
			seen, want := map[string][]bool{}, map[uint32]bool{}
			chart := chartOf(t, session, "plot dsn 0 "+dest)
			for _, p := range pointsOf(chart, marked(display.Segments)) {
				from, to := p.y-chart.Y.Base, p.y2-chart.Y.Base
				if more := int(to) - len(seen[p.stream]); more > 0 {
					seen[p.stream] = append(seen[p.stream], make([]bool, more)...)
				}
				bytes := seen[p.stream][from:to]
				want[p.frame] = want[p.frame] || slices.Contains(bytes, true)
				for b := range bytes {
					bytes[b] = true
				}
			}
			for _, p := range pointsOf(chartOf(t, session, "plot tsg 0 "+dest), marked(display.Retransmit)) {
				if !want[p.frame] {
					t.Errorf("%s towards the %s: frame %d is no repetition", filepath.Base(file), dest, p.frame)
				}
				delete(want, p.frame)
			}
			for frame, again := range want {
				if again {
					t.Errorf("%s towards the %s: frame %d is not marked", filepath.Base(file), dest, frame)
				}
			}
		}
	}
}
