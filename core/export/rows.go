package export

import (
	"context"
	"runtime"
	"sync"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// breath is how many rows are written between two looks at whether that was interrupted. Their text stays in the cache of a
// processor.
const breath = 1 << 11

// mostHands is how many goroutines write at most: one after the other has to wait for the output.
const mostHands = 8

// divisible is an Encoder whose records may be encoded by several goroutines at the same time. Closing it writes what it
// holds, and no more.
type divisible interface {
	Encoder
	// divide gives an encoder for the same output. It holds what it is told until it is closed; then it may be told more.
	divide() Encoder
}

// rows hands out all rows of a trace.
func (w *Writing) rows(ctx context.Context, t *trace.Trace) error {
	if w.packets && w.job.mask == nil && w.job.sel.everything() {
		return w.all(ctx, t)
	}
	c := &trace.Context{Interfaces: t.Interfaces}
	var row trace.Row
	for i := range t.Len() {
		if i%breath == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		t.Row(i, &row)
		if err := w.Add(c, &row); err != nil {
			return err
		}
	}
	return nil
}

// all writes the table of all packets, which need not be put together where their numbers tell enough.
func (w *Writing) all(ctx context.Context, t *trace.Trace) error {
	hands := min(runtime.GOMAXPROCS(0), mostHands, t.Len()/breath)
	if d, can := w.encoder.(divisible); can && hands > 1 {
		return w.divided(ctx, t, d, hands)
	}
	s := newSpan(w, t)
	for i := 0; i < t.Len(); i += breath {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := s.add(w.encoder, i, min(i+breath, t.Len())); err != nil {
			return err
		}
		w.wrote(min(breath, t.Len()-i))
	}
	return nil
}

// wrote counts packets.
func (w *Writing) wrote(n int) {
	w.Kept.Packets += uint64(n)
	w.Kept.Rows += uint64(n)
}

// divided does so by several goroutines: while one writes what it encoded, the others encode.
func (w *Writing) divided(ctx context.Context, t *trace.Trace, d divisible, hands int) error {
	if err := d.Close(); err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	turns := make([]chan struct{}, hands)
	for k := range turns {
		turns[k] = make(chan struct{}, 1)
	}
	turns[0] <- struct{}{}
	var all sync.WaitGroup
	for k := range hands {
		all.Go(func() {
			h := hand{w: w, span: newSpan(w, t), encoder: d.divide(), turn: turns[k], next: turns[(k+1)%hands]}
			if err := h.work(ctx, k*breath, hands*breath); err != nil {
				fail(err)
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// hand writes every so manieth part of a table.
type hand struct {
	w          *Writing
	span       *span
	encoder    Encoder
	turn, next chan struct{} // whose turn it is to write
}

// work writes the parts from a row on, a stride apart.
func (h *hand) work(ctx context.Context, from, stride int) error {
	for n := h.span.t.Len(); from < n; from += stride {
		end := min(from+breath, n)
		if err := h.span.add(h.encoder, from, end); err != nil {
			return err
		}
		select {
		case <-h.turn:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := h.encoder.Close(); err != nil {
			return err
		}
		h.w.wrote(end - from)
		h.next <- struct{}{}
	}
	return nil
}

// span hands rows of a trace to an encoder.
type span struct {
	t      *trace.Trace
	pass   *trace.NumberPass
	record Record
	row    trace.Row
}

func newSpan(w *Writing, t *trace.Trace) *span {
	s := &span{t: t, pass: t.NewNumberPass(), record: w.record}
	s.record.Context, s.record.Row = &trace.Context{Interfaces: t.Interfaces}, &s.row
	return s
}

// add hands the rows from one on, up to the other.
func (s *span) add(to Encoder, from, end int) error {
	r := &s.record
	r.before = s.t.Time(uint32(max(from-1, 0)))
	for i := from; i < end; i++ {
		if s.pass.At(uint32(i), &r.Numbers) {
			r.later, r.place = s.t, i
		} else {
			r.later = nil
			s.t.Row(i, &s.row)
			s.row.Numbers(&r.Numbers)
		}
		if err := to.Add(0, r); err != nil {
			return err
		}
		r.before = s.t.Time(uint32(i))
	}
	return nil
}
