package analysis

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Verdict is one sentence with its evidence: MPTCP or not, since when and why. It is the first one of Explain.
func Verdict(t *trace.Trace, c *conn.Conn) string {
	e := examine(t, c)
	f := e.findings()[0]
	return e.sentence(&f)
}

// Diagnoses has the verdict on every connection of a capture, each concluded once, when it is asked for: what Diagnose puts
// first. Several goroutines may use it.
type Diagnoses struct {
	t       *trace.Trace
	guard   sync.Mutex
	options *optionIndex
	around  *surroundings
	known   []Diagnosis    // by index in Trace.Conns, NumDiagnoses for what was not asked yet
	swept   []*examination // by the same index, once it is worth it: see sweep
	room    room
}

// NewDiagnoses looks at the packets with options once, so that a verdict takes a look at its own connection only.
func NewDiagnoses(t *trace.Trace) *Diagnoses {
	d := &Diagnoses{t: t, options: indexOptions(t), around: surroundingsOf(t), known: make([]Diagnosis, len(t.Conns))}
	for i := range d.known {
		d.known[i] = NumDiagnoses
	}
	return d
}

// Of is the verdict on the connection with that index in Trace.Conns.
func (d *Diagnoses) Of(index int) Diagnosis {
	d.guard.Lock()
	defer d.guard.Unlock()
	d.prepare()
	d.conclude(index, &d.room)
	return d.known[index]
}

// Finding is the verdict with its evidence, concluded anew.
func (d *Diagnoses) Finding(index int) Finding {
	d.guard.Lock()
	defer d.guard.Unlock()
	d.prepare()
	return d.examine(index, &d.room).findings()[0]
}

func (d *Diagnoses) conclude(index int, r *room) {
	if d.known[index] == NumDiagnoses {
		d.known[index] = d.examine(index, r).findings()[0].Diagnosis
	}
}

// prepare sweeps over the capture where that is worth it.
func (d *Diagnoses) prepare() {
	if d.swept == nil && len(d.t.Conns) > 1 && d.t.Len()/len(d.t.Conns) >= sweptRows {
		d.swept = sweep(d.t, d.options)
	}
}

func (d *Diagnoses) examine(index int, r *room) *examination {
	var e *examination
	if d.swept != nil && d.swept[index] != nil {
		e, d.swept[index] = d.swept[index], nil
	} else {
		e = r.examine(d.t, &d.t.Conns[index], d.options.of(index))
	}
	e.around = d.around
	return e
}

// All concludes on every connection.
func (d *Diagnoses) All(ctx context.Context) error {
	d.guard.Lock()
	defer d.guard.Unlock()
	d.prepare()
	return spread(ctx, len(d.known), func() func(int) error {
		var r room
		return func(i int) error { d.conclude(i, &r); return nil }
	})
}

// spread does something for each of 0 to n-1, on as many processors as there are: in stretches, each in order and with a
// function of its own.
func spread(ctx context.Context, n int, worker func() func(i int) error) error {
	workers := min(runtime.GOMAXPROCS(0), n)
	failed := make([]error, workers)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			do := worker()
			for i := n * w / workers; i < n*(w+1)/workers && failed[w] == nil; i++ {
				if failed[w] = ctx.Err(); failed[w] == nil {
					failed[w] = do(i)
				}
			}
		})
	}
	wait.Wait()
	return errors.Join(failed...)
}

// each does something for each of 0 to n-1, as spread does.
func each(ctx context.Context, n int, do func(i int) error) error {
	return spread(ctx, n, func() func(int) error { return do })
}

// packetName writes "packet 2", or "packet 2 (frame 7 in Wireshark)" where frames that are not TCP came before.
func packetName(t *trace.Trace, packet uint32) string {
	if packet == 0 || int(packet) > t.Len() || t.FrameOf(packet-1) == packet {
		return fmt.Sprintf("packet %d", packet)
	}
	return fmt.Sprintf("packet %d (frame %d in Wireshark)", packet, t.FrameOf(packet-1))
}
