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
	sender, receiver *lane  // their rows are read when they are needed
	cut              bool   // the path carries smaller segments than the sender's capture shows
	size             uint32 // the largest segment that arrived, if cut
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
		e.evidence, e.f.left = nil, [2][]uint32{}
		e.sender.rows, e.receiver.rows = nil, nil
	}
	for _, e := range endings {
		e.doubt()
	}
}

// ending puts the flow's hops in the sender's order and looks at them.
func (p *Pairing) ending(f *Flow) *ending {
	e := &ending{p: p, f: f}
	sides := [2]*lane{{t: p.A}, {t: p.B}}
	p.rebase(&p.Streams[f.Stream], f.Dest, sides[A], sides[B])
	e.sender, e.receiver = sides[f.Sender], sides[f.Sender.Other()]
	if f.Sender == B {
		for i, h := range f.Hops {
			f.Hops[i] = Hop{h.Received, h.Sent}
		}
	}
	f.sort()
	for _, h := range f.Hops {
		p.bounds[f.Sender].add(h.Sent)
		p.bounds[f.Sender.Other()].add(h.Received)
		if f.pieces {
			sent, received := e.sender.t.PayloadLen(h.Sent), e.receiver.t.PayloadLen(h.Received)
			e.cut, e.size = e.cut || sent > received, max(e.size, received)
		}
	}
	return e
}

func (b *bounds) add(row uint32) { b.first, b.last = min(b.first, row), max(b.last, row) }

func (f *Flow) sort() {
	slices.SortFunc(f.Hops, func(a, b Hop) int { return cmp.Or(cmp.Compare(a.Sent, b.Sent), cmp.Compare(a.Received, b.Received)) })
}

// in is the flow's rows in one of the captures, and those of the way back.
func (p *Pairing) in(f *Flow, c Capture) (there, back []uint32) {
	s := &p.Streams[f.Stream]
	toClient, toServer := p.Trace(c).Directions(s.In(c))
	if (f.Dest == stream.Client) != (c == B && s.Flipped) {
		return toClient, toServer
	}
	return toServer, toClient
}

// received finds the receiver's packets without a partner. Those that are copies of one that has a partner were
// duplicated on the way and become hops.
func (e *ending) received() {
	f, c := e.f, e.f.Sender.Other()
	left := f.left[c]
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
	for _, row := range f.left[f.Sender] {
		w := e.sender.t.Wire(row)
		e.add(row, &w, w.Len, e.segments(w.Len))
	}
	if e.cut {
		e.partly()
	}
	f.Counted = len(f.Hops) - len(f.Again)
	for i := range f.Sent {
		if m := &f.Sent[i]; m.Why == Lost || m.Why == Unseen {
			f.Counted += int(m.Segments)
		}
	}
}

// partly finds the packets that were cut on their way, and of which some pieces have no partner.
func (e *ending) partly() {
	hops := e.f.Hops
	for from, k := 0, 0; from < len(hops); from = k {
		for k = from; k < len(hops) && hops[k].Sent == hops[from].Sent; k++ {
		}
		w := e.sender.t.Wire(hops[from].Sent)
		if bytes, segments := e.rest(&w, hops[from:k]); bytes > 0 {
			e.add(hops[from].Sent, &w, bytes, segments)
		}
	}
	slices.SortFunc(e.f.Sent, func(a, b Missing) int { return cmp.Compare(a.Row, b.Row) })
}

// add notes what of a packet has no partner, and why.
func (e *ending) add(row uint32, w *trace.Wire, bytes, segments uint32) {
	m := Missing{Row: row, Why: e.why(row, w), Bytes: bytes, Segments: segments}
	if m.Why == Unseen {
		e.p.bounds[e.f.Sender.Other()].holes = true
	}
	e.f.Sent = append(e.f.Sent, m)
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
