package trace_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// flood makes a capture of n packets of one kind, each on a 4-tuple of its own: the frame, with the packet's number in
// the source address and port.
type flood struct {
	frame  []byte // Ethernet, IPv4, TCP
	change func(frame []byte, i uint32)
	n      int
	i      int
	buf    bytes.Buffer
}

func newFlood(frame []byte, n int, change func([]byte, uint32)) *flood {
	f := &flood{frame: frame, change: change, n: n}
	f.buf.Write([]byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0})
	return f
}

func (f *flood) Read(p []byte) (int, error) {
	le := binary.LittleEndian
	for f.buf.Len() < len(p) && f.i < f.n {
		f.change(f.frame, uint32(f.i))
		var head [16]byte
		le.PutUint32(head[:], uint32(f.i/1000))
		le.PutUint32(head[4:], uint32(f.i%1000*1000))
		le.PutUint32(head[8:], uint32(len(f.frame)))
		le.PutUint32(head[12:], uint32(len(f.frame)))
		f.buf.Write(head[:])
		f.buf.Write(f.frame)
		f.i++
	}
	return f.buf.Read(p)
}

// synWith is a SYN with options, whose length is a multiple of 4.
func synWith(options ...byte) []byte {
	f := make([]byte, 14, 14+20+20+len(options))
	f[12] = 8
	f = append(f, 0x45, 0, 0, byte(40+len(options)), 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 192, 168, 0, 1)
	f = append(f, 0, 0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, byte(5+len(options)/4)<<4, 2, 0xff, 0xff, 0, 0, 0, 0)
	return append(f, options...)
}

// ownTuple gives a packet a source of its own.
func ownTuple(frame []byte, i uint32) {
	binary.BigEndian.PutUint32(frame[26:], 10<<24|i>>4)
	binary.BigEndian.PutUint16(frame[34:], uint16(1024+i&15))
}

// loadFlood loads it, and gives the trace, what it keeps of a packet, and what loading allocated for one, in bytes.
func loadFlood(t *testing.T, f *flood) (tr *trace.Trace, kept, allocated float64) {
	t.Helper()
	var before, after runtime.MemStats
	used := heap()
	runtime.ReadMemStats(&before)
	tr, err := trace.Load(context.Background(), f, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	kept = float64(heap()-used) / float64(f.n)
	if tr.Len() != f.n {
		t.Fatalf("%d rows, want %d", tr.Len(), f.n)
	}
	return tr, kept, float64(after.TotalAlloc-before.TotalAlloc) / float64(f.n)
}

// floodSize is how many packets of a kind must be borne.
func floodSize() int {
	if testing.Short() {
		return 100_000
	}
	return 1_000_000
}

// TestManyStreams loads a million TCP streams.
func TestManyStreams(t *testing.T) {
	n := floodSize()
	tr, kept, allocated := loadFlood(t, newFlood(synWith(), n, ownTuple))
	t.Logf("%.0f bytes a stream kept, %.0f allocated", kept, allocated)
	if len(tr.Streams) != n || len(tr.Conns) != 0 {
		t.Fatalf("%d streams, %d connections", len(tr.Streams), len(tr.Conns))
	}
	if kept > 600 || allocated > 1200 {
		t.Errorf("%.0f bytes a stream kept, %.0f allocated", kept, allocated)
	}
	if rows := tr.StreamRows(uint32(n - 1)); len(rows) != 1 || rows[0] != uint32(n-1) {
		t.Errorf("the last stream has the rows %v", rows)
	}
	runtime.KeepAlive(tr)
}

// TestManyOrphans loads a million JOINs whose tokens nobody knows: each is a connection of its own.
func TestManyOrphans(t *testing.T) {
	n := floodSize()
	join := []byte{30, 12, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 7}
	f := newFlood(synWith(join...), n, func(frame []byte, i uint32) {
		ownTuple(frame, i)
		binary.BigEndian.PutUint32(frame[58:], i*0x9e3779b1)
	})
	tr, kept, allocated := loadFlood(t, f)
	t.Logf("%.0f bytes a connection kept, %.0f allocated", kept, allocated)
	if len(tr.Streams) != n || len(tr.Conns) != n {
		t.Fatalf("%d streams, %d connections", len(tr.Streams), len(tr.Conns))
	}
	if kept > 1500 || allocated > 2200 {
		t.Errorf("%.0f bytes a connection kept, %.0f allocated", kept, allocated)
	}
	last := tr.Conns[n-1]
	if s := last.Subflows[0]; !s.HasToken || s.Token != uint32(n-1)*0x9e3779b1 || len(last.Subflows) != 1 {
		t.Errorf("the last connection is %+v", last)
	}
	if i := tr.Issues[0]; i.Count != uint64(n) || len(tr.Issues) > 2*1000 {
		t.Errorf("%d issues, of which the first kind counts %d", len(tr.Issues), i.Count)
	}
	runtime.KeepAlive(tr)
}

// TestManyInterfaces loads a capture of ten thousand interfaces, half of them described after packets of others, with a
// packet on each.
func TestManyInterfaces(t *testing.T) {
	const n = 10_000
	le := binary.LittleEndian
	file := []byte("\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00")
	frame := append(synWith(), 0, 0) // padded to 4 bytes
	for i := range uint32(n) {
		name := fmt.Sprintf("if%06d", i)
		file = le.AppendUint32(append(file, 1, 0, 0, 0, 36, 0, 0, 0, 1, 0, 0, 0), 96)
		file = append(append(file, 2, 0, 8, 0), name...)
		file = le.AppendUint32(append(file, 0, 0, 0, 0), 36)
		if i%2 == 0 && i < n-2 {
			continue
		}
		for k := range uint32(2) {
			ownTuple(frame, 2*i+k)
			size := uint32(32 + len(frame))
			file = le.AppendUint32(le.AppendUint32(file, 6), size)
			file = le.AppendUint32(le.AppendUint32(le.AppendUint32(file, i-k), 0), i)
			file = le.AppendUint32(le.AppendUint32(file, uint32(len(frame)-2)), uint32(len(frame)-2))
			file = le.AppendUint32(append(file, frame...), size)
		}
	}
	tr, err := trace.Load(context.Background(), bytes.NewReader(file), trace.Options{})
	if err != nil || tr.Capture.Cut != nil {
		t.Fatal(err, tr.Capture.Cut)
	}
	if len(tr.Interfaces) != n || tr.Interfaces[n-1].Name != "if009999" || tr.Interfaces[7].SnapLen != 96 {
		t.Fatalf("%d interfaces, the last is %+v", len(tr.Interfaces), tr.Interfaces[n-1])
	}
	seen := map[uint32]bool{}
	var r trace.Row
	for i := range tr.Len() {
		tr.Row(i, &r)
		seen[r.Interface] = true
	}
	if len(seen) != n {
		t.Errorf("packets on %d interfaces", len(seen))
	}
	checkWalk(t, tr, bytes.NewReader(file))
}
