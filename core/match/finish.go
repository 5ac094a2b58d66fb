package match

import (
	"cmp"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// bounds are the first and the last row of a capture that the other one has, and whether packets outside of them arrived
// that the other one does not have: it had not begun, or had ended.
type bounds struct {
	first, last   uint32
	before, after bool
	holes         bool // it missed packets
}

// ending finds out what became of the packets of a flow that have no partner.
type ending struct {
	p                *Pairing
	f                *Flow
	sender, receiver *lane
	cut              bool   // the path carries smaller segments than the sender's capture shows
	size             uint32 // the largest segment that arrived
	least            int64  // the smallest difference of the two captures' times
	evidence         *evidence
}

// finish orders each flow's packets by its sender, now that it is known, and says what became of the others.
func (p *Pairing) finish() {
	p.bounds[A], p.bounds[B] = bounds{first: ^uint32(0)}, bounds{first: ^uint32(0)}
	endings := make([]*ending, len(p.Flows))
	for i := range p.Flows {
		endings[i] = p.ending(&p.Flows[i])
	}
	for _, e := range endings {
		e.received()
	}
	for _, e := range endings {
		e.sent()
	}
	for _, e := range endings {
		e.doubt()
		e.sender, e.receiver, e.evidence = nil, nil, nil
	}
}

// ending puts the flow's hops in the sender's order and looks at them.
func (p *Pairing) ending(f *Flow) *ending {
	e := &ending{p: p, f: f}
	e.sender, e.receiver = p.lanes(f)
	if f.Sender == B {
		for i, h := range f.Hops {
			f.Hops[i] = Hop{h.Received, h.Sent}
		}
	}
	f.sort()
	for i, h := range f.Hops {
		p.bounds[f.Sender].add(h.Sent)
		p.bounds[f.Sender.Other()].add(h.Received)
		sent, received := e.sender.t.PayloadLen(h.Sent), e.receiver.t.PayloadLen(h.Received)
		e.cut = e.cut || sent > received
		e.size = max(e.size, received)
		d := e.receiver.t.Time(h.Received) - e.sender.t.Time(h.Sent)
		if i == 0 || d < e.least {
			e.least = d
		}
	}
	return e
}

func (b *bounds) add(row uint32) { b.first, b.last = min(b.first, row), max(b.last, row) }

func (f *Flow) sort() {
	slices.SortFunc(f.Hops, func(a, b Hop) int { return cmp.Or(cmp.Compare(a.Sent, b.Sent), cmp.Compare(a.Received, b.Received)) })
}

// lanes are the rows of a flow in the sender's and in the receiver's capture.
func (p *Pairing) lanes(f *Flow) (sender, receiver *lane) {
	s := &p.Streams[f.Stream]
	sides := [2]*lane{}
	for _, c := range []Capture{A, B} {
		dest := f.Dest
		if c == B && s.Flipped {
			dest = dest.Other()
		}
		sides[c] = newLane(p.Trace(c), s.In(c), dest)
	}
	j := joint{x: sides[A], y: sides[B]}
	there := f.Dest
	if s.Flipped {
		there = there.Other()
	}
	j.rebase(&p.A.Streams[s.A], &p.B.Streams[s.B], f.Dest, there)
	return sides[f.Sender], sides[f.Sender.Other()]
}

// received finds the receiver's packets without a partner. Those that are copies of one that has a partner were
// duplicated on the way and become hops.
func (e *ending) received() {
	f, c := e.f, e.f.Sender.Other()
	left := e.left()
	if len(left) > 0 {
		left = e.copies(left)
	}
	b := &e.p.bounds[c]
	for _, row := range left {
		w := e.receiver.t.Wire(row)
		m := Missing{Row: row, Why: Missed, Bytes: w.Len, Segments: 1}
		switch {
		case row < b.first:
			m.Why, b.before = Before, true
		case row > b.last:
			m.Why, b.after = After, true
		case w.Flags&stream.RST != 0:
			m.Why = Injected
		}
		if m.Why == Missed {
			e.p.bounds[f.Sender].holes = true
		}
		f.Received = append(f.Received, m)
	}
}

// left lists the receiver's rows that no hop has.
func (e *ending) left() []uint32 {
	rows := make([]uint32, len(e.f.Hops))
	for i, h := range e.f.Hops {
		rows[i] = h.Received
	}
	slices.Sort(rows)
	var left []uint32
	k := 0
	for _, row := range e.receiver.rows {
		for k < len(rows) && rows[k] < row {
			k++
		}
		if k == len(rows) || rows[k] != row {
			left = append(left, row)
		}
	}
	return left
}

// likeness is what a packet and its copy share.
type likeness struct {
	key   uint64
	print uint8
}

func (l *lane) likeness(row uint32) likeness {
	w := l.t.Wire(row)
	return likeness{l.key(&w), w.Print}
}

// copies makes hops of the packets that are the same as one that has a partner. It returns the others.
func (e *ending) copies(left []uint32) []uint32 {
	wanted, sent := map[likeness]bool{}, map[likeness]uint32{}
	for _, row := range left {
		wanted[e.receiver.likeness(row)] = true
	}
	for _, h := range e.f.Hops {
		if k := e.receiver.likeness(h.Received); wanted[k] {
			sent[k] = h.Sent // of several the last
		}
	}
	var others []uint32
	for _, row := range left {
		if from, ok := sent[e.receiver.likeness(row)]; ok {
			e.f.Hops = append(e.f.Hops, Hop{from, row})
		} else {
			others = append(others, row)
		}
	}
	if len(others) < len(left) {
		e.f.sort()
		e.again()
	}
	return others
}

// again notes the hops that brought nothing but what a hop of the same packet had brought.
func (e *ending) again() {
	hops := e.f.Hops
	for i := 1; i < len(hops); i++ {
		for k := i - 1; k >= 0 && hops[k].Sent == hops[i].Sent; k-- {
			a, b := e.receiver.t.Wire(hops[k].Received), e.receiver.t.Wire(hops[i].Received)
			if a.Seq == b.Seq && a.Len == b.Len {
				e.f.Again = append(e.f.Again, i)
				break
			}
		}
	}
}

// sent finds the sender's packets that have no partner, wholly or in part.
func (e *ending) sent() {
	f := e.f
	f.Counted = len(f.Hops) - len(f.Again)
	k := 0
	for _, row := range e.sender.rows {
		from := k
		for k < len(f.Hops) && f.Hops[k].Sent == row {
			k++
		}
		if k == from+1 && !e.cut {
			continue
		}
		w := e.sender.t.Wire(row)
		m := Missing{Row: row, Bytes: w.Len, Segments: e.segments(w.Len)}
		if k > from {
			if m.Bytes, m.Segments = e.rest(&w, f.Hops[from:k]); m.Bytes == 0 {
				continue
			}
		}
		if m.Why = e.why(row, &w); m.Why == Unseen {
			e.p.bounds[f.Sender.Other()].holes = true
		}
		f.Sent = append(f.Sent, m)
		if m.Why == Lost || m.Why == Unseen {
			f.Counted += int(m.Segments)
		}
	}
}

// doubt takes back what was said of packets without payload where the receiver's capture has holes.
func (e *ending) doubt() {
	if !e.p.bounds[e.f.Sender.Other()].holes {
		return
	}
	for i := range e.f.Sent {
		if m := &e.f.Sent[i]; m.Why == Lost && m.Bytes == 0 {
			m.Why = Either
		}
	}
}

// rest is how much of a packet did not arrive with its hops, and in how many segments that was sent.
func (e *ending) rest(w *trace.Wire, hops []Hop) (bytes, segments uint32) {
	type part struct{ from, to int64 }
	var parts []part
	for _, h := range hops {
		r := e.receiver.t.Wire(h.Received)
		at := int64(int32(r.Seq - e.receiver.isn - (w.Seq - e.sender.isn)))
		parts = append(parts, part{max(at, 0), min(at+int64(r.Len), int64(w.Len))})
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Compare(a.from, b.from) })
	end := int64(0)
	for _, q := range append(parts, part{int64(w.Len), int64(w.Len)}) {
		if q.from > end {
			bytes += uint32(q.from - end)
			segments += e.segments(uint32(q.from - end))
		}
		end = max(end, q.to)
	}
	return bytes, segments
}

// segments is in how many segments so many bytes of a packet travel.
func (e *ending) segments(n uint32) uint32 {
	if !e.cut || e.size == 0 {
		return 1
	}
	return max(1, (n+e.size-1)/e.size)
}

// why tells what became of a packet that the receiver's capture does not have.
func (e *ending) why(row uint32, w *trace.Wire) Why {
	b := &e.p.bounds[e.f.Sender]
	switch {
	case row < b.first && b.before:
		return Before
	case row > b.last && b.after:
		return After
	case w.Len > 0 && e.acked(row, w):
		return Unseen
	}
	return Lost
}
