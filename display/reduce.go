package display

import (
	"math"
	"sort"
)

// Detail says how much of a chart a reduction shows.
type Detail struct {
	Window Window // what is shown
	Points int    // points of the chart in the window
	Marks  int    // marks that stand for them
}

// marksPerColumn is the budget of a chart per column of pixels, shared by its series: four for each of two dense lines.
const marksPerColumn = 8

// Reduce gives a chart of at most some thousand marks that looks the same at a width in pixels. What fits is left as it
// is. Of what does not, lines and steps keep the first, lowest, highest and last point of every column and a gap (NaN)
// between columns; dots keep the extremes of every column and one dot a cell; segments that touch are joined; events and
// the like are joined only when many fall on one place, and Count says how many. Points just outside the window are kept
// for lines, so that they run to its edge. The chart itself is not changed; the result may share its slices.
func Reduce(c *Chart, w Window, width int) (*Chart, Detail) {
	width = max(width, 1)
	if w == (Window{}) {
		w, _ = c.Extent()
	}
	if w.To < w.From {
		w.From, w.To = w.To, w.From
	}
	out, detail := *c, Detail{Window: w}
	out.Series = make([]Series, len(c.Series))
	sizes := make([]int, len(c.Series))
	for i := range c.Series {
		var points int
		out.Series[i], points = c.Series[i].cut(w)
		sizes[i] = out.Series[i].Len()
		detail.Points += points
	}
	budget := shares(sizes, marksPerColumn*width)
	for i := range out.Series {
		if s := &out.Series[i]; s.Len() > budget[i] {
			*s = s.reduce(w, width, budget[i])
		}
		detail.Marks += out.Series[i].Len()
	}
	return &out, detail
}

// shares divides a budget of marks: who needs less than an even part gets what it needs, the others divide the rest.
func shares(sizes []int, budget int) []int {
	order := make([]int, len(sizes))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return sizes[order[a]] < sizes[order[b]] })
	parts := make([]int, len(sizes))
	for k, i := range order {
		parts[i] = min(sizes[i], max(budget/(len(sizes)-k), 8))
		budget = max(budget-parts[i], 0)
	}
	return parts
}

// joined says whether the mark runs from point to point.
func (m Mark) joined() bool { return m == Line || m == Steps || m == Stack }

// cut gives the part of a series in a window and counts its points there; joined marks keep a neighbour on either side.
func (s *Series) cut(w Window) (Series, int) {
	n := s.Len()
	x := s.X[:n]
	if ascending(x) {
		from := sort.Search(n, func(i int) bool { return x[i] >= w.From })
		to := sort.Search(n, func(i int) bool { return x[i] > w.To })
		points := s.sum(from, to)
		if s.Mark.joined() {
			from, to = max(from-1, 0), min(to+1, n)
		}
		return s.slice(from, to), points
	}
	inside := func(i int) bool { return i >= 0 && i < n && x[i] >= w.From && x[i] <= w.To }
	var keep []int
	points := 0
	for i := range x {
		if inside(i) {
			points += s.Points(i)
		}
		if inside(i) || s.Mark.joined() && (inside(i-1) || inside(i+1)) {
			keep = append(keep, i)
		}
	}
	if len(keep) == n {
		return s.slice(0, n), points
	}
	return s.pick(keep), points
}

// ascending is slices.IsSorted for the one type that is sorted here, without its generic comparison.
func ascending(x []int64) bool {
	for i := 1; i < len(x); i++ {
		if x[i] < x[i-1] {
			return false
		}
	}
	return true
}

// sum counts the points that marks from…to stand for.
func (s *Series) sum(from, to int) int {
	points := to - from
	for _, c := range part(s.Count, from, to) {
		points += int(c) - 1
	}
	return points
}

// slice shares points from…to.
func (s *Series) slice(from, to int) Series {
	out := *s
	out.X, out.Y = s.X[from:to], s.Y[from:to]
	out.Y2, out.Frame = part(s.Y2, from, to), part(s.Frame, from, to)
	out.Labels, out.Count = part(s.Labels, from, to), part(s.Count, from, to)
	return out
}

// part is a slice of an optional column, which may be shorter than the others.
func part[T any](column []T, from, to int) []T {
	from, to = min(from, len(column)), min(to, len(column))
	return column[from:to:to]
}

// pick copies the points of the given indices.
func (s *Series) pick(keep []int) Series {
	out := *s
	out.X, out.Y, out.Y2 = take(s.X, keep), take(s.Y, keep), take(s.Y2, keep)
	out.Frame, out.Labels, out.Count = take(s.Frame, keep), take(s.Labels, keep), take(s.Count, keep)
	return out
}

func take[T any](column []T, keep []int) []T {
	if column == nil {
		return nil
	}
	out := make([]T, len(keep))
	for k, i := range keep {
		if i < len(column) {
			out[k] = column[i]
		}
	}
	return out
}

// reduce brings a series of more than budget points down to about that many.
func (s *Series) reduce(w Window, width, budget int) Series {
	switch {
	case s.Mark == Stack:
		return s.average(newColumns(w, width))
	case s.Mark.joined():
		return s.pick(s.runs(w, budget))
	case s.Mark == Dots:
		return s.pick(s.cells(w, width, budget))
	case s.Mark == Segments:
		return s.merge(w, width, budget)
	case s.Mark == Bars:
		return s.tallest(w, budget)
	}
	return s.cluster(w, width, budget)
}

// columns maps offsets in a window to columns 0…n-1; what lies left of it is -1, right of it n.
type columns struct {
	w    Window
	span uint64 // offsets per column
	n    int64
}

func newColumns(w Window, n int) columns {
	n = max(n, 1)
	span := (uint64(w.To)-uint64(w.From))/uint64(n) + 1
	if span == 0 { // one column for all 2⁶⁴ offsets
		span = math.MaxUint64
	}
	return columns{w: w, span: span, n: int64(n)}
}

func (c columns) of(x int64) int64 {
	switch {
	case x < c.w.From:
		return -1
	case x > c.w.To:
		return c.n
	}
	return min(int64((uint64(x)-uint64(c.w.From))/c.span), c.n-1)
}

// bounds are the first and last offset of a column.
func (c columns) bounds(column int64) (from, to int64) {
	switch {
	case column < 0:
		return math.MinInt64, c.w.From - 1
	case column >= c.n:
		return c.w.To + 1, math.MaxInt64
	}
	from = int64(uint64(c.w.From) + uint64(column)*c.span)
	to = int64(uint64(from) + c.span - 1)
	if column == c.n-1 || to < from || to > c.w.To { // the last column, or past the largest offset
		to = c.w.To
	}
	return from, to
}

// runs gives the indices of the first, lowest, highest and last point of every run of points in one column, and of one
// gap between runs. Columns are widened until they fit the budget (more than once only where X goes back and forth).
func (s *Series) runs(w Window, budget int) []int {
	for n := max(budget/4, 1); ; n /= 2 {
		if keep := s.runsIn(newColumns(w, n)); len(keep) <= 2*budget || n <= 1 {
			return keep
		}
	}
}

func (s *Series) runsIn(cols columns) []int {
	x, y := s.X[:s.Len()], s.Y[:s.Len()]
	keep := make([]int, 0, 4*cols.n+8)
	var from, to int64 = 1, 0 // the run's column: none yet
	first, low, high, last, gap := -1, 0, 0, 0, -1
	flush := func() {
		if first >= 0 {
			keep = appendDistinct(keep, first, min(low, high), max(low, high), last)
		}
		first = -1
	}
	for i, v := range x {
		if y[i]-y[i] != 0 { // NaN or infinite, in one step
			gap = i
			continue
		}
		if first >= 0 && v >= from && v <= to {
			if y[i] < y[low] {
				low = i
			} else if y[i] > y[high] {
				high = i
			}
			last, gap = i, -1
			continue
		}
		flush()
		if gap >= 0 && len(keep) > 0 {
			keep = append(keep, gap)
		}
		from, to = cols.bounds(cols.of(v))
		first, low, high, last, gap = i, i, i, i, -1
	}
	flush()
	return keep
}

// appendDistinct appends ascending indices once each.
func appendDistinct(keep []int, ascending ...int) []int {
	for _, i := range ascending {
		if len(keep) == 0 || keep[len(keep)-1] != i {
			keep = append(keep, i)
		}
	}
	return keep
}
