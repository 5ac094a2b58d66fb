package match

import (
	"cmp"
	"math"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// point is a packet as the clocks see it.
type point struct {
	x     float64 // the base's time, ns after Clock.Ref
	y     float64 // the other's time less the base's, less steps found so far
	base  uint32  // rows
	other uint32
	class int32 // index in estimator.kinds, -1 if its size is an odd one
	up    bool  // travels from the base to the other side
}

// estimator works out a clock.
type estimator struct {
	p      *Pairing
	clock  *Clock
	points []point // in the base's order
	kinds  []kind
	span   float64 // from the first to the last point
	fine   float64 // resolution of the captures' times, ns
	// stamped are the steps that only timestamps showed: their sizes are good to a tick, better than queues let see.
	stamped []int
}

// kind is a class of packets of about the same least delay: those of one size on one subflow one way.
type kind struct {
	up   bool
	size uint32
}

// estimator collects the hops of all flows.
func (p *Pairing) estimator(c *Clock) *estimator {
	e := &estimator{p: p, clock: c, fine: 1}
	n := 0
	for i := range p.Flows {
		n += len(p.Flows[i].Hops)
	}
	e.points = make([]point, 0, n)
	for i := range p.Flows {
		e.collect(&p.Flows[i])
	}
	e.order()
	if e.coarse() {
		e.fine = 1000
	}
	if n := len(e.points); n > 0 {
		e.span = e.points[n-1].x - e.points[0].x
	}
	return e
}

// coarse says whether the captures' times are whole microseconds, as far as some of them tell.
func (e *estimator) coarse() bool {
	for i := range e.points[:min(len(e.points), 1000)] {
		t := &e.points[i]
		if math.Mod(t.x, 1000) != math.Mod(e.points[0].x, 1000) || math.Mod(t.y, 1000) != 0 {
			return false
		}
	}
	return true
}

// collect adds the hops of a flow. Two sizes of packets get a class: those without payload, and the usual with payload.
func (e *estimator) collect(f *Flow) {
	from, to := e.p.Trace(f.Sender), e.p.Trace(f.Sender.Other())
	up := f.Sender == e.clock.Base
	full := usualSize(to, f.Hops)
	first := int32(len(e.kinds))
	e.kinds = append(e.kinds, kind{up, 0}, kind{up, full})
	again := 0
	var wires [64]wires // so many hops are read at a time, in a loop that waits for none of them
	for i, h := range f.Hops {
		if i%len(wires) == 0 {
			read(from, to, f.Hops[i:min(i+len(wires), len(f.Hops))], &wires)
		}
		if again < len(f.Again) && f.Again[again] == i {
			again++
			continue
		}
		t := point{up: up, class: first, base: h.Sent, other: h.Received}
		w := &wires[i%len(wires)]
		base, other := w.sent.Time, w.received.Time
		if !up {
			t.base, t.other, base, other = h.Received, h.Sent, other, base
		}
		t.x, t.y = float64(base-e.clock.Ref), float64(other-base)
		switch n := w.received.Len; {
		case n == 0 && w.received.Flags&(stream.SYN|stream.RST) != 0:
			t.class = -1 // larger than a plain ack: SYN and FIN carry more options
		case n == full:
			t.class = first + 1
			if w.sent.Len != n {
				t.class = -1 // a piece: it waited for those before it
			}
		case n != 0:
			t.class = -1
		}
		if full == 0 && t.class == first+1 {
			t.class = first
		}
		e.points = append(e.points, t)
	}
}

// wires are what a hop's packet is in both captures.
type wires struct{ sent, received trace.Wire }

// read reads some hops.
func read(from, to *trace.Trace, hops []Hop, into *[64]wires) {
	for i, h := range hops {
		into[i].sent, into[i].received = from.Wire(h.Sent), to.Wire(h.Received)
	}
}

// usualSize is the most frequent payload of what arrived, 0 if there is none. Some thousand packets tell it.
func usualSize(to *trace.Trace, hops []Hop) uint32 {
	counts := map[uint32]int{}
	best := uint32(0)
	for i := 0; i < len(hops); i += 1 + len(hops)/8192 {
		h := hops[i]
		if n := to.PayloadLen(h.Received); n > 0 {
			if counts[n]++; counts[n] > counts[best] || counts[n] == counts[best] && n > best {
				best = n
			}
		}
	}
	return best
}

// order sorts the points by the base's rows, of which each has one point or a few.
func (e *estimator) order() {
	n := e.p.Trace(e.clock.Base).Len()
	start := make([]uint32, n+1)
	for i := range e.points {
		start[e.points[i].base+1]++
	}
	for i := 1; i <= n; i++ {
		start[i] += start[i-1]
	}
	sorted := make([]point, len(e.points))
	for i := range e.points {
		at := &start[e.points[i].base]
		sorted[*at] = e.points[i]
		*at++
	}
	e.points = sorted
}

// hull gives the lower hull of the points that travel up, or the upper hull of those that travel down, by ascending x.
func hull(points []point, up bool) []point {
	h, ok := chainOf(points, up)
	if ok {
		return h
	}
	sorted := slices.Clone(points) // a clock jumped back
	slices.SortFunc(sorted, func(a, b point) int { return cmp.Compare(a.x, b.x) })
	h, _ = chainOf(sorted, up)
	return h
}

// chainOf is Andrew's monotone chain; it is not ok if the points are not in order.
func chainOf(points []point, up bool) (h []point, ok bool) {
	sign, last := 1.0, math.Inf(-1)
	if !up {
		sign = -1
	}
	for i := range points {
		q := &points[i]
		if q.up != up {
			continue
		}
		if q.x < last {
			return nil, false
		}
		last = q.x
		for len(h) > 1 {
			a, b := &h[len(h)-2], &h[len(h)-1]
			if sign*((b.y-a.y)*(q.x-a.x)-(q.y-a.y)*(b.x-a.x)) < 0 {
				break
			}
			h = h[:len(h)-1]
		}
		h = append(h, *q)
	}
	return h, true
}
