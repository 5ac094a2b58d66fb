package analysis_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// plainQueue is what a receiver's reorder queue went through, computed byte by byte.
type plainQueue struct {
	bytes, held, most uint64
	blocked           int64
	area              float64
	waits             []int64 // of each byte that waited, sorted
}

// replay lets the data towards d arrive with its packets.
func replay(tr *trace.Trace, d stream.Dest) (q plainQueue) {
	low := tr.Conns[0].Toward[d].DSNMin
	arrived := make([]int64, tr.Conns[0].Toward[d].DSNEnd-low) // 0: not yet
	next, now, size := 0, int64(0), uint64(0)
	for _, row := range tr.ConnRows(tr.Conns[0].ID) {
		if tr.ConnDest(row) != d || tr.PayloadLen(row) == 0 {
			continue
		}
		time := tr.Time(row)
		if size > 0 {
			q.blocked += time - now
			q.area += float64(size) * float64(time-now)
		}
		now = time
		for _, p := range tr.Pieces(row, nil) {
			for i := range p.Len {
				if at := p.DSN + uint64(i) - low; arrived[at] == 0 {
					arrived[at] = time
					q.bytes++
					size++
				}
			}
		}
		for next < len(arrived) && arrived[next] != 0 {
			if wait := time - arrived[next]; wait > 0 {
				q.waits = append(q.waits, wait)
			}
			next++
			size--
		}
		q.most = max(q.most, size)
	}
	q.held = uint64(len(q.waits))
	slices.Sort(q.waits)
	return q
}

func newStalls(t *testing.T, tr *trace.Trace) *analysis.Stalls {
	t.Helper()
	s, err := analysis.NewStalls(t.Context(), tr, &tr.Conns[0])
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func checkQueue(t *testing.T, what string, tr *trace.Trace, d stream.Dest, got *analysis.Delivery) {
	t.Helper()
	want := replay(tr, d)
	if got.Bytes != want.bytes || got.Held != want.held || got.MaxQueue != want.most || got.Blocked != want.blocked {
		t.Errorf("%s: arrived, held, most, blocked %d %d %d %d, want %d %d %d %d", what, got.Bytes, got.Held, got.MaxQueue, got.Blocked, want.bytes, want.held, want.most, want.blocked)
	}
	if got.Area < want.area*0.999999 || got.Area > want.area*1.000001 {
		t.Errorf("%s: area %g, want %g", what, got.Area, want.area)
	}
	if n := len(want.waits); n > 0 {
		w := got.Waits
		if w.Count != uint64(n) || w.Median != want.waits[(n+1)/2-1] || w.P95 != want.waits[(n*95+99)/100-1] || w.Max != want.waits[n-1] {
			t.Errorf("%s: waits %+v, want a median of %d and a longest of %d", what, w, want.waits[(n+1)/2-1], want.waits[n-1])
		}
	}
	var periods int64
	for _, p := range got.Periods {
		periods += p.To - p.From
	}
	if periods != got.Blocked {
		t.Errorf("%s: the periods last %d, blocked is %d", what, periods, got.Blocked)
	}
}

// TestQueueOfCaptures replays captures made at the receiver byte by byte.
func TestQueueOfCaptures(t *testing.T) {
	for _, test := range []struct {
		name string
		dest stream.Dest
	}{{"two-path-upload.server", stream.Server}, {"handover.client", stream.Client}, {"nat-clocks.server", stream.Server}, {"signal-address.client", stream.Client},
		{"checksum-failure.server", stream.Server}, {"fastclose.client", stream.Client}} {
		tr := coretest.Trace(t, filepath.Join(coretest.Captures(), test.name+".pcapng"))
		s := newStalls(t, tr)
		if !s.Toward[test.dest].Sight {
			t.Errorf("%s was not made at the receiver", test.name)
		}
		checkQueue(t, test.name, tr, test.dest, &s.Toward[test.dest])
	}
}

// TestQueueProperty replays random arrivals.
func TestQueueProperty(t *testing.T) {
	for seed := range uint64(60) {
		w := newWorld(seed)
		for range 5 + w.dice.IntN(100) {
			w.step()
		}
		// The server answers at once and the client late: the capture was made at the server.
		script := strings.Replace(w.script.String(), "0.01 S>C 0 S.", "0.0001 S>C 0 S.", 1)
		script = strings.Replace(script, "0.04 S>C 1 S.", "0.0301 S>C 1 S.", 1)
		tr, _ := fromScript(t, script)
		s := newStalls(t, tr)
		checkQueue(t, fmt.Sprintf("seed %d", seed), tr, stream.Server, &s.Toward[stream.Server])
	}
}

// TestQueueFromTheSender compares what a capture at the sender tells of the queue with the receiver's own.
func TestQueueFromTheSender(t *testing.T) {
	for _, test := range []struct {
		name     string
		dest     stream.Dest
		at, from string
	}{{"two-path-upload", stream.Server, "server", "client"}, {"handover", stream.Client, "client", "server"}, {"nat-clocks", stream.Server, "server", "client"}} {
		at := newStalls(t, coretest.Trace(t, filepath.Join(coretest.Captures(), test.name+"."+test.at+".pcapng"))).Toward[test.dest]
		from := newStalls(t, coretest.Trace(t, filepath.Join(coretest.Captures(), test.name+"."+test.from+".pcapng"))).Toward[test.dest]
		if from.Sight || from.Bytes != at.Bytes {
			t.Errorf("%s: %d bytes seen from the sender, %d arrived", test.name, from.Bytes, at.Bytes)
		}
		t.Logf("%s: held %d of %d, blocked %.2f of %.2f s, most %d of %d", test.name, from.Held, at.Held, float64(from.Blocked)/1e9, float64(at.Blocked)/1e9, from.MaxQueue, at.MaxQueue)
		near := func(a, b float64) bool { return a > b*0.8 && a < b*1.2 }
		if !near(float64(from.Held), float64(at.Held)) || !near(float64(from.Blocked), float64(at.Blocked)) || !near(float64(from.MaxQueue), float64(at.MaxQueue)) {
			t.Errorf("%s: the sender's capture tells another story", test.name)
		}
	}
}

// TestLimits follows a sender that meets a full window, a closed one, and an application that has nothing. It answers after
// 1 ms, as its handshake shows.
func TestLimits(t *testing.T) {
	tr, _ := fromScript(t, `
0 C>S 0 S mp_capable
0.1 S>C 0 S. win=200 mp_capable
0.101 C>S 0 . mp_capable
1.0 C>S 0 P. len=100 dss dsn8=1 ssn=1 ack8=1
1.1 S>C 0 . win=200 dss ack8=101
1.5 C>S 0 P. len=100 dss dsn8=101 ssn=101 ack8=1
1.6 C>S 0 P. len=100 dss dsn8=201 ssn=201 ack8=1
1.8 S>C 0 . win=0 dss ack8=301
2.8 S>C 0 . win=500 dss ack8=301
2.9 C>S 0 P. len=100 dss dsn8=301 ssn=301 ack8=1
3.0 S>C 0 . win=500 dss ack8=401
9.0 S>C 0 . win=400 dss ack8=401
`)
	s := newStalls(t, tr)
	l := s.Toward[stream.Server].Pacing
	start := tr.Capture.First
	want := []analysis.Stretch{
		{start + 1000*ms, start + 1101*ms, analysis.InFlight},
		{start + 1101*ms, start + 1500*ms, analysis.Idle},
		{start + 1500*ms, start + 1600*ms, analysis.AllSent},
		{start + 1600*ms, start + 1801*ms, analysis.WindowLimited},
		{start + 1801*ms, start + 2801*ms, analysis.ZeroWindow},
		{start + 2801*ms, start + 2900*ms, analysis.Idle},
		{start + 2900*ms, start + 3001*ms, analysis.AllSent},
	}
	if !slices.Equal(l.Stretches, want) {
		t.Errorf("%v\nwant %v", l.Stretches, want)
	}
	if l.Active() != 2001*ms || l.Time[analysis.ZeroWindow] != 1000*ms {
		t.Errorf("%v", l.Time)
	}
}

// TestWindowUnknown holds that without the scale of the receiver's window nothing is said to be limited by it.
func TestWindowUnknown(t *testing.T) {
	for name, known := range map[string]bool{"late-start.client.pcapng": false, "two-path-upload.client.pcapng": true} {
		tr := coretest.Trace(t, filepath.Join(coretest.Captures(), name))
		s, err := analysis.NewStalls(t.Context(), tr, &tr.Conns[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range cells(s.Table(tr, stream.Server)) {
			if told := row["window_limited"] != ""; told != known {
				t.Errorf("%s: window limited %q", name, row["window_limited"])
			}
		}
	}
}

// TestStallsOfPlainData holds that what paces data without mappings is read from TCP's numbers alone: data acks that its receiver goes on
// to send, whose numbers the keys decide, tell nothing of it (seen: a third of the time "window limited").
func TestStallsOfPlainData(t *testing.T) {
	const script = "0 C>S 0 S mss=1460 mp_capable\n0.01 S>C 0 S. mss=1460 mp_capable\n0.02 C>S 0 . mp_capable\n" +
		"0.03 C>S 0 P. len=100 mp_capable dlen=100\n0.04 S>C 0 .\n0.05 C>S 0 P. len=100 dss ack8=1 dsn8=101 ssn=101 dlen=100\n" +
		"0.1 S>C 0 P. len=1000\n0.12 C>S 0 .\n0.2 S>C 0 P. len=1000\n0.22 C>S 0 .\n0.3 S>C 0 P. len=1000\n0.32 C>S 0 .\n"
	var want analysis.Pacing
	for key := range 32 {
		tr, _ := fromScript(t, fmt.Sprintf("key S 0x%x\n", key+1)+script)
		s, err := analysis.NewStalls(t.Context(), tr, &tr.Conns[0])
		if err != nil {
			t.Fatal(err)
		}
		got := s.Toward[stream.Client].Pacing
		if key == 0 {
			want = got
		}
		if got.Time != want.Time || got.Active() < 2e8 || got.Time[analysis.WindowLimited] > 0 {
			t.Errorf("key %d: %v, with another key %v", key+1, got.Time, want.Time)
		}
	}
}
