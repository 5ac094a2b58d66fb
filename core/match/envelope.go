package match

import (
	"math"
)

// steepest is the largest drift that is taken for a clock's: 1000 ppm, twice what NTP corrects.
const steepest = 1e-3

// envelope is what the packets allow: a line of slope d lies between floor(d) and ceiling(d) at the reference time.
type envelope struct {
	above, below []point // hulls: of what travels up, of what travels down
	fine         float64
}

func newEnvelope(points []point, fine float64) *envelope {
	return &envelope{above: hull(points, true), below: hull(points, false), fine: fine}
}

// ceiling is the largest offset at the reference time that no packet to the other side contradicts, for a drift.
func (v *envelope) ceiling(drift float64) float64 {
	least := math.Inf(1)
	for i := range v.above {
		least = min(least, v.above[i].y-drift*v.above[i].x)
	}
	return least + v.fine - 1
}

// floor is the smallest one that no packet to the base contradicts.
func (v *envelope) floor(drift float64) float64 {
	most := math.Inf(-1)
	for i := range v.below {
		most = max(most, v.below[i].y-drift*v.below[i].x)
	}
	return most - v.fine + 1
}

// room is how far apart the two are: what the shortest delays there and back add up to.
func (v *envelope) room(drift float64) float64 { return v.ceiling(drift) - v.floor(drift) }

// widest is the drift that leaves the most room. Room is concave.
func (v *envelope) widest() float64 {
	lo, hi := -steepest, steepest
	for range 100 {
		a, b := lo+(hi-lo)/3, hi-(hi-lo)/3
		if v.room(a) < v.room(b) {
			lo = a
		} else {
			hi = b
		}
	}
	return (lo + hi) / 2
}

// slopes are the smallest and the largest drift that no packet contradicts; not ok if there is none.
func (v *envelope) slopes() (lo, hi float64, ok bool) {
	best := v.widest()
	if v.room(best) < 0 {
		return best, best, false
	}
	return v.edge(best, -steepest), v.edge(best, steepest), true
}

// edge is the last drift on the way from one that leaves room to the steepest.
func (v *envelope) edge(inside, outside float64) float64 {
	if v.room(outside) >= 0 {
		return outside
	}
	for range 80 {
		mid := (inside + outside) / 2
		if v.room(mid) >= 0 {
			inside = mid
		} else {
			outside = mid
		}
	}
	return inside
}

// bound fills in what the packets say for certain: Low, High, DriftLow, DriftHigh, as they are before the first step.
func (e *estimator) bound(given Given) {
	c := e.clock
	v := newEnvelope(e.beforeSteps(), e.fine)
	c.HasHigh, c.HasLow = len(v.above) > 0, len(v.below) > 0
	lo, hi := -steepest, steepest
	if c.HasLow && c.HasHigh {
		var ok bool
		if lo, hi, ok = v.slopes(); !ok {
			c.Bent = int64(math.Ceil(-v.room(lo)))
		}
		all := newEnvelope(e.points, e.fine)
		if l, h, ok := all.slopes(); ok && len(c.Steps) == 0 {
			lo, hi = l, h
		}
	}
	if given.HasDrift {
		lo, hi = given.Drift, given.Drift
	}
	c.DriftLow, c.DriftHigh = lo, hi
	// Both ends of the interval fall as the drift grows, as times are counted from the reference on.
	if c.HasHigh {
		c.High = int64(math.Floor(v.ceiling(lo)))
	}
	if c.HasLow {
		c.Low = int64(math.Ceil(v.floor(hi)))
	}
	if c.HasLow && c.HasHigh && c.Low > c.High {
		c.Low, c.High = c.High, c.Low
	}
}

// beforeSteps are the points before the first step.
func (e *estimator) beforeSteps() []point {
	n := len(e.points)
	for _, s := range e.clock.Steps {
		for i := range e.points[:n] {
			if e.after(&e.points[i], &s) {
				n = i
				break
			}
		}
	}
	return e.points[:n]
}

// after says whether a packet was seen after a step by the clock that jumped.
func (e *estimator) after(t *point, s *Step) bool {
	if s.Of == e.clock.Base {
		return t.base >= s.Row
	}
	return t.other >= s.Row
}
