package analysis

import (
	"context"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// TimeSequence draws one direction as tcptrace's time-sequence graph does: segments as spans, the acks as a level below
// them, the right edge of the window above, and what went wrong as signs. Of a TCP stream it draws sequence numbers and
// SACK blocks; of a connection data sequence numbers, data acks, reinjections in the colour of the subflow that they copy
// from, and MPTCP's events. Scope.Dest must name the direction.
func TimeSequence(ctx context.Context, s *Scope) (*display.Chart, error) {
	if s.Conn == nil {
		return s.streamSequence(ctx)
	}
	return s.dataSequence(ctx)
}

// sequence is a time-sequence graph being drawn.
type sequence struct {
	*Scope
	spans   map[uint32]*display.Series // by stream
	again   map[uint32]*display.Series
	acks    display.Series
	edge    display.Series
	sacks   display.Series
	dups    display.Series
	events  display.Series
	carried carriers
	ended   bool              // a DATA_FIN was marked
	causes  map[uint32]string // of a connection: why rows send something again
	sent    map[uint32]*spans // of a connection: data that each stream has carried, by frame
	blocks  []trace.SACKBlock
	row     trace.Row // of a packet that tells more than in brief
}

func (s *Scope) newSequence(ctx context.Context, lanes []Lane, acks string) (q *sequence, err error) {
	q = &sequence{Scope: s, spans: map[uint32]*display.Series{}, again: map[uint32]*display.Series{}}
	for i := range lanes {
		l := &lanes[i]
		spans, again := l.Series(display.Segments), l.Series(display.Retransmit)
		spans.Dashed, again.Dashed = false, false // there is one direction only
		again.Name = "retransmission"
		if len(lanes) > 1 {
			again.Name = fmt.Sprintf("retransmission on %d", l.Stream)
		}
		q.spans[l.Stream], q.again[l.Stream] = &spans, &again
	}
	q.acks = display.Series{Name: acks, Group: display.Connection, Thin: true, Mark: display.Steps}
	q.edge = display.Series{Name: "window edge", Group: display.Grey, Thin: true, Dotted: true, Aside: true, Mark: display.Steps}
	q.sacks = display.Series{Name: "SACK", Group: display.Grey, Thin: true, Mark: display.Segments}
	q.dups = display.Series{Name: "duplicate ack", Group: display.Connection, Mark: display.Stroke}
	q.events = display.Series{Name: "events", Group: display.Connection, Mark: display.Event}
	q.carried, err = newCarriers(ctx, s)
	return q, err
}

// chart puts the series together, what lies below first.
func (q *sequence) chart(what string, lanes []Lane, n numbers) *display.Chart {
	c := q.Scope.chart("Time-sequence graph", display.Axis{Label: what, Unit: display.SequenceNumber, Base: n.zero, Absolute: q.Raw})
	c.Series = append(c.Series, q.edge, q.acks, q.sacks)
	for _, l := range lanes {
		c.Series = append(c.Series, *q.spans[l.Stream])
	}
	for _, l := range lanes {
		c.Series = append(c.Series, *q.again[l.Stream])
	}
	c.Series = append(c.Series, q.dups)
	for _, r := range q.carried.list() {
		c.Series = append(c.Series, r.series(0))
	}
	c.Series = withPoints(append(c.Series, q.events))
	noteCutOff(c)
	return c
}

// streamSequence draws a TCP stream.
func (s *Scope) streamSequence(ctx context.Context) (*display.Chart, error) {
	lanes := s.lanesToward(s.Dest)
	q, err := s.newSequence(ctx, lanes, "ack")
	if err != nil {
		return nil, err
	}
	var n numbers
	err = s.follow(ctx, &lanes[0], s.Dest, func(p *progress, e *step) {
		n = p.base
		if !s.showsBrief(e.Brief) {
			return
		}
		if e.Sent {
			q.segment(e, e.From, e.To, q.cause(e))
		}
		if e.Acks {
			q.ack(p, e)
			q.sack(p, e)
		}
		q.flags(p, e)
	})
	return q.chart("Sequence number", lanes, n), err
}

// segment draws what a packet carries, and why if its stream had carried it before.
func (q *sequence) segment(e *step, from, to uint64, cause string) {
	spans := q.spans[e.Stream]
	if spans == nil {
		return
	}
	spans.Y2 = append(spans.Y2, float64(to))
	q.point(spans, e.Brief, float64(from))
	if cause != "" {
		again := q.again[e.Stream]
		again.Labels = append(again.Labels, cause)
		q.point(again, e.Brief, float64(from))
	}
}

// cause says why a segment is sent again on its stream, "" if it is not.
func (q *sequence) cause(e *step) string {
	if q.causes != nil {
		return q.causes[e.ID-1]
	}
	return againCause(e.Analysis)
}

// dataCause says why data is sent again on its stream: as cause does, or because MPTCP gave it new numbers there.
func (q *sequence) dataCause(e *step, from, to uint64) string {
	own := q.sent[e.Stream]
	if own == nil {
		own = &spans{}
		q.sent[e.Stream] = own
	}
	cause := q.cause(e)
	own.fill(from, to, e.Frame, func(_, _ uint64, frame uint32, old bool) {
		if old && cause == "" {
			cause = fmt.Sprintf("repeated by MPTCP: the data had other TCP sequence numbers in frame %d", frame)
		}
	})
	return cause
}

// causesOf says of each row of a connection that sends something again why that is.
func causesOf(ctx context.Context, s *Scope) (map[uint32]string, error) {
	account, err := NewAccount(ctx, s.Trace, s.Conn)
	if err != nil {
		return nil, err
	}
	causes := map[uint32]string{}
	for i := range account.Resent {
		r := &account.Resent[i]
		causes[r.Row] = fmt.Sprintf("%s: %s", r.Cause, r.Evidence)
	}
	return causes, nil
}

// againCause says what kind of retransmission a segment is, "" if it is none.
func againCause(a stream.Analysis) string {
	switch {
	case a&stream.SpuriousRetransmission != 0:
		return "spurious: was acknowledged before"
	case a&stream.FastRetransmission != 0:
		return "fast, after duplicate acks"
	case a&stream.Retransmission != 0:
		return "after a timeout or a probe"
	}
	return ""
}

// ack draws the cumulative ack and the right edge of the window.
func (q *sequence) ack(p *progress, e *step) {
	q.level(&q.acks, e, float64(p.una))
	q.level(&q.edge, e, float64(p.edge))
	if e.Analysis&stream.DuplicateAck != 0 && p.base.lane != nil {
		q.point(&q.dups, e.Brief, float64(e.Ack))
	}
	if e.Window == 0 {
		q.event(&q.events, e.Brief, float64(e.Ack), "zero window")
	}
}

// sack draws the blocks that the receiver has beyond the ack. A block at or below it reports a duplicate (RFC 2883).
func (q *sequence) sack(p *progress, e *step) {
	q.blocks = q.Trace.SACK(e.ID-1, q.blocks[:0])
	for _, b := range q.blocks {
		from, to := p.base.wide(b.Start), p.base.wide(b.End)
		if from >= half || to < from || to > p.high+1 {
			continue
		}
		q.sacks.Y2 = append(q.sacks.Y2, float64(to))
		label := ""
		if from < e.Ack {
			label = "D-SACK: received twice"
		}
		q.sacks.Labels = append(q.sacks.Labels, label)
		q.point(&q.sacks, e.Brief, float64(from))
	}
}

// flags marks the beginning and the end of the stream, and what the capture did not see.
func (q *sequence) flags(p *progress, e *step) {
	own := e.Dest == p.base.lane.Dest
	at := p.high
	if e.Sent {
		at = e.From
	}
	switch {
	case e.Flags&stream.SYN != 0 && own:
		q.event(&q.events, e.Brief, float64(at), "SYN")
	case e.Flags&stream.FIN != 0 && own:
		q.event(&q.events, e.Brief, float64(p.high), "FIN")
	case e.Flags&stream.RST != 0:
		q.event(&q.events, e.Brief, float64(p.high), "RST")
	}
	if own && e.Analysis&stream.LostSegment != 0 {
		q.event(&q.events, e.Brief, float64(at), "segment not captured")
	}
	if own && e.Analysis&stream.WindowFull != 0 {
		q.event(&q.events, e.Brief, float64(e.To), "window full")
	}
}

// dataSequence draws a connection.
func (s *Scope) dataSequence(ctx context.Context) (*display.Chart, error) {
	lanes := s.lanesToward(s.Dest)
	q, err := s.newSequence(ctx, lanes, "data ack")
	if err != nil {
		return nil, err
	}
	n := s.numbersOf(nil, s.Dest)
	if q.causes, err = causesOf(ctx, s); err != nil {
		return nil, err
	}
	q.sent = map[uint32]*spans{}
	err = s.follow(ctx, nil, s.Dest, func(p *progress, e *step) {
		if s.Skip[e.Stream] {
			return
		}
		for _, piece := range p.sentPieces(e) {
			from := piece.DSN - n.zero
			to := from + uint64(piece.Len)
			if cause := q.dataCause(e, from, to); s.showsBrief(e.Brief) {
				q.segment(e, from, to, cause)
			}
		}
		if !s.showsBrief(e.Brief) {
			return
		}
		if e.Sent && q.carried.rows[e.ID-1] {
			s.Trace.Row(int(e.ID-1), &q.row)
			q.carried.add(&q.row, s.x(e.Time), e.From)
		}
		if e.Acks {
			q.ack(p, e)
		}
		q.options(p, e)
	})
	chart := q.chart("Data sequence number", lanes, n)
	if !s.Conn.Toward[s.Dest].HasDSN {
		chart.Notes = append(chart.Notes, "no data sequence number is known here; tcp_tsg draws a subflow by its own numbers")
	}
	return chart, err
}

// sentPieces are the parts of the packet's payload by mapping, none where it carries nothing of this direction.
func (p *progress) sentPieces(e *step) []trace.Piece {
	if !e.Sent {
		return nil
	}
	return p.pieces
}

// options marks MPTCP's events, whichever way they travel, at the height that the data has reached.
func (q *sequence) options(p *progress, e *step) {
	at := float64(p.high)
	if q.Trace.Eventful(e.ID - 1) {
		q.Trace.Row(int(e.ID-1), &q.row)
		for _, o := range q.row.Options {
			if label := optionEvent(o, &q.row); label != "" {
				q.event(&q.events, e.Brief, at, label)
			}
		}
		if q.row.HasDSS && q.row.DSS.DataFIN && e.ConnDest == q.Dest && !q.ended {
			q.ended = true // it is told again with every packet from here on
			q.event(&q.events, e.Brief, q.endOfData(p, at), "DATA_FIN")
		}
	}
	if e.Flags&stream.RST != 0 {
		q.event(&q.events, e.Brief, at, "RST")
	}
}

// endOfData is where the DATA_FIN of the row stands: behind the data of its mapping, whatever was sent by then. Where no mapping tells it is
// the height given.
func (q *sequence) endOfData(p *progress, at float64) float64 {
	d := &q.row.DSS
	if !d.HasMapping || d.Length == 0 {
		return at
	}
	dsn, ok := q.Trace.MappingDSN(q.row.ID-1, d)
	if !ok {
		dsn = mptcp.Expand(p.base.zero+p.high, uint32(d.DSN))
	}
	if end := dsn + uint64(d.Length) - 1 - p.base.zero; end < half {
		return float64(end)
	}
	return at
}

// optionEvent names an option that is an event, "" for those that travel with data.
func optionEvent(o mptcp.Option, r *trace.Row) string {
	switch s := o.Subtype(); s {
	case mptcp.SubCapable, mptcp.SubJoin:
		if r.Flags&stream.SYN != 0 {
			return s.String()
		}
	case mptcp.SubAddAddr, mptcp.SubRemoveAddr, mptcp.SubPrio, mptcp.SubFail, mptcp.SubFastclose, mptcp.SubReset:
		return s.String()
	case mptcp.SubDSS:
		if r.DSS.Infinite() {
			return "infinite mapping"
		}
	}
	return ""
}
