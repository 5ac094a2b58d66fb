package match

import (
	"cmp"
	"math"
	"slices"
)

// Numbers of the fit.
const (
	bins     = 64    // parts of the time, of which the best packet counts
	fewest   = 8     // bins that a class needs
	most     = 48    // classes, those with the most bins
	noise    = 2000  // ns: what no delay is more regular than
	usual    = 2e-4  // how large a drift usually is at most: 200 ppm
	straight = 1e-12 // what two slopes differ by at least
)

// ridge is the lower envelope of one class: in each bin the packet of the least delay. Values of packets that travel
// down are turned round, so that less is better in all.
type ridge struct {
	class int
	up    bool
	x, y  []float64
}

// fit estimates drift and offset.
//
// The packets of a class have a least delay, which a line of the drift's slope touches from below, and an excess over it
// that queues and jitter make. The likeliest drift is the one that makes the excesses small, each class measured by its
// own: the sum of bins × log(mean excess), which is what independent exponential excesses of unknown scale give. So a
// class on an idle path outweighs one behind a full queue, whatever the direction.
func (e *estimator) fit(given Given) {
	c := e.clock
	e.settle(given)
	ridges := e.ridges()
	c.Drift = given.Drift
	if !given.HasDrift && len(ridges) > 0 {
		c.Drift = e.drift(ridges)
	}
	v := newEnvelope(e.points, e.fine)
	up, down := v.ceiling(c.Drift), v.floor(c.Drift)
	c.Method = Envelope
	switch {
	case given.HasOffset && given.HasDrift:
		c.Method = GivenAll
	case given.HasOffset || given.HasDrift:
		c.Method = GivenPart
	}
	switch {
	case given.HasOffset:
		c.Offset = given.Offset
	case c.HasLow && c.HasHigh:
		c.Offset = min(max(int64(math.Round((up+down)/2)), c.Low), c.High)
		if up < down {
			c.Bent = max(c.Bent, int64(math.Ceil(down-up)))
		}
	default:
		c.Method = OneWay
	}
}

// ridges finds the lower envelope of each class.
func (e *estimator) ridges() []ridge {
	return e.ridgesOf(func(*point) bool { return true })
}

// ridgesOf finds them among some of the points.
func (e *estimator) ridgesOf(wanted func(*point) bool) []ridge {
	if len(e.points) == 0 || e.span <= 0 {
		return nil
	}
	first := e.points[0].x
	best := make([]*point, len(e.kinds)*bins)
	for i := range e.points {
		t := &e.points[i]
		if t.class < 0 || !wanted(t) {
			continue
		}
		b := min(max(int((t.x-first)/e.span*bins), 0), bins-1)
		at := &best[int(t.class)*bins+b]
		if *at == nil || t.up == (t.y < (*at).y) {
			*at = t
		}
	}
	var list []ridge
	for k := range e.kinds {
		r := ridge{class: k, up: e.kinds[k].up}
		sign := 1.0
		if !r.up {
			sign = -1
		}
		for _, t := range best[k*bins : (k+1)*bins] {
			if t != nil {
				r.x, r.y = append(r.x, t.x), append(r.y, sign*t.y)
			}
		}
		if len(r.x) >= fewest {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b ridge) int { return cmp.Compare(len(b.x), len(a.x)) })
	return list[:min(len(list), most)]
}

// slope is the slope of a ridge's line for a drift.
func (r *ridge) slope(drift float64) float64 {
	if r.up {
		return drift
	}
	return -drift
}

// least and mean are those of the bins over the line of a drift through zero.
func (r *ridge) least(drift float64) float64 {
	d, least := r.slope(drift), math.Inf(1)
	for i := range r.x {
		least = min(least, r.y[i]-d*r.x[i])
	}
	return least
}

func (r *ridge) mean(drift float64) float64 {
	d, sum := r.slope(drift), 0.0
	for i := range r.x {
		sum += r.y[i] - d*r.x[i]
	}
	return sum / float64(len(r.x))
}

// excess is the mean of what the bins lie above the line of a drift.
func (r *ridge) excess(drift float64) float64 { return r.mean(drift) - r.least(drift) }

// cost is less the likelier a drift is.
func cost(ridges []ridge, drift float64) float64 {
	sum := drift / usual * (drift / usual) / 2
	for i := range ridges {
		sum += float64(len(ridges[i].x)) * math.Log(noise+ridges[i].excess(drift))
	}
	return sum
}

// drift is the likeliest drift: the slope of an edge of the lower hull of a class.
func (e *estimator) drift(ridges []ridge) float64 {
	best, least := 0.0, math.Inf(1)
	for _, d := range append(slopes(ridges), min(max(0, e.clock.DriftLow), e.clock.DriftHigh)) {
		if d < e.clock.DriftLow || d > e.clock.DriftHigh {
			continue
		}
		if c := cost(ridges, d); c < least {
			best, least = d, c
		}
	}
	return best
}

// slopes are the drifts at which some class' line turns over.
func slopes(ridges []ridge) []float64 {
	var list []float64
	for i := range ridges {
		r := &ridges[i]
		var h []int
		for k := range r.x {
			for len(h) > 1 {
				a, b := h[len(h)-2], h[len(h)-1]
				if (r.y[b]-r.y[a])*(r.x[k]-r.x[a])-(r.y[k]-r.y[a])*(r.x[b]-r.x[a]) < 0 {
					break
				}
				h = h[:len(h)-1]
			}
			h = append(h, k)
		}
		for k := 1; k < len(h); k++ {
			if dx := r.x[h[k]] - r.x[h[k-1]]; dx > 0 {
				list = append(list, r.slope((r.y[h[k]]-r.y[h[k-1]])/dx))
			}
		}
	}
	slices.Sort(list)
	return slices.CompactFunc(list, func(a, b float64) bool { return math.Abs(a-b) < straight })
}
