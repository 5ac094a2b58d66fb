package match

import (
	"sort"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// way is what is asked of the subflow that carried an original.
type way struct {
	d          *Delivery
	flow, back *Flow
	t          *trace.Trace
	original   uint32
	row        uint32 // of the reinjection
	again      int64  // its time
}

// trigger finds out what made the sender send an original's data again: what it could know of the original's subflow at
// that moment, and what had really become of it. All times are the sender's.
func (d *Delivery) trigger(q *Qualified) Trigger {
	t := d.p.Trace(d.Sender)
	id := t.StreamOf(q.Original)
	w := way{d: d, t: t, flow: d.flows[id], back: d.p.flow(d.Sender, id, d.Sender.Other()), original: q.Original, row: q.Row, again: t.Time(q.Row)}
	if w.flow == nil || w.back == nil {
		return NoTrigger
	}
	if q.Repeat {
		return Retransmission
	}
	if w.acknowledged() {
		return Scheduling
	}
	culprit := w.culprit()
	m, missing := d.missing(culprit)
	arrived, ok := w.arrival(culprit)
	switch {
	case w.down():
		return LinkDown
	case missing && m.Why == Lost:
		return Loss
	case !ok:
		return NoTrigger
	case arrived > w.again && w.overtaken(culprit):
		return Reordered
	case arrived > w.again && w.again-t.Time(culprit) > w.roundTrip(), arrived <= w.again && w.again-arrived <= w.leastBack():
		return Delayed
	case arrived > w.again:
		return Scheduling
	}
	return AckLost
}

// arrival is when a packet arrived.
func (w *way) arrival(row uint32) (int64, bool) {
	i := w.search(row)
	if hops := w.flow.Hops; i < len(hops) && hops[i].Sent == row {
		return w.t.Time(row) + w.d.p.Delay(w.d.clock, w.flow, hops[i]), true
	}
	return 0, false
}

// search is the first of the flow's hops that was sent at a row or later.
func (w *way) search(row uint32) int {
	hops := w.flow.Hops
	return sort.Search(len(hops), func(i int) bool { return hops[i].Sent >= row })
}

// heard is the last packet of the way back that came before the reinjection, not ok if there is none.
func (w *way) heard() (row uint32, ok bool) {
	rows := w.t.StreamRows(w.t.StreamOf(w.original))
	i := sort.Search(len(rows), func(i int) bool { return rows[i] >= w.row })
	towards := w.t.Dest(w.original)
	for i--; i >= 0; i-- {
		if w.t.Dest(rows[i]) != towards {
			return rows[i], true
		}
	}
	return 0, false
}

// acknowledged says whether the sender had an ack of the original by then.
func (w *way) acknowledged() bool {
	row, ok := w.heard()
	if !ok {
		return false
	}
	o, a := w.t.Wire(w.original), w.t.Wire(row)
	return a.Flags&stream.ACK != 0 && int32(a.Ack-(o.Seq+o.Len)) >= 0
}

// culprit is the packet that kept the original from being acknowledged: the last one that carried the first byte that the
// sender had no ack of.
func (w *way) culprit() uint32 {
	row, ok := w.heard()
	if !ok {
		return w.original
	}
	ack, towards := w.t.Wire(row).Ack, w.t.Dest(w.original)
	rows := w.t.StreamRows(w.t.StreamOf(w.original))
	const far = 1 << 14
	i := sort.Search(len(rows), func(i int) bool { return rows[i] >= w.row })
	for n := 0; i > 0 && n < far; n++ {
		i--
		if w.t.Dest(rows[i]) != towards {
			continue
		}
		if o := w.t.Wire(rows[i]); o.Len > 0 && int32(ack-o.Seq) >= 0 && int32(ack-(o.Seq+o.Len)) < 0 {
			return rows[i]
		}
	}
	return w.original
}

// dead is how many packets must be lost in a row to call a link down: a lost packet or two at the end of a burst look the
// same otherwise.
const dead = 3

// down says whether the subflow was dead: what it was given last was lost, and for twice as long as an answer takes nothing
// had come back.
func (w *way) down() bool {
	hops, lost := w.flow.Hops, w.flow.Sent
	i := w.search(w.row)
	delivered, usual := int64(0), w.roundTrip()
	if i > 0 {
		last := hops[i-1]
		delivered = w.t.Time(last.Sent)
		usual = max(usual, w.d.p.Delay(w.d.clock, w.flow, last)+w.leastBack())
	}
	k := sort.Search(len(lost), func(k int) bool { return lost[k].Row >= w.row })
	n := 0
	for k--; k >= 0 && (i == 0 || lost[k].Row > hops[i-1].Sent); k-- {
		if lost[k].Why == Lost {
			n++
		}
	}
	row, ok := w.heard()
	return n >= dead && (!ok || w.again-w.t.Time(row) > 2*usual) && w.again-delivered > 2*usual
}

// overtaken says whether a packet that was sent on the subflow later had arrived before.
func (w *way) overtaken(row uint32) bool {
	hops := w.flow.Hops
	i := w.search(row)
	own := hops[i].Received
	for i++; i < len(hops) && hops[i].Sent < w.row; i++ {
		if hops[i].Received < own {
			return true
		}
	}
	return false
}

// roundTrip is the least that an answer takes: the smallest delays there and back.
func (w *way) roundTrip() int64 { return w.d.least(w.flow) + w.d.least(w.back) }

func (w *way) leastBack() int64 { return w.d.least(w.back) }

// least is the smallest delay of a flow, by the clock.
func (d *Delivery) least(f *Flow) int64 {
	if v, known := d.shortest[f]; known {
		return v
	}
	least := int64(0)
	for i, h := range f.Hops {
		if v := d.p.Delay(d.clock, f, h); i == 0 || v < least {
			least = v
		}
	}
	d.shortest[f] = least
	return least
}
