package analysis

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Form is what a chart does with the values that it draws.
type Form uint8

// Forms of charts.
const (
	OverTime   Form = iota
	Histogram       // how many values fall in each of Bins bins
	Cumulative      // the share of values up to each value
)

// Shape is a form with what it needs.
type Shape struct {
	Form Form
	Bins int  // of a histogram; 0 is as many as defaultBins, of a round width
	Log  bool // the values stand on a logarithmic axis
}

// defaultBins is how many bins a histogram has at most unless asked for otherwise.
const defaultBins = 40

// ErrNoValues says that a chart draws nothing that could be counted.
var ErrNoValues = errors.New("it draws no single values whose distribution could be shown")

// Distribution turns a chart of values over time into one of how often they occur, each series by itself: every sample
// counts once. Marks that are no values (events, retransmissions) are left out, and so are panels above the first.
func Distribution(c *display.Chart, shape Shape) (*display.Chart, error) {
	if len(c.Y.Names) > 0 {
		return nil, ErrNoValues
	}
	var samples []sample
	total := 0
	for i := range c.Series {
		s := &c.Series[i]
		switch s.Mark {
		case display.Line, display.Steps, display.Dots:
		case display.Segments, display.Stack, display.Bars:
			return nil, ErrNoValues
		default:
			continue
		}
		if v := newSample(s); s.Panel == 0 && len(v.values) > 0 {
			samples, total = append(samples, v), total+len(v.values)
		}
	}
	out := &display.Chart{Title: c.Title, X: c.Y, Notes: c.Notes}
	if shape.Log {
		out.X.Log = true
		samples = logarithms(samples, out)
		total = 0
		for _, v := range samples {
			total += len(v.values)
		}
	}
	out.Subtitle = display.Whole(total) + " values"
	if shape.Form == Cumulative {
		out.Y = display.Axis{Label: "Share of the values", Unit: display.Ratio}
		for _, v := range samples {
			out.Series = append(out.Series, v.cumulative())
		}
		return out, nil
	}
	out.Y = display.Axis{Label: "Values"}
	bins := newBins(samples, shape)
	if total > 0 {
		out.Subtitle += bins.words(c.Y.Unit, shape.Log)
	}
	for _, v := range samples {
		out.Series = append(out.Series, v.histogram(bins, len(samples) == 1))
	}
	return out, nil
}

// logarithms turns values into places on a logarithmic axis. Values that have none are left out, and told.
func logarithms(samples []sample, c *display.Chart) (kept []sample) {
	left := 0
	for _, v := range samples {
		positive, _ := slices.BinarySearch(v.values, 1)
		left += positive
		if v.values = v.values[positive:]; len(v.values) == 0 {
			continue
		}
		for i, value := range v.values {
			v.values[i] = display.LogOffset(float64(value))
		}
		kept = append(kept, v)
	}
	if left > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("%s of 0 or less: a logarithmic axis has no place for them", display.Count(left, "value")))
	}
	return kept
}

// sample is the values of one series, ascending, as whole numbers of the axis' unit.
type sample struct {
	of     *display.Series
	values []int64
}

func newSample(s *display.Series) sample {
	v := sample{of: s, values: make([]int64, 0, s.Len())}
	for _, y := range s.Y[:s.Len()] {
		if !math.IsNaN(y) && !math.IsInf(y, 0) {
			v.values = append(v.values, int64(math.Round(y)))
		}
	}
	slices.Sort(v.values)
	return v
}

// series starts a series with the looks of that which the values are from.
func (v sample) series(m display.Mark) display.Series {
	return display.Series{Name: v.of.Name, Group: v.of.Group, Dashed: v.of.Dashed, Mark: m}
}

// cumulative has a step at every value that occurs.
func (v sample) cumulative() display.Series {
	s := v.series(display.Steps)
	for i, value := range v.values {
		if i+1 < len(v.values) && v.values[i+1] == value {
			continue
		}
		s.X = append(s.X, value)
		s.Y = append(s.Y, float64(i+1)/float64(len(v.values)))
	}
	return s
}

// bins are n bins of a width from a first value on.
type bins struct {
	first, width int64
	n            int
}

// newBins divides the range of the values: into as many bins as asked for, else into at most defaultBins of a round width
// that begin at a round value.
func newBins(samples []sample, shape Shape) bins {
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for _, v := range samples {
		low, high = min(low, v.values[0]), max(high, v.values[len(v.values)-1])
	}
	switch span := uint64(high) - uint64(low); {
	case low > high:
		return bins{width: 1, n: max(shape.Bins, 1)}
	case shape.Bins > 0:
		return bins{first: low, width: int64(span/uint64(shape.Bins)) + 1, n: shape.Bins}
	case span >= math.MaxInt64/4:
		return bins{first: low, width: int64(span/defaultBins) + 1, n: defaultBins}
	}
	b := bins{width: roundWidth(high-low, shape.Log)}
	b.first = low - (low%b.width+b.width)%b.width
	b.n = int((high-b.first)/b.width) + 1
	return b
}

// roundWidth is the width of bins: 1, 2 or 5 times a power of ten, or a part of a decade.
func roundWidth(span int64, log bool) int64 {
	if !log {
		return int64(max(math.Round(display.RoundStep(float64(span+1), defaultBins-1)), 1))
	}
	for _, parts := range []int64{20, 10, 5, 2} {
		if span*parts/display.Decade < defaultBins {
			return display.Decade / parts
		}
	}
	return display.Decade
}

// words says how wide the bins are.
func (b bins) words(unit display.Unit, log bool) string {
	if log && display.Decade%b.width == 0 {
		return fmt.Sprintf(", %d bins a decade", display.Decade/b.width)
	}
	if log {
		return fmt.Sprintf(" in %d bins", b.n)
	}
	return fmt.Sprintf(" in bins of %s", display.Scaled(float64(b.width), unit))
}

// histogram counts values by bins: bars where it stands alone, else an outline, which does not hide another's.
func (v sample) histogram(b bins, alone bool) display.Series {
	s := v.series(display.Steps)
	if alone {
		s = v.series(display.Bars)
		s.Bin = b.width
	}
	s.X, s.Y = make([]int64, b.n), make([]float64, b.n)
	for i := range s.X {
		s.X[i] = b.first + int64(i)*b.width
	}
	for _, value := range v.values {
		s.Y[(value-b.first)/b.width]++
	}
	if !alone { // from the axis and back to it
		s.X, s.Y = append([]int64{b.first}, s.X...), append([]float64{0}, s.Y...)
		s.X, s.Y = append(s.X, b.first+int64(b.n)*b.width), append(s.Y, 0)
	}
	return s
}

// Above puts the panels of another chart of the same time axis over those of a chart.
func Above(c, other *display.Chart) {
	shift := len(c.Panels) + 1
	c.Panels = append(c.Panels, other.PanelAxes()...)
	for _, s := range other.Series {
		s.Panel += shift
		c.Series = append(c.Series, s)
	}
	c.Notes = append(c.Notes, other.Notes...)
}
