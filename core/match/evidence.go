package match

import (
	"cmp"
	"slices"
	"sort"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// evidence is what the receiver's capture tells of what arrived: the payload that it has, and the receiver's acks. Numbers
// count from the first payload byte that it has.
type evidence struct {
	base     uint32
	arrivals []arrival // ascending by end
	acks     []mark    // ascending
	longest  int64
	least    int64 // the smallest difference of the two captures' times
}

// arrival is payload that the receiver's capture has.
type arrival struct {
	from, end int64
	row       uint32
}

// mark is a row by which the receiver had acknowledged up to a number.
type mark struct {
	ack int64
	row uint32
}

// counter widens numbers modulo 2³² that follow each other closely.
type counter struct {
	last uint32
	at   int64
}

func (c *counter) widen(v uint32) int64 {
	c.at += int64(int32(v - c.last))
	c.last = v
	return c.at
}

// gather reads what the receiver's capture has of the flow and of the way back.
func (e *ending) gather() *evidence {
	v := &evidence{}
	var back []uint32
	e.sender.rows, _ = e.p.in(e.f, e.f.Sender)
	e.receiver.rows, back = e.p.in(e.f, e.f.Sender.Other())
	r := e.receiver
	for i, h := range e.f.Hops {
		if d := r.t.Time(h.Received) - e.sender.t.Time(h.Sent); i == 0 || d < v.least {
			v.least = d
		}
	}
	numbers := counter{}
	for _, row := range r.rows {
		w := r.t.Wire(row)
		if w.Len == 0 {
			continue
		}
		if len(v.arrivals) == 0 {
			v.base = w.Seq - r.isn
			numbers.last = v.base
		}
		at := numbers.widen(w.Seq - r.isn)
		v.arrivals = append(v.arrivals, arrival{at, at + int64(w.Len), row})
		v.longest = max(v.longest, int64(w.Len))
	}
	slices.SortStableFunc(v.arrivals, func(a, b arrival) int { return cmp.Compare(a.end, b.end) })
	if len(r.rows) == 0 {
		return v
	}
	numbers = counter{last: v.base}
	for _, row := range back {
		w := r.t.Wire(row)
		if w.Flags&stream.ACK == 0 || w.Flags&stream.RST != 0 {
			continue
		}
		ack := numbers.widen(w.Ack - r.isn)
		if len(v.acks) == 0 || ack > v.acks[len(v.acks)-1].ack {
			v.acks = append(v.acks, mark{ack, row})
		}
	}
	return v
}

// acked says whether the receiver acknowledged a packet's last byte before its capture has it from another packet, and
// whether this packet is the last of those that may have brought it.
func (e *ending) acked(row uint32, w *trace.Wire) bool {
	if e.evidence == nil {
		e.evidence = e.gather()
	}
	v := e.evidence
	if len(v.arrivals) == 0 {
		return false
	}
	end := e.number(row, w) + int64(w.Len)
	i := sort.Search(len(v.acks), func(i int) bool { return v.acks[i].ack >= end })
	if i == len(v.acks) {
		return false
	}
	by := v.acks[i].row
	k := sort.Search(len(v.arrivals), func(k int) bool { return v.arrivals[k].end >= end })
	for ; k < len(v.arrivals) && v.arrivals[k].end < end+v.longest; k++ {
		if a := &v.arrivals[k]; a.from < end && a.row < by {
			return false // it came with another packet
		}
	}
	return !e.later(row, w.Seq+w.Len, e.receiver.t.Time(by))
}

// number is a packet's sequence number as the evidence counts. The nearest hop tells how far it is, modulo 2³².
func (e *ending) number(row uint32, w *trace.Wire) int64 {
	near := int64(0)
	if i, _ := slices.BinarySearchFunc(e.f.Hops, row, func(h Hop, r uint32) int { return cmp.Compare(h.Sent, r) }); i > 0 {
		near = e.numberOf(e.f.Hops[i-1].Received)
	}
	return near + int64(int32(w.Seq-e.sender.isn-e.evidence.base-uint32(near)))
}

// numberOf is the number of a packet that the receiver's capture has; 0 if it has no payload.
func (e *ending) numberOf(row uint32) int64 {
	w := e.receiver.t.Wire(row)
	v := e.evidence
	low := w.Seq - e.receiver.isn - v.base
	// Of all numbers with these lower bits the one near what had arrived by then.
	last := int64(0)
	if len(v.acks) > 0 {
		i := sort.Search(len(v.acks), func(i int) bool { return v.acks[i].row >= row })
		last = v.acks[max(i-1, 0)].ack
	}
	return last + int64(int32(low-uint32(last)))
}

// later says whether a later packet without a partner carries the byte before end too, early enough to have brought it.
func (e *ending) later(row, end uint32, acked int64) bool {
	const far = 1 << 14
	i, _ := slices.BinarySearch(e.sender.rows, row+1)
	for k := 0; i < len(e.sender.rows) && k < far; i, k = i+1, k+1 {
		w := e.sender.t.Wire(e.sender.rows[i])
		if len(e.f.Hops) > 0 && w.Time+e.evidence.least > acked {
			return false
		}
		if w.Len == 0 || int32(end-w.Seq) <= 0 || int32(end-w.Seq) > int32(w.Len) {
			continue
		}
		_, ok := slices.BinarySearchFunc(e.f.Hops, e.sender.rows[i], func(h Hop, r uint32) int { return cmp.Compare(h.Sent, r) })
		if !ok {
			return true
		}
	}
	return false
}
