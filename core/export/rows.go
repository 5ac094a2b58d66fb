package export

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// breath is how many rows are written between two looks at whether that was interrupted.
const breath = 1 << 12

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
	s := newSpan(w, t)
	for i := 0; i < t.Len(); i += breath {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		end := min(i+breath, t.Len())
		if err := s.add(w.encoder, i, end); err != nil {
			return err
		}
		w.Kept.Packets += uint64(end - i)
		w.Kept.Rows += uint64(end - i)
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
