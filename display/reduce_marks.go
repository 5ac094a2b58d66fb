package display

import (
	"cmp"
	"math"
	"slices"
)

// rows is the height in cells that reductions reckon with: charts are 280 to 360 px high.
const rows = 360

// finite gives the range of finite values.
func finite(columns ...[]float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, column := range columns {
		for _, y := range column {
			if y < lo && y > math.Inf(-1) {
				lo = y
			}
			if y > hi && y < math.Inf(1) {
				hi = y
			}
		}
	}
	return lo, hi
}

// cells gives the indices of dots to keep: the lowest and highest of every column, and the first of every cell of a grid
// that is made coarser until the budget holds.
func (s *Series) cells(w Window, width, budget int) []int {
	x, y := s.X[:s.Len()], s.Y[:s.Len()]
	lo, hi := finite(y)
	cols := newColumns(w, min(width, max(budget/4, 1)))
	keep := s.extremes(cols)
	for scale := 1; ; scale *= 2 {
		high := max(rows/scale, 1)
		grid := newColumns(w, max(width/scale, 1))
		perRow := float64(high) / max(hi-lo, math.SmallestNonzeroFloat64)
		seen := make([]bool, int(grid.n)*high)
		var first []int
		for i, v := range x {
			c := grid.of(v)
			if c < 0 || c >= grid.n || !(y[i] >= lo && y[i] <= hi) {
				continue
			}
			r := 0
			if hi > lo {
				r = min(int((y[i]-lo)*perRow), high-1)
			}
			if at := int(c)*high + r; !seen[at] {
				seen[at] = true
				first = append(first, i)
			}
		}
		if len(first) <= budget || (grid.n == 1 && high == 1) {
			keep = append(keep, first...)
			slices.Sort(keep)
			return slices.Compact(keep)
		}
	}
}

// extremes gives the indices of the lowest and highest point of every column, in no order, some twice.
func (s *Series) extremes(cols columns) []int {
	low, high := make([]int, cols.n), make([]int, cols.n)
	for i := range low {
		low[i], high[i] = -1, -1
	}
	for i, v := range s.X[:s.Len()] {
		c, y := cols.of(v), s.Y[i]
		if c < 0 || c >= cols.n || math.IsNaN(y) || math.IsInf(y, 0) {
			continue
		}
		if low[c] < 0 || y < s.Y[low[c]] {
			low[c] = i
		}
		if high[c] < 0 || y > s.Y[high[c]] {
			high[c] = i
		}
	}
	return slices.DeleteFunc(append(low, high...), func(i int) bool { return i < 0 })
}

// span is one segment, or several joined; from and to are ascending.
type span struct {
	column   int64
	index    int // of the first point
	from, to float64
	count    uint32
	mixed    bool // of differing labels
}

// merge joins the segments of one column that touch; when that is not enough, also those with a gap of less than a row
// between; then columns and rows are made coarser until the budget holds.
func (s *Series) merge(w Window, width, budget int) Series {
	spans := s.joinSpans(newColumns(w, width), 0)
	lo, hi := finite(s.Y[:s.Len()], s.Y2[:s.Len()])
	for scale := 1; len(spans) > budget && scale <= 2*max(width, rows); scale *= 2 {
		spans = s.joinSpans(newColumns(w, max(width/scale, 1)), max(hi-lo, 0)/rows*float64(scale))
	}
	return s.fromSpans(spans)
}

// joinSpans joins in capture order first, which does nearly all, then in order of place.
func (s *Series) joinSpans(cols columns, gap float64) []span {
	var spans []span
	for i, v := range s.X[:s.Len()] {
		from, to := min(s.Y[i], s.Y2[i]), max(s.Y[i], s.Y2[i])
		c := cols.of(v)
		if c < 0 || c >= cols.n || !(from > math.Inf(-1)) || !(to < math.Inf(1)) {
			continue
		}
		spans = s.appendSpan(spans, span{column: c, index: i, from: from, to: to, count: uint32(s.Points(i))}, gap)
	}
	slices.SortStableFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.column, b.column), cmp.Compare(a.from, b.from))
	})
	out := spans[:0]
	for _, next := range spans {
		out = s.appendSpan(out, next, gap)
	}
	return out
}

// appendSpan joins a span to the last one where they touch, or appends it.
func (s *Series) appendSpan(spans []span, next span, gap float64) []span {
	if len(spans) == 0 {
		return append(spans, next)
	}
	last := &spans[len(spans)-1]
	if last.column != next.column || next.from > last.to+gap || last.from > next.to+gap {
		return append(spans, next)
	}
	last.mixed = last.mixed || next.mixed || s.Label(last.index) != s.Label(next.index)
	last.from, last.to = min(last.from, next.from), max(last.to, next.to)
	last.index, last.count = min(last.index, next.index), last.count+next.count
	return spans
}

// fromSpans makes a series of joined segments, each at the place of its first point.
func (s *Series) fromSpans(spans []span) Series {
	keep, counts := make([]int, len(spans)), make([]uint32, len(spans))
	for k, sp := range spans {
		keep[k], counts[k] = sp.index, sp.count
	}
	out := s.pick(keep)
	out.Count = counts
	for k, sp := range spans {
		out.Y[k], out.Y2[k] = sp.from, sp.to
		if sp.mixed && k < len(out.Labels) {
			out.Labels[k] = ""
		}
	}
	return out
}

// average gives one point a column, the mean of its points: areas on top of each other must keep the same X.
func (s *Series) average(cols columns) Series {
	var keep []int
	var sum, n float64
	var means []float64
	column := int64(-2)
	flush := func() {
		if n > 0 {
			means = append(means, sum/n)
		} else if column >= -1 {
			means = append(means, math.NaN())
		}
		sum, n = 0, 0
	}
	for i, v := range s.X[:s.Len()] {
		if c := cols.of(v); c != column {
			flush()
			column, keep = c, append(keep, i)
		}
		if y := s.Y[i]; !math.IsNaN(y) {
			sum, n = sum+y, n+1
		}
	}
	flush()
	out := s.pick(keep)
	out.Y = means
	return out
}

// tallest keeps the highest bar of every column, so that no peak is lost.
func (s *Series) tallest(w Window, budget int) Series {
	cols := newColumns(w, budget)
	best := make(map[int64]int)
	for i, v := range s.X[:s.Len()] {
		if at, ok := best[cols.of(v)]; (!ok || s.Y[i] > s.Y[at]) && !math.IsNaN(s.Y[i]) {
			best[cols.of(v)] = i
		}
	}
	keep := make([]int, 0, len(best))
	for _, i := range best {
		keep = append(keep, i)
	}
	slices.Sort(keep)
	return s.pick(keep)
}

// place is where events are joined: a cell and a label.
type place struct {
	column, row int64
	label       string
}

// cluster joins events of one label that fall on one place of some pixels; places grow until the budget holds. A cluster
// stands where its first event was. Labels are kept apart for as long as that is possible.
func (s *Series) cluster(w Window, width, budget int) Series {
	lo, hi := finite(s.Y[:s.Len()])
	for size := 4; ; size *= 2 {
		cols := newColumns(w, max(width/size, 1))
		high := float64(max(rows/size, 1))
		coarse := cols.n == 1 && high == 1
		seen := make(map[place]int)
		var keep []int
		var counts []uint32
		for i, v := range s.X[:s.Len()] {
			c := cols.of(v)
			if c < 0 || c >= cols.n || !(s.Y[i] >= lo && s.Y[i] <= hi) {
				continue
			}
			at := place{column: c, label: s.Label(i)}
			if hi > lo {
				at.row = int64(min((s.Y[i]-lo)/(hi-lo)*high, high-1))
			}
			if coarse && len(keep) >= budget {
				at.label = s.Label(keep[len(keep)-1]) // more labels than marks: the rest is one cluster
			}
			k, ok := seen[at]
			if !ok {
				k = len(keep)
				seen[at] = k
				keep, counts = append(keep, i), append(counts, 0)
			}
			counts[k] += uint32(s.Points(i))
		}
		if len(keep) <= budget || coarse {
			out := s.pick(keep)
			out.Count = counts
			return out
		}
	}
}
