package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

func TestShaperPaces(t *testing.T) {
	// 8 Mbit/s: a frame of 1000 bytes takes 1 ms.
	s := newShaper(Path{RateMbit: 8, DelayMs: 10, DelayBackMs: 30, Queue: 2}, up, 1, 0)
	want := []struct {
		at   time.Duration
		fate fate
	}{{ms(11), delivered}, {ms(12), delivered}, {ms(13), delivered}, {0, overflow}}
	for i, w := range want {
		at, f := s.admit(0, 1000)
		if f != w.fate || (f == delivered && at[0] != w.at) {
			t.Errorf("frame %d: %v %v, want %v %v", i, at, f, w.at, w.fate)
		}
	}
	if at, f := s.admit(ms(50), 1000); f != delivered || at[0] != ms(61) {
		t.Errorf("after a pause: %v %v", at, f)
	}
	if at, _ := newShaper(Path{DelayMs: 10, DelayBackMs: 30, Queue: 1}, down, 1, 0).admit(0, 1000); at[0] != ms(30) {
		t.Errorf("the other direction arrives at %v", at[0])
	}
}

func TestShaperDice(t *testing.T) {
	const n = 10000
	count := func(p Path, seed uint64) (fates map[fate]int, arrivals int, order string) {
		p.Queue = 100
		s := newShaper(p, up, seed, 0)
		fates = map[fate]int{}
		for i := range n {
			at, f := s.admit(time.Duration(i)*time.Millisecond, 100)
			fates[f]++
			arrivals += len(at)
			if i < 100 {
				order += string(f[0])
			}
		}
		return fates, arrivals, order
	}
	p := Path{Loss: 0.1, Duplicate: 0.05}
	fates, arrivals, order := count(p, 7)
	if l := fates[lost]; l < 900 || l > 1100 {
		t.Errorf("lost %d of %d at 10 %%", l, n)
	}
	if d := arrivals - fates[delivered]; d < 350 || d > 550 {
		t.Errorf("duplicated %d of %d at 5 %%", d, n)
	}
	if _, again, same := count(p, 7); same != order || again != arrivals {
		t.Error("the same seed gave another run")
	}
	if _, _, other := count(p, 8); other == order {
		t.Error("another seed gave the same run")
	}
}

func TestShaperOrder(t *testing.T) {
	for _, reorder := range []bool{false, true} {
		s := newShaper(Path{JitterMs: 5, DelayMs: 10, Reorder: reorder, Queue: 100}, up, 3, 0)
		overtaken, last := 0, time.Duration(0)
		for i := range 1000 {
			at, _ := s.admit(time.Duration(i)*time.Millisecond, 100)
			if at[0] < last {
				overtaken++
			}
			last = at[0]
		}
		if (overtaken > 0) != reorder {
			t.Errorf("reorder=%v: %d frames overtook", reorder, overtaken)
		}
	}
}

// hand is a device whose host is the test: what it puts in, the host has sent.
type hand struct {
	in  chan []byte
	mu  sync.Mutex
	out [][]byte
}

func (h *hand) receive(buf []byte) ([]byte, offload, error) {
	f, ok := <-h.in
	if !ok {
		return nil, offload{}, io.EOF
	}
	return buf[:copy(buf, f)], offload{}, nil
}

func (h *hand) send(frame []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.out = append(h.out, frame)
	return nil
}

func (h *hand) got() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.out)
}

// TestLink sends frames over a path with loss, duplicates and a NAT, and then compares both captures with the truth.
func TestLink(t *testing.T) {
	sc, err := parseScenario([]byte(`{"seed":5,"snaplen":60,"server_clock":{"offset_ms":250,"drift_ppm":100},
		"paths":[{"rate_mbit":80,"delay_ms":3,"loss":0.2,"duplicate":0.1,"boxes":[{"do":"nat","addr":"10.0.1.9"}]}],
		"flows":[{"up":64}]}`), "link")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	w, err := newWorld(&sc, dir)
	if err != nil {
		t.Fatal(err)
	}
	zero := w.watch.now()
	w.start.Store(int64(zero))
	w.client.start(zero, 0)
	w.server.start(zero, 0)
	a, b := &hand{in: make(chan []byte)}, &hand{in: make(chan []byte)}
	l := w.newLink(0, a, b)
	const n = 200
	for i := range n {
		syn := mptcpSYN()
		syn.Seq = uint32(i)
		a.in <- build(t, syn, strings.Repeat("x", i), false)
	}
	waitUntil(t, func() bool { return len(w.truth.snapshot()) >= n && b.got() == countFate(w, delivered) })
	l.down.Store(true)
	b.in <- build(t, mptcpSYN(), "", false)
	waitUntil(t, func() bool { return countFate(w, linkDown) >= 1 })
	close(a.in)
	close(b.in)
	l.wait()
	finishWorld(t, w, dir)
	rows := compareTruth(t, &sc, dir, zero, w.watch)
	if l, d := rows["lost"], rows["delivered"]; l < 20 || l > 60 || d != b.got() {
		t.Errorf("of %d frames: %d lost, %d delivered, %d arrived", n, l, d, b.got())
	} else if twice := d + rows["down"] + rows["unfinished"] - 1 - (n - l); twice < 1 {
		t.Errorf("of %d frames none was duplicated: %v", n, rows)
	}
	for _, f := range b.out {
		if s, ok := locate(f); !ok || !bytes.Equal(s.src(), []byte{10, 0, 1, 9}) {
			t.Fatal("a frame passed the NAT untranslated")
		}
	}
}

// TestLinkAccountsForWhatIsUnderWay ends a run while a frame is on its way.
func TestLinkAccountsForWhatIsUnderWay(t *testing.T) {
	sc, err := parseScenario([]byte(`{"paths":[{"delay_ms":60000}],"flows":[{"up":64}]}`), "far")
	if err != nil {
		t.Fatal(err)
	}
	w, err := newWorld(&sc, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a, b := &hand{in: make(chan []byte)}, &hand{in: make(chan []byte)}
	l := w.newLink(0, a, b)
	a.in <- build(t, mptcpSYN(), "", false)
	close(a.in)
	close(b.in)
	l.wait()
	if countFate(w, unfinished) != 1 || b.got() != 0 {
		t.Errorf("truth: %+v", w.truth.snapshot())
	}
}

func (t *truth) snapshot() []crossing {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]crossing(nil), t.rows...)
}

func countFate(w *world, f fate) int {
	n := 0
	for _, c := range w.truth.snapshot() {
		if c.fate == f {
			n++
		}
	}
	return n
}

// waitUntil waits for something that other goroutines bring about. The limit only keeps a broken
// test from hanging.
func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	for limit := time.Now().Add(5 * time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("nothing happens any more")
		}
	}
}

func finishWorld(t *testing.T, w *world, dir string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "truth.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{w.client.close(), w.server.close(), w.truth.write(f, w.watch), f.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// seen is a frame as a capture file has it.
type seen struct {
	at       time.Time
	len, ifc int
}

func readCapture(t *testing.T, file string) []seen {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewNgReader(f, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	if r.LinkType() != layers.LinkTypeEthernet {
		t.Errorf("%s: link type %v", file, r.LinkType())
	}
	var all []seen
	for {
		_, ci, err := r.ReadPacketData()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("%s: frame %d: %v", file, len(all)+1, err)
		}
		all = append(all, seen{at: ci.Timestamp, len: ci.Length, ifc: ci.InterfaceIndex})
	}
}

// compareTruth asserts that the captures in dir hold exactly the frames that truth.csv gives them,
// on its interfaces, with its lengths, and at its times once the clocks' errors are added. It gives
// the number of crossings by fate.
func compareTruth(t *testing.T, sc *Scenario, dir string, zero time.Duration, watch stopwatch) map[string]int {
	t.Helper()
	client, server := readCapture(t, filepath.Join(dir, "client.pcapng")), readCapture(t, filepath.Join(dir, "server.pcapng"))
	fates := map[string]int{}
	named := [2]map[int]bool{{}, {}}
	for i, row := range readTruth(t, filepath.Join(dir, "truth.csv")) {
		fates[row.fate]++
		from, to, fc, tc := client, server, sc.ClientClock, sc.ServerClock
		a, b := row.client, row.server
		if row.dir == "down" {
			from, to, fc, tc = to, from, tc, fc
			a, b = b, a
		}
		named[0][row.client], named[1][row.server] = true, true
		check := func(end string, frames []seen, n int, c Clock, ns int64, wire bool) {
			since := time.Duration(ns-watch.start.UnixNano()) - zero
			want := watch.wall(zero + c.read(since))
			if n < 1 || n > len(frames) {
				t.Errorf("row %d: %s frame %d of %d", i, end, n, len(frames))
			} else if f := frames[n-1]; !f.at.Equal(want) || f.ifc != row.path-1 || (wire && f.len != row.len) {
				t.Errorf("row %d: %s frame %d is %+v, want %v, interface %d, %d bytes", i, end, n, f, want, row.path-1, row.len)
			}
		}
		if row.sent >= watch.wall(zero).UnixNano() {
			check("sent", from, a, fc, row.sent, !sc.Paths[row.path-1].Offload)
		}
		if row.fate == "delivered" && row.recv >= watch.wall(zero).UnixNano() {
			check("received", to, b, tc, row.recv, true)
		} else if row.fate != "delivered" && (row.recv != 0 || b != 0) {
			t.Errorf("row %d: %s, but received", i, row.fate)
		}
	}
	for n, frames := range [2][]seen{client, server} {
		for i := range frames {
			if !named[n][i+1] {
				t.Errorf("frame %d of capture %d is not in the truth", i+1, n)
			}
		}
	}
	return fates
}

// truthRow is a line of truth.csv, as far as it is compared.
type truthRow struct {
	path, len, client, server int
	dir, fate                 string
	sent, recv                int64
}

func readTruth(t *testing.T, file string) []truthRow {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(lines[0], ","); got != truthHeader {
		t.Fatalf("header %s", got)
	}
	var rows []truthRow
	for _, l := range lines[1:] {
		r := truthRow{dir: l[1], fate: l[4]}
		if l[3] == "" {
			l[3] = "0"
		}
		_, err := fmt.Sscan(strings.Join([]string{l[0], l[2], l[3], l[6], l[7], l[8]}, " "), &r.path, &r.sent, &r.recv, &r.len, &r.client, &r.server)
		if err != nil {
			t.Fatalf("%v: %v", l, err)
		}
		rows = append(rows, r)
	}
	return rows
}
