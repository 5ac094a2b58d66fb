package core_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// named takes the series with a name that begins so.
func named(prefix string) func(s *display.Series) bool {
	return func(s *display.Series) bool { return strings.HasPrefix(s.Name, prefix) }
}

// every takes all series.
func every(*display.Series) bool { return true }

// streamsOf lists the streams of the frames by number, and the direction with more payload.
func streamsOf(t *testing.T, s *subject) (streams []string, toServer bool) {
	var up, down uint64
	for _, f := range s.frames {
		if id := f.field["tcp.stream"]; !slices.Contains(streams, id) {
			streams = append(streams, id)
		}
		if f.toServer() {
			up += f.num(t, "tcp.len")
		} else {
			down += f.num(t, "tcp.len")
		}
	}
	return streams, up > down
}

// A round trip is tshark's tcp.analysis.ack_rtt, apart from acks of what was sent twice, which tshark times by the last
// sending and the plot leaves out.
func checkRoundTripsAreTsharks(t *testing.T, s *subject) {
	again := map[string]bool{} // frames that send something again
	ends := map[string]bool{}  // of segments: tshark times no ack in the middle of one
	acks := map[uint32]string{}
	for _, f := range s.frames {
		ends[f.field["tcp.stream"]+" "+f.field["tcp.nxtseq"]] = true
		acks[f.number] = f.field["tcp.stream"] + " " + f.field["tcp.ack"]
		if f.has("tcp.analysis.retransmission") || f.has("tcp.analysis.out_of_order") {
			again[f.field["frame.number"]] = true
		}
	}
	rtt := map[uint32]int64{}
	for _, f := range s.frames {
		if f.has("tcp.analysis.ack_rtt") && again[f.field["tcp.analysis.acks_frame"]] {
			delete(acks, f.number)
		} else if f.has("tcp.analysis.ack_rtt") {
			rtt[f.number] = nanoseconds(t, f.field["tcp.analysis.ack_rtt"])
		}
	}
	equal, other := 0, 0
	for _, p := range pointsOf(s.drawn(t, "plot rtt 0"), func(s *display.Series) bool { return s.Group >= 0 }) {
		switch want, ok := rtt[p.frame]; {
		case !ok && ends[acks[p.frame]]:
			other++
		case !ok:
		case int64(p.y) != want:
			t.Errorf("%s: frame %d: %d ns, want %d", s.name, p.frame, p.y, want)
		default:
			equal++
		}
	}
	if equal < 100 || other*20 > equal {
		t.Errorf("%s: %d round trips are tshark's, %d are not there", s.name, equal, other)
	}
}

// The level of data to data ack is computed here from the acks alone: the first segment with the byte
// before each.
func checkDataRoundTrips(t *testing.T, s *subject) {
	for _, dest := range []string{"Server", "Client"} {
		sent := pointsOf(s.drawn(t, "plot dsn 0 "+dest), marked(display.Segments))
		acks := pointsOf(s.drawn(t, "plot dack 0 "+map[string]string{"Server": "Client", "Client": "Server"}[dest]), every)
		want, top := map[uint32]int64{}, uint64(0)
		for _, a := range acks {
			for _, p := range sent { // in the order of the capture
				if p.frame < a.frame && p.y < a.y && p.y2 >= a.y && a.y > top {
					want[a.frame] = a.x - p.x
					break
				}
			}
			top = max(top, a.y)
		}
		compared := 0
		for _, p := range pointsOf(s.drawn(t, "plot rtt 0 "+dest), named("data to")) {
			if w, ok := want[p.frame]; ok {
				compared++
				if int64(p.y) != w {
					t.Errorf("%s: frame %d: %d ns, want %d", s.name, p.frame, p.y, w)
				}
			}
		}
		if compared < len(want)*9/10 || compared == 0 {
			t.Errorf("%s %s: %d of %d acks are compared", s.name, dest, compared, len(want))
		}
	}
}

// The level in flight at a data segment is tshark's tcp.analysis.bytes_in_flight.
func checkFlightIsTsharks(t *testing.T, s *subject) {
	streams, _ := streamsOf(t, s)
	for _, id := range streams {
		chart := s.drawn(t, "plot tcp_flight "+id)
		equal, compared := 0, 0
		sacked := map[bool]bool{} // tshark takes what SACK blocks report away
		for _, f := range s.frames {
			if f.field["tcp.stream"] != id {
				continue
			}
			sacked[!f.toServer()] = f.has("tcp.options.sack_le")
			if !f.has("tcp.analysis.bytes_in_flight") || sacked[f.toServer()] {
				continue
			}
			for i := range chart.Series {
				line := &chart.Series[i]
				if line.Group < 0 || line.Dashed == f.toServer() {
					continue
				}
				at, _ := slices.BinarySearch(line.X, f.time+1)
				compared++
				if at > 0 && line.Y[at-1] == float64(f.num(t, "tcp.analysis.bytes_in_flight")) {
					equal++
				}
			}
		}
		if compared == 0 || equal*100 < compared*95 { // tshark restarts its count after segments that were not captured
			t.Errorf("%s stream %s: %d of %d are tshark's", s.name, id, equal, compared)
		}
	}
}

func checkWindowIsTsharks(t *testing.T, s *subject) {
	_, toServer := streamsOf(t, s)
	dest := map[bool]string{true: "Server", false: "Client"}[toServer]
	last, want := map[string]uint64{}, []point(nil)
	for _, f := range s.frames {
		id := f.field["tcp.stream"]
		if f.toServer() == toServer || !strings.HasPrefix(f.field["tcp.flags.ack"], "1") || f.field["tcp.flags.reset"] == "1" {
			continue
		}
		if w := f.num(t, "tcp.window_size"); last[id] != w {
			last[id] = w
			want = append(want, point{stream: id, server: toServer, frame: f.number, x: f.time, y: w})
		}
	}
	compare(t, s.name, pointsOf(s.drawn(t, "plot window 0 "+dest), func(s *display.Series) bool { return s.Group >= 0 }), want)
}

// An ack's size is the step of the highest mptcp.ack so far.
func checkAckSizesAreTsharks(t *testing.T, s *subject) {
	_, toServer := streamsOf(t, s)
	dest, back := "Server", "Client"
	if !toServer {
		dest, back = back, dest
	}
	top, first := uint64(0), true
	var want []point
	acks := pointsOf(s.drawn(t, "plot dack 0 "+back), every)
	for _, a := range acks {
		if a.y > top && !first {
			want = append(want, point{stream: a.stream, server: toServer, frame: a.frame, x: a.x, y: a.y - top})
		}
		top, first = max(top, a.y), false
	}
	compare(t, s.name, pointsOf(s.drawn(t, "plot acksize 0 "+dest), every), want)
}

func checkStreamSequenceIsTsharks(t *testing.T, s *subject) {
	streams, _ := streamsOf(t, s)
	for _, id := range streams {
		for _, toServer := range []bool{true, false} {
			checkSequence(t, s, id, toServer)
		}
	}
}

// checkSequence compares every mark of one direction of a stream.
func checkSequence(t *testing.T, s *subject, id string, toServer bool) {
	t.Helper()
	var spans, again, sacks, dups []point
	var top, edge uint64
	levels, edges := map[uint32]uint64{}, map[uint32]uint64{}
	for i := range s.frames {
		f := &s.frames[i]
		if f.field["tcp.stream"] != id {
			continue
		}
		seq, n := f.num(t, "tcp.seq"), f.num(t, "tcp.len")
		at := point{stream: id, server: true, frame: f.number, x: f.time}
		if f.toServer() == toServer {
			at.y, at.y2 = seq, seq+n
			if n > 0 {
				spans = append(spans, at)
			}
			if f.has("tcp.analysis.retransmission") {
				at.stream, at.y2 = "retransmission", 0
				again = append(again, at)
			}
			continue
		}
		if f.field["tcp.flags.ack"] != "1" || f.field["tcp.flags.reset"] == "1" {
			continue
		}
		ack := f.num(t, "tcp.ack")
		top, edge = max(top, ack), max(edge, ack+f.num(t, "tcp.window_size"))
		levels[f.number], edges[f.number] = top, edge
		if f.has("tcp.analysis.duplicate_ack") {
			dups = append(dups, point{stream: "duplicate", server: true, frame: f.number, x: f.time, y: ack})
		}
		le, re := strings.Split(f.field["tcp.options.sack_le"], ","), strings.Split(f.field["tcp.options.sack_re"], ",")
		for k := range le {
			if le[k] != "" {
				var from, to uint64
				fmt.Sscan(le[k], &from)
				fmt.Sscan(re[k], &to)
				sacks = append(sacks, point{stream: "SACK", server: true, frame: f.number, x: f.time, y: from, y2: to})
			}
		}
	}
	if len(spans) == 0 {
		return
	}
	slices.SortStableFunc(sacks, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.frame, b.frame), cmp.Compare(a.y, b.y))
	})
	dest := map[bool]string{true: "Server", false: "Client"}[toServer]
	what := fmt.Sprintf("%s stream %s %s ", s.name, id, dest)
	chart := s.drawn(t, "plot tcp_tsg "+id+" "+dest)
	chart.Y.Base = 0 // numbers are compared as they count from it
	payload := func(all []point) []point { return slices.DeleteFunc(all, func(p point) bool { return p.y2 == p.y }) }
	compare(t, what+"spans", payload(trimmed(pointsOf(chart, marked(display.Segments)), s)), spans)
	for _, part := range []struct {
		name string
		got  func(s *display.Series) bool
		want []point
	}{{"retransmission", named("retransmission"), again}, {"SACK", named("SACK"), sacks}, {"duplicate acks", named("duplicate"), dups}} {
		if got := pointsOf(chart, part.got); len(part.want) > 0 || len(got) > 0 {
			compare(t, what+part.name, got, part.want)
		}
	}
	compareLevels(t, what+"ack", pointsOf(chart, named("ack")), levels)
	compareLevels(t, what+"edge", pointsOf(chart, named("window edge")), edges)
}

// trimmed takes the number that SYN and FIN count away from the spans of segments that have them.
func trimmed(all []point, s *subject) []point {
	for i := range all {
		for k := range s.frames {
			if f := &s.frames[k]; f.number == all[i].frame && f.field["tcp.len"] == "0" {
				all[i].y2 = all[i].y
			} else if f.number == all[i].frame {
				all[i].y2 = min(all[i].y2, all[i].y+mustNumber(f.field["tcp.len"]))
			}
		}
	}
	return all
}

func mustNumber(text string) (n uint64) {
	fmt.Sscan(text, &n)
	return n
}

// compareLevels demands a level to be what it should be wherever it changes.
func compareLevels(t *testing.T, what string, got []point, want map[uint32]uint64) {
	t.Helper()
	for _, p := range got {
		if w, ok := want[p.frame]; !ok || w != p.y {
			t.Errorf("%s: %d at frame %d, want %d", what, p.y, p.frame, w)
			return
		}
	}
	if len(got) == 0 && len(want) > 0 {
		t.Errorf("%s: nothing is drawn", what)
	}
}
