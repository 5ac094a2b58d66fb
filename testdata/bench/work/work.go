// Package work is what make bench measures of our own: one thing done to a capture, by a process that does nothing else and
// holds nothing else (see testdata/bench/child).
package work

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Told is what came of it.
type Told struct {
	Frames  uint64  // in the capture
	Kept    uint64  // rows
	Conns   int     // MPTCP connections
	Seconds float64 // without the start of the process
	Heap    uint64  // bytes live when all is done
	Mallocs uint64  // allocations during the work
	Paired  uint64  // packets that both captures have
}

// Do reads, decodes or loads the capture of that name, or pairs it with another one.
func Do(what, name, other string) (t Told, err error) {
	f, err := os.Open(name)
	if err != nil {
		return t, err
	}
	defer f.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	var keep *trace.Trace
	switch what {
	case "read":
		err = t.read(f, func(*capture.Frame) {})
	case "decode":
		var p packet.Packet
		err = t.read(f, func(c *capture.Frame) {
			p.Number, p.Time, p.Interface = c.Number, c.Time, c.Interface
			packet.Decode(&p, c.Link, c.Data, c.Length)
			if p.Kind == packet.TCP {
				t.Kept++
			}
		})
	case "load":
		keep, err = trace.Load(context.Background(), f, trace.Options{})
	case "pair":
		keep, err = trace.Load(context.Background(), f, trace.Options{})
		if err == nil {
			err = t.pair(keep, other, &start, &before)
		}
	default:
		err = fmt.Errorf("no such work: %q", what)
	}
	if err != nil {
		return t, err
	}
	t.Seconds = time.Since(start).Seconds()
	runtime.ReadMemStats(&after)
	t.Mallocs = after.Mallocs - before.Mallocs
	if keep != nil {
		t.Frames, t.Kept, t.Conns = keep.Capture.Frames, keep.Capture.Kept, len(keep.Conns)
		runtime.GC()
		runtime.ReadMemStats(&after)
		t.Heap = after.HeapAlloc
		runtime.KeepAlive(keep)
	}
	return t, nil
}

// pair loads the other end's capture too and brings both together; time and allocations count from there.
func (t *Told) pair(here *trace.Trace, other string, start *time.Time, before *runtime.MemStats) error {
	f, err := os.Open(other)
	if err != nil {
		return err
	}
	defer f.Close()
	there, err := trace.Load(context.Background(), f, trace.Options{})
	if err != nil {
		return err
	}
	runtime.ReadMemStats(before)
	*start = time.Now()
	p, err := match.Captures(context.Background(), here, there)
	if err != nil {
		return err
	}
	p.Clock(p.Near, match.Given{})
	for i := range p.Flows {
		t.Paired += uint64(len(p.Flows[i].Hops))
	}
	return nil
}

// read has package capture hand out all frames.
func (t *Told) read(f *os.File, each func(*capture.Frame)) error {
	r := capture.NewReader(func(c *capture.Frame) error {
		each(c)
		return nil
	})
	r.Lend() // as trace.Load does
	err := r.ReadAll(context.Background(), f)
	t.Frames = uint64(r.Frames())
	return err
}
