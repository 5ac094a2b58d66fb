package export

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Kept counts what a Writing wrote.
type Kept struct {
	Packets uint64 // selected
	Rows    uint64 // written, of all tables
}

// Writing is an output under way: captures are written to it one after the other, then it is closed.
type Writing struct {
	Kept    Kept
	job     *Job
	encoder Encoder
	record  Record
	seen    bool  // a row of this capture was seen
	sheets  []int // those whose rows come with packets
	packets bool  // there is one sheet, of packets
	emit    []func(*Record) error
	ends    [3]conn.Endpoint // what record.masked points at
	hidden  trace.Context    // the capture's, masked
	issues  []Issue          // of the capture, see Suspect
}

// Open starts an output.
func (j *Job) Open(w io.Writer) (*Writing, error) {
	encoder, err := j.Format.Open(w, j.Output)
	if err != nil {
		return nil, err
	}
	return j.Into(encoder), nil
}

// Into starts an output whose encoder is there already.
func (j *Job) Into(encoder Encoder) *Writing {
	w := &Writing{job: j, encoder: encoder}
	for i := range j.Output.Sheets {
		w.emit = append(w.emit, func(rec *Record) error {
			w.Kept.Rows++
			return encoder.Add(i, rec)
		})
		if j.Output.Sheets[i].Table.Streams() {
			w.sheets = append(w.sheets, i)
		}
	}
	w.packets = len(w.emit) == 1 && j.Output.Sheets[0].Table.Name == "packets"
	return w
}

// Close ends the output. It does not close what is written to.
func (w *Writing) Close() error { return w.encoder.Close() }

// Abandon drops an output that did not become whole.
func (w *Writing) Abandon() {
	if a, ok := w.encoder.(interface{ Abandon() }); ok {
		a.Abandon()
	}
}

// Scan writes a capture while it is read. name is what the capture is called in the rows. It returns what was read, also
// with an error.
func (w *Writing) Scan(ctx context.Context, name string, src io.Reader, o trace.Options) (*trace.Digest, error) {
	if w.job.Format.Frames {
		return &trace.Digest{}, fmt.Errorf("format %s needs a capture that can be read twice", w.job.Format.Name)
	}
	w.Begin(name)
	d, err := trace.Scan(ctx, src, w, o)
	if err == nil {
		err = w.finish(d, &Record{})
	}
	return d, err
}

// Trace writes a loaded capture. frames opens the bytes it was loaded from once more; only a format that writes packets
// needs it.
func (w *Writing) Trace(ctx context.Context, name string, t *trace.Trace, frames func() ([]io.Reader, error)) error {
	w.Begin(name)
	w.record.settled = true
	if w.job.mask != nil {
		w.job.mask.Learn(t.Digest())
	}
	err := error(nil)
	if w.job.Format.Frames {
		err = w.frames(ctx, t, frames)
	} else {
		err = w.rows(ctx, t)
	}
	if err == nil {
		err = w.finish(t.Digest(), &Record{verdicts: w.verdicts(t), issues: w.suspicious(t)})
	}
	return err
}

// Suspect tells what is suspicious in the capture that Trace writes next, if that is known already.
func (w *Writing) Suspect(list []Issue) { w.issues = list }

// suspicious lists what is suspicious in a loaded capture, nil if nothing that is written asks for it.
func (w *Writing) suspicious(t *trace.Trace) []Issue {
	list := w.issues
	w.issues = nil
	if list == nil && w.job.issues != nil && w.job.Writes("issues") {
		return w.job.issues(t)
	}
	return list
}

// Begin says that the rows that are added next are of a capture of that name. Scan and Trace do it themselves.
func (w *Writing) Begin(name string) {
	if w.job.mask != nil {
		name = w.job.mask.Capture(name)
	}
	w.record.Capture, w.record.settled, w.seen, w.hidden = &Origin{Name: name}, false, false, trace.Context{}
}

// Add takes a row of the capture: it makes a Writing a trace.Sink.
func (w *Writing) Add(c *trace.Context, row *trace.Row) error {
	before := w.record.before
	w.record.before = row.Time
	if !w.seen {
		before, w.seen = row.Time, true
	}
	if !w.job.sel.keeps(c, row) {
		return nil
	}
	w.Kept.Packets++
	if len(w.sheets) == 0 {
		return nil
	}
	if w.job.mask != nil {
		c = w.hide(c, row)
	}
	w.record.Context, w.record.Row, w.record.before = c, row, before
	if w.packets {
		w.Kept.Rows++
		row.Numbers(&w.record.Numbers)
		err := w.encoder.Add(0, &w.record)
		w.record.before = row.Time
		return err
	}
	for _, i := range w.sheets {
		if err := w.job.Output.Sheets[i].Table.perRow(&w.record, w.emit[i]); err != nil {
			return err
		}
		w.record.Option = nil
	}
	w.record.before = row.Time
	return nil
}

// hide replaces in a row, its frame and its context what tells who spoke.
func (w *Writing) hide(c *trace.Context, row *trace.Row) *trace.Context {
	m := w.job.mask
	m.Row(row)
	if w.record.Frame != nil {
		m.Frame(w.record.Frame, row)
	}
	for _, d := range []stream.Dest{stream.Client, stream.Server} {
		w.record.masked[d] = nil
		if e := row.End(d); e != nil {
			w.ends[d] = m.End(*e)
			w.record.masked[d] = &w.ends[d]
		}
	}
	w.record.Masked = true
	return w.hideContext(c)
}

// hideContext replaces in a context what tells who spoke. Interfaces are only ever added to a capture.
func (w *Writing) hideContext(c *trace.Context) *trace.Context {
	if len(w.hidden.Interfaces) != len(c.Interfaces) {
		w.hidden.Interfaces = w.job.mask.Interfaces(c.Interfaces)
	}
	return &w.hidden
}

// other keeps the place, the time and the length of a frame that is no TCP, in a masked capture: they tell how long was
// captured, and what else there was.
func (w *Writing) other(c *trace.Context, f *trace.Frame) error {
	if w.job.mask == nil || f.Record || !w.job.sel.everything() {
		return nil
	}
	w.job.mask.Other(f)
	return w.encoder.Add(0, &Record{Context: w.hideContext(c), Capture: w.record.Capture, Frame: f, Masked: true})
}

// verdicts concludes on the connections of a loaded capture, nil if nothing that is written asks for it.
func (w *Writing) verdicts(t *trace.Trace) func(index int) Verdict {
	if w.job.judge == nil || !w.job.Writes("connections") {
		return nil
	}
	return w.job.judge(t)
}

// finish writes what is known at the end of a capture; known has what the loaded one was concluded on.
func (w *Writing) finish(d *trace.Digest, known *Record) error {
	if w.job.mask != nil {
		d = w.job.mask.Digest(d)
	}
	for i := range w.job.Output.Sheets {
		final := w.job.Output.Sheets[i].Table.final
		if final == nil {
			continue
		}
		record := Record{Context: &trace.Context{Interfaces: d.Interfaces}, Capture: w.record.Capture, Masked: w.job.mask != nil, verdicts: known.verdicts, issues: known.issues}
		err := final(d, &record, func(rec *Record) error {
			if !w.job.sel.lists(rec) {
				return nil
			}
			return w.emit[i](rec)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lists says whether a record known at the end is wanted.
func (s *Select) lists(r *Record) bool {
	switch {
	case s.MPTCP != nil && (r.Conn == nil || !slices.Contains(s.MPTCP, r.Conn.ID)):
		return false
	case s.TCP == nil:
		return true
	case r.Issue != nil && (r.Issue.HasStream || r.Conn == nil):
		return r.Issue.HasStream && slices.Contains(s.TCP, r.Issue.Stream)
	case r.Subflow != nil || r.Conn == nil:
		return slices.Contains(s.TCP, r.Stream.ID)
	}
	for i := range r.Conn.Subflows {
		if slices.Contains(s.TCP, r.Conn.Subflows[i].Stream) {
			return true
		}
	}
	return false
}

// frames hands out the rows of a trace with their frames.
func (w *Writing) frames(ctx context.Context, t *trace.Trace, open func() ([]io.Reader, error)) error {
	if open == nil {
		return fmt.Errorf("format %s needs the capture's file", w.job.Format.Name)
	}
	sources, err := open()
	if err != nil {
		return err
	}
	c := &trace.Context{Interfaces: t.Interfaces}
	var row trace.Row
	for f, err := range t.Walk(ctx, sources...) {
		if err != nil {
			return err
		}
		if !f.Kept {
			if err := w.other(c, f); err != nil {
				return err
			}
			continue
		}
		t.Row(int(f.Row), &row)
		w.record.Frame = f
		if err := w.Add(c, &row); err != nil {
			return err
		}
	}
	return nil
}
