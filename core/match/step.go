package match

import (
	"math"
	"slices"
)

// Numbers of the search for steps.
const (
	mostSteps = 16
	reach     = 16    // bins to the next packets of a class on either side
	quiet     = 10000 // ns: what the least delay of no bin is steadier than
	sure      = 10    // what either direction must speak for a step, in units of its usual change
	better    = 2     // by how much the fit must gain
)

// steps finds jumps of either clock, the largest evidence first. A jump shifts the least delays of all packets at once,
// those to the other side as much up as those to the base down. Queues and routes do not: what lengthens the one way
// leaves the other as it is. So a step is where both directions changed by the same amount between the bins around, far
// more than they usually do, and where taking it away makes the whole a better line.
func (e *estimator) steps() {
	for len(e.clock.Steps) < mostSteps {
		if c := newChange(e); c != nil && c.find() && e.take(c.place()) {
			continue
		}
		if s, ok := e.stampedStep(); !ok || !e.take(s) {
			return
		} else if n := len(e.clock.Steps); n > 0 {
			e.stamped = append(e.stamped, n-1)
		}
	}
}

// take takes a step away from the packets after it, if that makes the whole a better line.
func (e *estimator) take(s Step) bool {
	by := float64(s.Size)
	if s.Of == e.clock.Base {
		by = -by
	}
	before := e.cost()
	e.shift(&s, by)
	if e.cost() > before-better {
		e.shift(&s, -by)
		return false
	}
	e.clock.Steps = append(e.clock.Steps, s)
	return true
}

// cost is that of the likeliest drift.
func (e *estimator) cost() float64 {
	ridges := e.ridges()
	least := cost(ridges, 0)
	for _, d := range slopes(ridges) {
		if math.Abs(d) <= steepest {
			least = min(least, cost(ridges, d))
		}
	}
	return least
}

// shift takes a change of the offset away from the packets after a step.
func (e *estimator) shift(s *Step, by float64) {
	for i := range e.points {
		if e.after(&e.points[i], s) {
			e.points[i].y -= by
		}
	}
}

// change looks for a step: the least delay of each class in each bin of time.
type change struct {
	e     *estimator
	bins  int
	binOf []int32     // of each point
	least [][]float64 // by class, bin: as the offset sees it, NaN where there is none
	at    [][]float64 // its time
	usual []float64   // by class: how much it changes from bin to bin, 0 if it is not known
	trend float64     // drift between bins
	bin   int         // where the step is
	size  float64     // by how much the offset changes
}

func newChange(e *estimator) *change {
	n := len(e.points)
	if n < 32 || e.span <= 0 {
		return nil
	}
	c := &change{e: e, bins: min(max(n/24, 16), 512), binOf: make([]int32, n)}
	c.least, c.at = make([][]float64, len(e.kinds)), make([][]float64, len(e.kinds))
	for k := range e.kinds {
		c.least[k], c.at[k] = make([]float64, c.bins), make([]float64, c.bins)
		for b := range c.bins {
			c.least[k][b] = math.NaN()
		}
	}
	first, last := e.points[0].x, 0.0
	for i := range e.points {
		t := &e.points[i]
		last = max(last, t.x-first) // the base's clock may jump back
		b := min(int(last/e.span*float64(c.bins)), c.bins-1)
		c.binOf[i] = int32(b)
		if t.class < 0 {
			continue
		}
		at := &c.least[t.class][b]
		if math.IsNaN(*at) || t.up == (t.y < *at) {
			*at, c.at[t.class][b] = t.y, t.x
		}
	}
	c.habits()
	return c
}

// around are the nearest bins with packets of a class on either side of a bin.
func (c *change) around(class, bin int) (before, behind int, ok bool) {
	l := c.least[class]
	for before = bin - 1; before >= 0 && before >= bin-reach && math.IsNaN(l[before]); before-- {
	}
	for behind = bin + 1; behind < len(l) && behind <= bin+reach && math.IsNaN(l[behind]); behind++ {
	}
	ok = before >= 0 && before >= bin-reach && behind < len(l) && behind <= bin+reach
	return before, behind, ok
}

// delta is how much the offset seems to change around a bin, by a class.
func (c *change) delta(class, bin int) (d float64, ok bool) {
	before, behind, ok := c.around(class, bin)
	if !ok {
		return 0, false
	}
	return c.least[class][behind] - c.least[class][before] - c.trend*(c.at[class][behind]-c.at[class][before]), true
}

// habits finds the drift between bins and how much each class usually changes.
func (c *change) habits() {
	var rates []float64
	for k := range c.least {
		for b := range c.bins {
			if before, behind, ok := c.around(k, b); ok && c.at[k][behind] > c.at[k][before] {
				rates = append(rates, (c.least[k][behind]-c.least[k][before])/(c.at[k][behind]-c.at[k][before]))
			}
		}
	}
	if len(rates) > 0 {
		c.trend = min(max(median(rates), -steepest), steepest)
	}
	c.usual = make([]float64, len(c.least))
	for k := range c.least {
		var all []float64
		for b := range c.bins {
			if d, ok := c.delta(k, b); ok {
				all = append(all, math.Abs(d))
			}
		}
		if len(all) >= fewest {
			c.usual[k] = quiet + median(all)
		}
	}
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// find looks for the bin and the size of a step that both directions speak for most.
func (c *change) find() bool {
	best := 0.0
	for b := range c.bins {
		for k := range c.least {
			size, ok := c.delta(k, b)
			if !ok || c.usual[k] == 0 {
				continue
			}
			if up, down := c.votes(b, size); min(up, down) > sure && up+down > best {
				best, c.bin, c.size = up+down, b, size
			}
		}
	}
	return best > 0
}

// votes are what the classes of either direction gain by a step.
func (c *change) votes(bin int, size float64) (up, down float64) {
	for k := range c.least {
		d, ok := c.delta(k, bin)
		if !ok || c.usual[k] == 0 {
			continue
		}
		gain := (math.Abs(d) - math.Abs(d-size)) / c.usual[k]
		if c.e.kinds[k].up {
			up += gain
		} else {
			down += gain
		}
	}
	return up, down
}

// local is a packet near a step: how far it is above the least delay before it.
type local struct {
	base, other uint32
	rise        float64
}

// place finds the packet at which the clock jumped, and which clock it was. Timestamps tell, or else what was under way at
// that moment: a jump of the receiver's clock changes how long it seems to have travelled, one of the sender's does not.
func (c *change) place() Step {
	var near []local
	for i := range c.e.points {
		t := &c.e.points[i]
		if b := int(c.binOf[i]); t.class < 0 || b < c.bin-2 || b > c.bin+2 {
			continue
		}
		if usual, ok := c.level(int(t.class), t.x); ok {
			near = append(near, local{t.base, t.other, t.y - usual})
		}
	}
	base := c.e.clock.Base
	rowBase, costBase := c.split(near, func(l *local) uint32 { return l.base })
	rowOther, costOther := c.split(near, func(l *local) uint32 { return l.other })
	s := Step{Of: base.Other(), Row: rowOther, Size: int64(math.Round(c.size))}
	ofBase := costBase < costOther
	if known, is := c.stamped(base, rowBase, rowOther); known {
		ofBase = is
	}
	if ofBase {
		s = Step{Of: base, Row: rowBase, Size: -int64(math.Round(c.size))}
	}
	s.At = c.e.p.Trace(s.Of).Time(s.Row)
	return s
}

// level is the least delay of a class before the step, at a time near it.
func (c *change) level(class int, x float64) (float64, bool) {
	before, behind, _ := c.around(class, c.bin)
	switch l, at := c.least[class], c.at[class]; {
	case before >= 0 && before >= c.bin-reach:
		return l[before] + c.trend*(x-at[before]), true
	case behind < len(l) && behind <= c.bin+reach:
		return l[behind] + c.trend*(x-at[behind]) - c.size, true
	}
	return 0, false
}

// split finds the row, by one capture's order, from which on the packets near a step are shifted.
func (c *change) split(near []local, row func(*local) uint32) (first uint32, least float64) {
	slices.SortFunc(near, func(a, b local) int { return int(row(&a)) - int(row(&b)) })
	sum := 0.0
	for i := range near {
		sum += math.Abs(near[i].rise - c.size)
	}
	least = sum
	if len(near) > 0 {
		first = row(&near[0])
	}
	for i := range near {
		sum += math.Abs(near[i].rise) - math.Abs(near[i].rise-c.size)
		if sum < least && i+1 < len(near) {
			least, first = sum, row(&near[i+1])
		}
	}
	return first, least
}

// stamped asks the timestamps which clock jumped: the base's or the other.
func (c *change) stamped(base Capture, rowBase, rowOther uint32) (known, ofBase bool) {
	if math.Abs(c.size) < legible {
		return false, false
	}
	jumpBase, okBase := c.e.p.jumps(base, rowBase)
	jumpOther, okOther := c.e.p.jumps(base.Other(), rowOther)
	isBase := okBase && math.Abs(jumpBase+c.size) < math.Abs(jumpBase)
	isOther := okOther && math.Abs(jumpOther-c.size) < math.Abs(jumpOther)
	return isBase != isOther, isBase
}

// settle brings the sizes of the steps and the drift into accord, now that all steps are known.
func (e *estimator) settle(given Given) {
	for range 2 {
		for i := range e.clock.Steps {
			s := &e.clock.Steps[i]
			by := e.remainder(s, given)
			if slices.Contains(e.stamped, i) {
				by = min(max(by, -legible/2), legible/2)
			}
			e.shift(s, by)
			if s.Of == e.clock.Base {
				s.Size -= int64(math.Round(by))
			} else {
				s.Size += int64(math.Round(by))
			}
		}
	}
}

// remainder is what a step's size lacks: of all the differences between the lines of a class before and after it, and all
// slopes of classes, the likeliest.
func (e *estimator) remainder(s *Step, given Given) float64 {
	before := e.ridgesOf(func(t *point) bool { return !e.after(t, s) })
	behind := e.ridgesOf(func(t *point) bool { return e.after(t, s) })
	drifts := []float64{given.Drift}
	if !given.HasDrift {
		drifts = append(append(drifts, slopes(before)...), slopes(behind)...)
	}
	best, least := 0.0, math.Inf(1)
	for _, d := range drifts {
		if math.Abs(d) > steepest {
			continue
		}
		for i := range before {
			k := slices.IndexFunc(behind, func(r ridge) bool { return r.class == before[i].class })
			if k < 0 {
				continue
			}
			by := behind[k].least(d) - before[i].least(d)
			if !before[i].up {
				by = -by
			}
			if c := jointCost(before, behind, d, by); c < least {
				best, least = by, c
			}
		}
	}
	return best
}

// jointCost is the cost of a drift and a change between the ridges before and behind a step.
func jointCost(before, behind []ridge, drift, by float64) float64 {
	sum := drift / usual * (drift / usual) / 2
	for i := range before {
		k := slices.IndexFunc(behind, func(r ridge) bool { return r.class == before[i].class })
		if k < 0 {
			continue
		}
		a, b := &before[i], &behind[k]
		shift := by
		if !a.up {
			shift = -by
		}
		na, nb := float64(len(a.x)), float64(len(b.x))
		least := min(a.least(drift), b.least(drift)-shift)
		mean := (na*a.mean(drift) + nb*(b.mean(drift)-shift)) / (na + nb)
		sum += (na + nb) * math.Log(noise+mean-least)
	}
	return sum
}
