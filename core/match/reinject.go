package match

import (
	"context"
	"slices"
	"sort"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Verdict says what a reinjection was good for.
type Verdict uint8

// Verdicts, by what arrived.
const (
	Unknown   Verdict = iota // the captures do not tell
	Replaced                 // useful: what had been sent of it before never arrived
	Overtook                 // useful: it arrived before what had been sent of it before
	Redundant                // all of it had arrived when it came
	Vanished                 // it was lost itself
)

// String is the verdict in words.
func (v Verdict) String() string {
	return [...]string{"unknown", "useful: the original was lost", "useful: it arrived first", "redundant", "lost itself"}[v%5]
}

// Useful says that data came earlier, or at all, thanks to the reinjection.
func (v Verdict) Useful() bool { return v == Replaced || v == Overtook }

// Trigger says what made the sender send data again on another subflow, as far as the captures show.
type Trigger uint8

// Triggers.
const (
	NoTrigger      Trigger = iota
	LinkDown               // nothing that the original's subflow was given since then arrived, and nothing came back
	Loss                   // the original was lost, while the path worked
	AckLost                // the original had arrived, but the sender had heard nothing of it
	Reordered              // the original was under way, overtaken by packets sent later on its subflow
	Delayed                // the original was under way, later than an answer usually takes
	Scheduling             // the original was under way or acknowledged: the scheduler sent it again without need
	Retransmission         // its own subflow had carried it before the other one did, or after: TCP sent it again
)

// String is the trigger in words.
func (t Trigger) String() string {
	return [...]string{"", "link down", "loss", "ack lost", "reordering", "queue", "scheduler", "retransmission"}[t%8]
}

// Qualified is a segment that carried data again which another subflow had carried, and what it was good for.
type Qualified struct {
	Row      uint32 // in the sender's capture
	Original uint32 // the first of those that carried the data before
	By, Of   int    // ordinals of the subflows, in the sender's capture
	Bytes    uint32 // of the payload, those with a data sequence number
	Useful   uint32 // of them, those that it was the first to bring
	Verdict  Verdict
	Why      string // of Unknown: what is not known
	// Gain is how much earlier the data came thanks to it, of Redundant how much later it was; ns by the receiver's clock.
	// Never: nothing else brought it.
	Gain  int64
	Never bool
	// Advance is how much earlier the receiver had all data up to the end of it, so that the data ack could advance; valid
	// iff HasAdvance. Otherwise is false if it never would have.
	Advance    int64
	HasAdvance bool
	Otherwise  bool
	Delay      int64 // after the original was sent
	Repeat     bool  // its own subflow had carried these bytes before
	Trigger    Trigger
}

// Reinjections judges every reinjection, in the order of the sender's capture.
func (d *Delivery) Reinjections(ctx context.Context) ([]Qualified, error) {
	t := d.p.Trace(d.Sender)
	var list []Qualified
	var row trace.Row
	sent := map[uint32]uint32{} // by stream: the highest sequence number so far
	for i, at := range t.ConnRows(d.conn.ID) {
		if i%65536 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if t.PayloadLen(at) == 0 || t.ConnDest(at) != d.Dest {
			continue
		}
		w := t.Wire(at)
		id, end := t.StreamOf(at), w.Seq+w.Len
		highest, known := sent[id]
		repeat := known && int32(end-highest) <= 0
		if !repeat {
			sent[id] = end
		}
		if t.Row(int(at), &row); len(row.ReinjectionOf) > 0 {
			list = append(list, d.judge(at, row.ReinjectionOf[0]-1, repeat))
		}
	}
	return list, nil
}

// judge finds out what one reinjection was good for.
func (d *Delivery) judge(row, original uint32, repeat bool) Qualified {
	t := d.p.Trace(d.Sender)
	q := Qualified{Row: row, Original: original, By: t.OrdinalOf(row), Of: t.OrdinalOf(original), Repeat: repeat}
	q.Delay = d.clock.steady(d.Sender, row, t.Time(row)) - d.clock.steady(d.Sender, original, t.Time(original))
	w := judgement{d: d, q: &q}
	for _, piece := range t.Pieces(row, nil) {
		w.piece(piece.DSN, piece.DSN+uint64(piece.Len))
	}
	w.decide()
	q.Trigger = d.trigger(&q)
	return q
}

// judgement adds up what becomes of the data of one reinjection.
type judgement struct {
	d              *Delivery
	q              *Qualified
	arrived        bool
	lost, overtook uint32 // useful bytes by reason
	never          bool
	gain, late     int64
	with, without  int64 // when all up to its end had come
	endless        bool  // without it never
	landed         bool
}

// piece judges data [from, to): every part of it that the same packets carried.
func (w *judgement) piece(from, to uint64) {
	d := w.d
	w.q.Bytes += uint32(to - from)
	near := d.covering(from, to)
	edges := []uint64{from, to}
	for _, i := range near {
		l := &d.arrivals[i]
		edges = append(edges, max(l.from, from), min(l.to, to))
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	for k := 1; k < len(edges); k++ {
		w.part(near, edges[k-1], edges[k])
	}
	if before, ok := d.reachedBefore(from); ok {
		w.with, w.without = max(w.with, before), max(w.without, before)
	}
}

// part judges data that no packet carried in part.
func (w *judgement) part(near []int32, from, to uint64) {
	d := w.d
	n := uint32(to - from)
	own, other := int64(0), int64(0)
	mine, others, earlier := false, false, false
	for _, i := range near { // in order of arrival
		l := &d.arrivals[i]
		if l.from > from || l.to < to {
			continue
		}
		if l.known && l.sent == w.q.Row {
			if !mine {
				mine, own = true, l.at
			}
			continue
		}
		if !others {
			others, other = true, l.at
		}
		earlier = earlier || !l.known || l.sent < w.q.Row
	}
	w.arrived = w.arrived || mine
	switch {
	case mine && (!others || own < other):
		if earlier {
			w.overtook += n
		} else {
			w.lost += n
		}
		w.never = w.never || !others
		if others {
			w.gain = max(w.gain, other-own)
		}
	case mine:
		w.late = max(w.late, own-other)
	}
	switch {
	case mine && others:
		w.with, w.without = max(w.with, min(own, other)), max(w.without, other)
	case mine:
		w.with, w.endless = max(w.with, own), true
	case others:
		w.with, w.without = max(w.with, other), max(w.without, other)
	}
	w.landed = w.landed || mine || others
}

// covering lists the landings that share data with [from, to), in order of arrival.
func (d *Delivery) covering(from, to uint64) []int32 {
	least := uint64(0)
	if from > d.longest {
		least = from - d.longest
	}
	var near []int32
	i := sort.Search(len(d.byFrom), func(i int) bool { return d.arrivals[d.byFrom[i]].from >= least })
	for ; i < len(d.byFrom); i++ {
		l := &d.arrivals[d.byFrom[i]]
		if l.from >= to {
			break
		}
		if l.to > from {
			near = append(near, d.byFrom[i])
		}
	}
	slices.Sort(near)
	return near
}

// reachedBefore is when all data before a number had come; not ok if it is the first.
func (d *Delivery) reachedBefore(from uint64) (int64, bool) {
	i := sort.Search(len(d.first), func(i int) bool { return d.first[i].to > from })
	if i < len(d.first) && d.first[i].from < from {
		return d.reached[i], true
	}
	if i == 0 {
		return 0, false
	}
	return d.reached[i-1], true
}

// decide turns the sums into a verdict.
func (w *judgement) decide() {
	q := w.q
	q.Useful = w.lost + w.overtook
	if q.Bytes == 0 {
		q.Why = "its data has no mapping"
		return
	}
	if !w.arrived {
		q.Verdict, q.Why = w.absent()
		return
	}
	switch {
	case q.Useful == 0:
		q.Verdict, q.Gain = Redundant, w.late
	case w.lost >= w.overtook:
		q.Verdict = Replaced
	default:
		q.Verdict = Overtook
	}
	if q.Useful > 0 {
		q.Gain, q.Never = w.gain, w.never
	}
	if q.Verdict == Replaced && w.d.doubtful(q.Original) {
		q.Verdict, q.Why = Unknown, "the original arrived, but the capture there missed it"
	}
	q.HasAdvance, q.Otherwise = w.landed, !w.endless
	if !w.endless {
		q.Advance = w.without - w.with
	}
}

// absent is the verdict on a reinjection that the receiver's capture does not have.
func (w *judgement) absent() (Verdict, string) {
	m, ok := w.d.missing(w.q.Row)
	switch {
	case !ok:
		return Unknown, "its subflow is not in the other capture"
	case m.Why == Lost:
		return Vanished, ""
	}
	return Unknown, m.Why.String()
}

// missing is what is known of a packet of the sender's capture that has no partner.
func (d *Delivery) missing(row uint32) (Missing, bool) {
	f := d.flows[d.p.Trace(d.Sender).StreamOf(row)]
	if f == nil {
		return Missing{}, false
	}
	i := sort.Search(len(f.Sent), func(i int) bool { return f.Sent[i].Row >= row })
	if i == len(f.Sent) || f.Sent[i].Row != row {
		return Missing{}, false
	}
	return f.Sent[i], true
}

// doubtful says that a packet arrived at a time that nobody knows.
func (d *Delivery) doubtful(row uint32) bool {
	m, ok := d.missing(row)
	return ok && m.Why != Lost
}
