package trace

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
)

// Frame is one frame of a capture that is read again. It, its Data and all that its Packet views are valid until the
// loop goes on to the next one.
type Frame struct {
	Number    uint32 // frame.number, from 1; after a merge, that of the merged capture
	Time      int64  // ns since the epoch; 0 where NoTime
	NoTime    bool   // the record has no time of its own (pcapng's Simple Packet Block)
	Interface uint32 // index in Trace.Interfaces, of no meaning where Record
	Link      uint32 // LINKTYPE_ number of its interface, of no meaning where Record
	Length    uint32 // original length on the wire, as the file states it; some writers state less than they captured
	Data      []byte // what was captured
	Comment   string // pcapng comments, one a line, usually empty
	Record    bool   // no packet, but a record that Wireshark counts as a frame: custom blocks, a journal's entry

	// Kept: the frame is the row Row of the trace. If not, Packet.Kind says why.
	Kept bool
	Row  uint32
	// Packet is the frame decoded. Only its Kind and Faults have a meaning where it is not packet.TCP.
	Packet *packet.Packet
}

// Walk goes through the frames of the capture that t was loaded from, whole and in order, those that were not kept
// too: for what a Trace does not hold, such as payload bytes, IP ids, or the frames themselves. sources are the ones
// that Load or LoadMerged had, in the same order, from their beginnings.
//
//	for f, err := range t.Walk(ctx, file) {
//		if err != nil {
//			return err
//		}
//		if f.Kept && f.Row == row { … ; break }
//	}
//
// A step with an error is the last one, and has no frame. Errors are those of Load, and a [*ChangedError] where the
// sources turn out not to be what was loaded. As with Load, a capture that breaks off is no error.
func (t *Trace) Walk(ctx context.Context, sources ...io.Reader) iter.Seq2[*Frame, error] {
	return func(yield func(*Frame, error) bool) {
		w := &walk{trace: t, yield: yield}
		w.frame.Packet = &w.packet
		if err := w.read(ctx, sources); err != nil && !w.over {
			yield(nil, err)
		}
	}
}

// ChangedError says that a capture is not, or no more, the one that a Trace was made of.
type ChangedError struct {
	Frame uint32 // the first that differs; 0 if the capture only ends early
}

func (e *ChangedError) Error() string {
	if e.Frame == 0 {
		return "the capture has changed since it was loaded: packets at its end are missing (load it again)"
	}
	return fmt.Sprintf("the capture has changed since it was loaded: frame %d is another one (load it again)", e.Frame)
}

// walk is a Walk under way.
type walk struct {
	trace  *Trace
	yield  func(*Frame, error) bool
	frame  Frame
	packet packet.Packet
	next   uint32 // row
	over   bool   // the loop has ended
}

// errOver ends the reading once the loop has ended. It is never seen outside.
type errOver struct{}

func (errOver) Error() string { return "the loop has ended" }

func (w *walk) read(ctx context.Context, sources []io.Reader) error {
	var err error
	if len(sources) == 1 {
		err = capture.NewReader(w.visit).ReadAll(ctx, sources[0])
	} else {
		err = capture.NewMerge(w.visit).ReadAll(ctx, sources...)
	}
	if err == nil && w.next < w.trace.n {
		err = &ChangedError{}
	}
	return err
}

// visit takes one frame.
func (w *walk) visit(c *capture.Frame) error {
	f, p := &w.frame, &w.packet
	decode(p, c)
	*f = Frame{Number: c.Number, Time: c.Time, NoTime: c.NoTime, Interface: c.Interface, Link: c.Link, Length: c.Length,
		Data: c.Data, Comment: c.Comment, Record: c.Link == capture.NoLink, Packet: p}
	if p.Kind == packet.TCP {
		f.Kept, f.Row = true, w.next
		if !w.trace.holds(w.next, p) {
			return &ChangedError{Frame: c.Number}
		}
		w.next++
	}
	if !w.yield(f, nil) {
		w.over = true
		return errOver{}
	}
	return nil
}

// holds reports whether a packet is the one that a row was made of, as far as that can be told.
func (t *Trace) holds(row uint32, p *packet.Packet) bool {
	b, k := t.at(row)
	if b == nil || b.number(k) != p.Number {
		return false
	}
	l := &b.lines[k]
	return l.time() == p.Time && l.seq == p.Seq && l.ack == p.Ack
}
