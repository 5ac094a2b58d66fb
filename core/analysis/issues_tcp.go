package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// seen is how often something was, and in which packet first.
type seen struct {
	first uint32
	count uint64
}

func (s *seen) note(row uint32) {
	if s.count++; s.first == 0 {
		s.first = row + 1
	}
}

func (s *seen) noteIf(is bool, row uint32) {
	if is {
		s.note(row)
	}
}

// resent is what TCP's analysis calls retransmissions of a stream, looked at again.
type resent struct {
	copies seen   // IP packets that were captured, or came, twice
	late   seen   // overtaken: sent before what had come by then, as timestamps say (RFC 7323 section 3)
	again  seen   // the others
	only   uint64 // those of the others that carry nothing that was captured before: the original was lost on the way, or they are late
}

// stream looks at a subflow's TCP.
func (x *expert) stream(c *conn.Conn, ordinal int) {
	var zero, full, again, missing seen
	packets := 0
	rows := x.t.SubflowRows(c, ordinal)
	for _, row := range rows {
		data := x.t.PayloadLen(row) > 0
		if data {
			packets++
		}
		a := x.t.Analysis(row)
		if a == 0 {
			continue
		}
		zero.noteIf(a&stream.ZeroWindow != 0, row)
		full.noteIf(a&stream.WindowFull != 0, row)
		again.noteIf(a&(stream.Retransmission|stream.OutOfOrder) != 0 && data, row)
		missing.noteIf(a&stream.AckLostSegment != 0, row)
	}
	if zero.count > 0 {
		x.add(trace.Warning, c, ordinal, zero.first, "tcp", "a window of zero: the receiver's application is slow, or its buffer small", "RFC 9293 3.8.6", zero.count)
	}
	if full.count > 0 {
		x.add(trace.Chat, c, ordinal, full.first, "tcp", "the receiver's window is full", "RFC 9293 3.8.6", full.count)
	}
	if again.count > 0 {
		x.outOfTurn(c, ordinal, rows, packets)
	}
	if missing.count > 0 {
		missing = x.missing(rows)
	}
	if missing.count > 0 {
		x.add(trace.Chat, c, ordinal, missing.first, "tcp", "an ack of data that was not captured: the capture lost packets", "", missing.count)
	}
}

// missing counts the acks of data that is in no packet before, of those that TCP's analysis marks: as Wireshark's, that forgets the byte
// of a window probe which was let through.
func (x *expert) missing(rows []uint32) (n seen) {
	var sent [3]counter // by the end that it travels to
	for _, row := range rows {
		w, to := x.t.Wire(row), x.t.Dest(row)
		if back := &sent[to.Other()]; x.t.Analysis(row)&stream.AckLostSegment != 0 && (back.top == 0 || back.wide(w.Ack) > back.top) {
			n.note(row)
		}
		end := sent[to].wide(w.Seq) + uint64(w.Len)
		if w.Flags&stream.SYN != 0 {
			end++
		}
		if w.Flags&stream.FIN != 0 {
			end++
		}
		sent[to].reach(end)
	}
	return n
}

// outOfTurn tells of a subflow's segments that were sent again, or overtaken, of so many with data.
func (x *expert) outOfTurn(c *conn.Conn, ordinal int, rows []uint32, packets int) {
	another := rows[0] != x.t.StreamRows(c.Subflows[ordinal].Stream)[0]
	r := x.resent(rows, another)
	if n := r.copies.count; n > 0 {
		x.add(trace.Chat, c, ordinal, r.copies.first, "tcp", "seen twice: "+segmentsThere(n), "", n)
	}
	if n := r.late.count; float64(n) > muchLost*float64(packets) {
		x.add(trace.Warning, c, ordinal, r.late.first, "tcp", fmt.Sprintf("overtaken: %d of %d segments with data came behind later ones, by their timestamps", n, packets), "RFC 9293 3.10.7.4", n)
	}
	if float64(r.again.count) > muchLost*float64(packets) {
		what := fmt.Sprintf("retransmissions: %d of %d segments with data", r.again.count, packets)
		if r.only > 0 {
			what += fmt.Sprintf(", %d of which without an original in the capture", r.only)
		}
		x.add(trace.Warning, c, ordinal, r.again.first, "tcp", what, "RFC 9293 3.8.1", r.again.count)
	}
}

// segmentsThere says of so many segments that they are copies.
func segmentsThere(n uint64) string {
	if n == 1 {
		return "1 segment with data is an IP packet that was there before"
	}
	return fmt.Sprintf("%d segments with data are IP packets that were there before", n)
}

// resent looks at a subflow's segments with data. If its stream was another subflow before, TCP's analysis compares numbers with that
// one's, and of what carries nothing that was captured before nothing is known.
func (x *expert) resent(rows []uint32, another bool) (r resent) {
	type place struct {
		to  stream.Dest
		seq uint32
	}
	latest := map[place]trace.Wire{}
	var offsets [3]counter
	var carried [3]spans
	var newest [3]trace.Wire // of what has a timestamp
	for _, row := range rows {
		w := x.t.Wire(row)
		if w.Len == 0 {
			continue
		}
		at := place{x.t.Dest(row), w.Seq}
		before, had := latest[at]
		latest[at] = w
		from := offsets[at.to].wide(w.Seq)
		fresh := true
		carried[at.to].fill(from, from+uint64(w.Len), 0, func(_, _ uint64, _ uint32, old bool) { fresh = fresh && !old })
		offsets[at.to].reach(from)
		switch {
		case had && samePacket(before, w, x.t.IsV6(row)):
			r.copies.note(row)
		case fresh && overtaken(&newest[at.to], &w):
			r.late.note(row)
		case x.t.Analysis(row)&stream.Retransmission != 0 && !(another && fresh):
			r.again.note(row)
			if fresh {
				r.only++
			}
		}
	}
	return r
}

// overtaken says whether a segment was sent before what had come by then, by their timestamps, and takes it in.
func overtaken(newest, w *trace.Wire) bool {
	switch {
	case !w.HasTS:
	case newest.HasTS && int32(w.TSVal-newest.TSVal) < 0:
		return true
	default:
		*newest = *w
	}
	return false
}
