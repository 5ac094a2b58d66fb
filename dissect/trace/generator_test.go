package trace_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// generator makes a long version 0 capture without keeping it: a handshake, a join, then data with a mapping of its own
// on every segment, on two subflows in turn, about every hundredth segment sent again on the other one, and an ack after
// every second.
type generator struct {
	head   []byte    // pcap header, handshakes
	frames [3][]byte // data on either subflow, an ack
	at     [2]uint32 // next subflow sequence number
	dsn    uint32
	time   uint32
}

const generatedScript = `
version 0
0 C>S 0 S mp_capable
0 S>C 0 S. mp_capable
0 C>S 0 . mp_capable
0 C>S 1 S mp_join id=2
0 S>C 1 S. mp_join id=1
0 C>S 1 . mp_join
0 C>S 0 P. len=100 ts=1/2 dss dsn4=1 ssn=1 ack4=1
0 C>S 1 P. len=100 ts=1/2 dss dsn4=101 ssn=1 ack4=1
0 S>C 0 . ts=1/2 dss ack4=101
`

func newGenerator() *generator {
	file, err := dissecttest.Capture(generatedScript)
	if err != nil {
		panic(err)
	}
	g := &generator{at: [2]uint32{1, 1}}
	g.head = binary.LittleEndian.AppendUint32(nil, 0xa1b23c4d) // nanoseconds
	g.head = append(g.head, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0)
	frames := framesOf(file)
	for _, f := range frames[:len(frames)-3] {
		g.head = append(g.head, g.record(f)...)
	}
	copy(g.frames[:], frames[len(frames)-3:])
	d, _ := optionAt(g.frames[0])
	g.dsn = binary.BigEndian.Uint32(d[8:])
	return g
}

// framesOf takes the packets out of a pcapng file.
func framesOf(file []byte) (frames [][]byte) {
	le := binary.LittleEndian
	for len(file) >= 12 {
		if n := le.Uint32(file[4:]); le.Uint32(file) == 6 {
			size := le.Uint32(file[20:])
			frames = append(frames, bytes.Clone(file[28:28+size]))
			file = file[n:]
		} else {
			file = file[n:]
		}
	}
	return frames
}

// optionAt is the DSS option of a frame made by the script: Ethernet, IPv4, TCP, timestamps before it.
func optionAt(frame []byte) (dss, tcp []byte) {
	tcp = frame[14+20:]
	return tcp[20+12:], tcp
}

func (g *generator) record(frame []byte) []byte {
	g.time += 1000
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 1_700_000_000+g.time/1e9)
	b = le.AppendUint32(b, g.time%1e9)
	b = le.AppendUint32(b, uint32(len(frame)))
	b = le.AppendUint32(b, uint32(len(frame)))
	return append(b, frame...)
}

// next is packet i after the handshakes.
func (g *generator) next(i int) []byte {
	be := binary.BigEndian
	flow := i % 3
	f := g.frames[flow]
	d, tcp := optionAt(f)
	if flow == 2 {
		be.PutUint32(tcp[8:], 100_000+g.at[0])
		be.PutUint32(d[4:], g.dsn)
		return g.record(f)
	}
	be.PutUint32(tcp[4:], uint32(flow+1)*100_000+g.at[flow])
	dsn := g.dsn
	if i%100 == 99 {
		dsn -= 100 // what the other subflow carried last
	} else {
		g.dsn += 100
	}
	be.PutUint32(d[8:], dsn)
	be.PutUint32(d[12:], g.at[flow])
	g.at[flow] += 100
	return g.record(f)
}

// reader gives a capture of n packets; look is called now and then.
func (g *generator) reader(n int, look func()) io.Reader {
	const head = 6
	r, w := io.Pipe()
	go func() {
		_, err := w.Write(g.head)
		buf := make([]byte, 0, 1<<16)
		for i := range n - head {
			buf = append(buf, g.next(i)...)
			if len(buf) > 1<<16-1024 || i == n-head-1 {
				if _, err = w.Write(buf); err != nil {
					break
				}
				buf = buf[:0]
			}
			if i%20_000 == 0 && look != nil {
				look()
			}
		}
		w.CloseWithError(err)
	}()
	return r
}

// heap is how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC() // what pools hold lives through one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemory measures what a Trace keeps of a packet, in a costly case: timestamps, and a mapping of its own on every
// segment. And that loading allocates by blocks, not by packets.
func TestMemory(t *testing.T) {
	const n = 200_000
	var file bytes.Buffer
	if _, err := file.ReadFrom(newGenerator().reader(n, nil)); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	used := heap()
	runtime.ReadMemStats(&before)
	l := trace.NewLoader(trace.Options{})
	if err := l.Feed(file.Bytes()); err != nil {
		t.Fatal(err)
	}
	tr, err := l.Finish()
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	perRow := float64(heap()-used) / n
	if tr.Len() != n {
		t.Fatalf("%d rows", tr.Len())
	}
	t.Logf("%.1f bytes a row", perRow)
	if perRow > 64 {
		t.Errorf("%.1f bytes a row", perRow)
	}
	if allocs := after.Mallocs - before.Mallocs; allocs > n/25 {
		t.Errorf("%d allocations for %d rows", allocs, n)
	}
	if c := tr.Conns[0].Toward[2]; c.Reinjected == 0 || c.Unmapped != 0 || c.Unique != c.Bytes-c.Reinjected {
		t.Errorf("%+v", c)
	}
	runtime.KeepAlive(tr)
	runtime.KeepAlive(&file)
}
