package analysis_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// fromScript dissects a packet script.
func fromScript(t *testing.T, script string) (*trace.Trace, []byte) {
	t.Helper()
	file, err := dissecttest.Capture(script)
	if err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
	tr, err := trace.Load(t.Context(), bytes.NewReader(file), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tr, file
}

// twoSubflows is the beginning of a script: connection 0 with subflows 0 and 1.
const twoSubflows = `
0 C>S 0 S mss=1460 ts=1/0 mp_capable
0.01 S>C 0 S. mss=1460 ts=1/1 mp_capable
0.02 C>S 0 . ts=2/1 mp_capable
0.03 C>S 1 S ts=3/0 mp_join id=2
0.04 S>C 1 S. ts=3/3 mp_join
0.05 C>S 1 . ts=4/3 mp_join
0.06 S>C 1 . ts=5/4 dss ack8=1
`

// world sends data at random, byte by byte known: what each TCP byte of each subflow is at data level, and who carried it.
type world struct {
	dice   *rand.Rand
	script strings.Builder
	time   int
	next   int             // data sequence number
	dsn    [2][]int        // of each subflow's bytes, by TCP sequence number - 1
	seen   [2]map[int]bool // TCP bytes carried
	own    [2]map[int]bool // data carried
	first  map[int]int     // data: the subflow that carried it first
	want   [2]analysis.Carried
	by     [2][2]uint64 // reinjected by, of
}

func newWorld(seed uint64) *world {
	w := &world{dice: rand.New(rand.NewPCG(seed, 7)), next: 1, first: map[int]int{}}
	w.script.WriteString(twoSubflows)
	for i := range 2 {
		w.seen[i], w.own[i] = map[int]bool{}, map[int]bool{}
	}
	return w
}

// step sends one segment: of one to three runs of data, or of old TCP bytes, cut anew.
func (w *world) step() {
	s := w.dice.IntN(2)
	from := len(w.dsn[s])
	if from > 0 && w.dice.IntN(4) == 0 {
		from = w.dice.IntN(from)
		w.send(s, from, min(from+1+w.dice.IntN(90), len(w.dsn[s])))
		return
	}
	for range 1 + w.dice.IntN(3) {
		w.extend(s, 1+w.dice.IntN(40))
	}
	w.send(s, from, len(w.dsn[s]))
}

// extend appends a run of data to what a subflow is to send: new data, or some that was sent before, by whomever, and
// perhaps some that was not.
func (w *world) extend(s, n int) {
	at := w.next
	if w.next > 1 && w.dice.IntN(3) == 0 {
		at = 1 + w.dice.IntN(w.next-1)
	}
	for i := range n {
		w.dsn[s] = append(w.dsn[s], at+i)
	}
	w.next = max(w.next, at+n)
}

// send writes the segment with the TCP bytes [from, to), with a mapping for its first run of data sequence numbers; the
// mappings of the others were told before, or are told by an empty segment's option now.
func (w *world) send(s, from, to int) {
	for at := from; at < to; {
		end := at + 1
		for end < to && w.dsn[s][end] == w.dsn[s][end-1]+1 {
			end++
		}
		if at > from {
			w.line("%d . seq=%d dss dsn8=%d ssn=%d dlen=%d ack8=1", s, from+1, w.dsn[s][at], at+1, end-at)
		}
		at = end
	}
	run := from + 1
	for run < to && w.dsn[s][run] == w.dsn[s][run-1]+1 {
		run++
	}
	w.line("%d P. seq=%d len=%d dss dsn8=%d ssn=%d dlen=%d ack8=1", s, from+1, to-from, w.dsn[s][from], from+1, run-from)
	p := &w.want[s]
	p.Payload += uint64(to - from)
	for i := from; i < to; i++ {
		d := w.dsn[s][i]
		owner, known := w.first[d]
		switch {
		case w.seen[s][i]:
			p.Timeout++ // whatever the cause
		case w.own[s][d]:
			p.Repeated++
		case known:
			p.Reinjected++
			w.want[owner].Caused++
			w.by[s][owner]++
		default:
			p.Unique++
			w.first[d] = s
		}
		w.seen[s][i], w.own[s][d] = true, true
	}
}

func (w *world) line(format string, a ...any) {
	w.time++
	fmt.Fprintf(&w.script, "%d.%03d C>S "+format+"\n", append([]any{1 + w.time/1000, w.time % 1000}, a...)...)
}

// TestAccountProperty sends data at random, and accounts for every byte by itself.
func TestAccountProperty(t *testing.T) {
	for seed := range uint64(80) {
		w := newWorld(seed)
		for range 5 + w.dice.IntN(120) {
			w.step()
		}
		tr, file := fromScript(t, w.script.String())
		a, err := analysis.NewAccount(t.Context(), tr, &tr.Conns[0])
		if err != nil {
			t.Fatal(err)
		}
		for s := range 2 {
			got := a.Parts[stream.Server][s]
			got.Timeout += got.Fast + got.Spurious + got.Copies
			got = analysis.Carried{Payload: got.Payload, Unique: got.Unique, Timeout: got.Timeout, Repeated: got.Repeated,
				Reinjected: got.Reinjected, Caused: got.Caused, Unmapped: got.Unmapped}
			if got != w.want[s] {
				t.Fatalf("seed %d, subflow %d: %+v, want %+v\n%s", seed, s, got, w.want[s], w.script.String())
			}
		}
		var by [2][2]uint64
		for _, r := range a.Reinjections {
			by[r.By][r.Of] += r.Bytes
		}
		if by != w.by {
			t.Fatalf("seed %d: reinjected by and of %v, want %v", seed, by, w.by)
		}
		checkSizes(t, tr, a, file)
	}
}

// checkSizes holds that payload, options and headers make the IP packets, as the frames' lengths have them.
func checkSizes(t *testing.T, tr *trace.Trace, a *analysis.Account, file []byte) {
	t.Helper()
	const ethernet = 14
	want, packets := uint64(0), uint64(0)
	for f, err := range tr.Walk(t.Context(), bytes.NewReader(file)) {
		if err != nil {
			t.Fatal(err)
		}
		want += uint64(f.Length) - ethernet
		packets++
	}
	server, client := a.Total(stream.Server), a.Total(stream.Client)
	if got := server.Wire() + client.Wire(); got != want || server.Packets+client.Packets != packets {
		t.Fatalf("%d bytes in %d packets, the frames have %d in %d", got, server.Packets+client.Packets, want, packets)
	}
}

// TestAccountContradicted sends segments at random places under mappings at random, which contradict each other, and holds that the
// connection table agrees with the account. What no mapping covers counts as unmapped there however often it is sent.
func TestAccountContradicted(t *testing.T) {
	for seed := range uint64(200) {
		dice := rand.New(rand.NewPCG(seed, 8))
		var script strings.Builder
		subflows := 1 + dice.IntN(2)
		script.WriteString(strings.Join(strings.SplitAfter(twoSubflows, "\n")[:4+4*(subflows-1)], ""))
		for n := range 5 + dice.IntN(60) {
			at, length, dsn := 1+dice.IntN(200), 1+dice.IntN(60), 1+dice.IntN(300)
			fmt.Fprintf(&script, "%d.%03d C>S %d P. seq=%d len=%d", 1+n/1000, n%1000, dice.IntN(subflows), at, length)
			if dice.IntN(8) > 0 {
				into := dice.IntN(min(at, 20))
				fmt.Fprintf(&script, " dss dsn8=%d ssn=%d dlen=%d ack8=1", dsn, at-into, into+length-dice.IntN(min(length, 10)))
			}
			script.WriteString("\n")
		}
		tr, _ := fromScript(t, script.String())
		a, err := analysis.NewAccount(t.Context(), tr, &tr.Conns[0])
		if err != nil {
			t.Fatal(err)
		}
		checkAccount(t, fmt.Sprint("seed ", seed), a, &tr.Conns[0], stream.Server)
		sum, want := a.Total(stream.Server), tr.Conns[0].Toward[stream.Server]
		got := [...]uint64{sum.Unique, sum.Reinjected, sum.Retransmitted() + sum.Copies + sum.Repeated + sum.Unmapped}
		if w := [...]uint64{want.Unique, want.Reinjected, want.Retransmitted + want.Unmapped}; got != w || sum.Unmapped > want.Unmapped {
			t.Errorf("seed %d: unique, reinjected, again or unmapped are %d, the table has %d", seed, got, w)
		}
		if t.Failed() {
			t.Fatal(script.String())
		}
	}
}
