package display

import (
	"math"
	"slices"
)

// Chart is one drawing on a time (or value) axis. It keeps every point; a renderer asks Reduce for what fits a window
// and a width in pixels. Numbers are offsets from the axis' base, so that 64-bit sequence numbers stay exact.
type Chart struct {
	ID       string // stable for the same command on the same capture
	Title    string // "Data sequence numbers · connection 0"
	Subtitle string // "both directions · two-path.pcapng"
	Command  string // the command that draws it
	X, Y     Axis
	Series   []Series
	Panels   []Axis   // further Y axes: panel 1, 2, … drawn above the first on the same X axis; see Series.Panel
	Notes    []string // what is missing or cut, said under the chart
	Sheet    Sheet    // size and colours, where a style asks for others
	Apart    bool     // wanted in a window of its own, by faces that else show it as text
}

// Axis of a chart.
type Axis struct {
	Label string // "Time", "Data sequence number"
	Unit  Unit   // how offsets are scaled for people
	Base  uint64 // what offset 0 stands for (an absolute sequence number, or ns since the epoch)
	// Moments: offsets are moments since Base, as of packets since a capture's beginning, not spans of time.
	Moments bool
	// Absolute shows people Base+offset (a time of day, a raw sequence number) where they else read the offset.
	Absolute bool
	// Log: offsets are places on a logarithmic axis, see LogOffset. Base is 0.
	Log   bool
	Names []string // what offsets 0, 1, 2, … are called, on an axis of lanes; nil for numbers
}

// Mark is how a series is drawn.
type Mark uint8

// Marks, by what they mean (the signs are in the look of the house).
const (
	Line       Mark = iota // points joined
	Steps                  // a level that holds until the next point: data acks, windows
	Dots                   // one dot a packet
	Segments               // a vertical span from Y to Y2: a segment or a mapping
	Retransmit             // ×
	Reinject               // ◆ in the colour of Group, which is the subflow copied from
	Event                  // a labelled sign: SYN, FIN, RST, ADD_ADDR …; Labels says which
	Bars                   // histogram: X is a bin's start, Y its height; bins are as wide as the smallest step of X
	Stack                  // areas on top of each other, one step a point: shares of subflows over time
	Stroke                 // a short horizontal stroke: duplicate ack
)

// Series is one set of points of one mark. X ascends for Line and Steps.
type Series struct {
	Name   string
	Group  int  // subflow ordinal (colour), Connection (-1) for the whole, Grey (-2) for what accompanies
	Dashed bool // travels towards the client
	Thin   bool // data acks, window edges
	Dotted bool // the edge of a window, beside the acks
	Aside  bool // does not stretch the Y axis of its panel much: see Range
	Mark   Mark
	X      []int64 // offset from the X axis' base, in its unit (ns for time)
	Y      []float64
	Y2     []float64 // end of a span, for Segments
	Frame  []uint32  // frame number of each point, as Wireshark counts, or nil
	Labels []string  // for Event: what happened; for other marks a cause shown in the tooltip; or nil
	Panel  int       // which panel it is drawn in: 0 is the chart's Y axis, n is Panels[n-1]
	Look   Look      // otherwise than the house draws it; see Chart.Apply
	Bin    int64     // width of Bars and of the steps of Stack, in offsets; 0: the smallest step of X
	Count  []uint32  // how many points a mark stands for, after Reduce; nil: one each
}

// Len is the number of points that are complete: an X, a Y, and for Segments a Y2.
func (s *Series) Len() int {
	n := min(len(s.X), len(s.Y))
	if s.Mark == Segments {
		n = min(n, len(s.Y2))
	}
	return n
}

// Points is how many points a mark stands for.
func (s *Series) Points(i int) int {
	if i < len(s.Count) {
		return int(s.Count[i])
	}
	return 1
}

// Label of a point, or empty.
func (s *Series) Label(i int) string {
	if i < len(s.Labels) {
		return s.Labels[i]
	}
	return ""
}

// Empty says that there is no point to draw.
func (c *Chart) Empty() bool {
	return !slices.ContainsFunc(c.Series, func(s Series) bool { return s.Len() > 0 })
}

// PanelAxes gives the Y axes by panel number: the chart's own first.
func (c *Chart) PanelAxes() []Axis { return append([]Axis{c.Y}, c.Panels...) }

// Window is a part of the X axis, both ends in it, in offsets from the axis' base. The zero Window is the whole chart.
type Window struct{ From, To int64 }

// Seen is the window as it is drawn: that of a single instant is widened, by half a millisecond each way for a time.
func (c *Chart) Seen(w Window) Window {
	if w.From != w.To {
		return w
	}
	by := int64(1)
	switch {
	case c.X.Log:
		by = Decade / 20
	case c.X.Unit == Nanoseconds:
		by = 500_000
	}
	return Window{From: w.From - by, To: w.To + by}
}

// soonAfter is the part of a time axis that may be empty before the first point, so that it begins at 0.
const soonAfter = 0.04

// Extent is the window that holds every point, bars and stacks in their whole width, and false for a chart without any. On
// a time axis what begins soon after 0 begins there.
func (c *Chart) Extent() (Window, bool) {
	w, any := Window{}, false
	for i := range c.Series {
		s := &c.Series[i]
		x := s.X[:s.Len()]
		if len(x) > 0 && ascending(x) {
			x = []int64{x[0], x[len(x)-1]}
		}
		if (s.Mark == Bars || s.Mark == Stack) && len(x) > 0 {
			x = append([]int64{slices.Max(x) + s.BarWidth()}, x...)
		}
		for _, x := range x {
			if !any {
				w, any = Window{From: x, To: x}, true
			}
			w.From, w.To = min(w.From, x), max(w.To, x)
		}
	}
	if c.X.Unit == Nanoseconds && !c.X.Log && w.From > 0 && w.From < w.To && float64(w.From) <= soonAfter*float64(w.To) {
		w.From = 0
	}
	return w, any
}

// asideReach is how far beyond the other series of a panel one that stands aside may stretch the axis, as a part of their
// height: farther away it would flatten them.
const asideReach = 0.5

// Range is the smallest and largest finite Y of one panel, and false where it has none. Stacked areas count from zero to
// their sum, bars from zero. A series that stands aside counts if it reaches no farther than asideReach beyond the others,
// or is alone; else it is cut off by the edge of the panel.
func (c *Chart) Range(panel int) (lo, hi float64, ok bool) {
	main, aside := newExtent(), newExtent()
	sums := map[int64]float64{}
	for i := range c.Series {
		s := &c.Series[i]
		if s.Panel != panel {
			continue
		}
		to := &main
		if s.Aside {
			to = &aside
		}
		to.addSeries(s, sums)
	}
	for _, sum := range sums {
		main.add(sum)
	}
	reach := asideReach * (main.hi - main.lo)
	if !main.any() || aside.any() && aside.lo >= main.lo-reach && aside.hi <= main.hi+reach {
		main.lo, main.hi = min(main.lo, aside.lo), max(main.hi, aside.hi)
	}
	if !main.any() {
		return 0, 0, false
	}
	return main.lo, main.hi, true
}

// CutOff names the series that reach out of their panel, and the end of what they reach to on its axis.
func (c *Chart) CutOff() (names []string, most float64) {
	for i := range c.Series {
		s := &c.Series[i]
		if !s.Aside {
			continue
		}
		_, hi, ok := c.Range(s.Panel)
		own := newExtent()
		own.addSeries(s, nil)
		if ok && own.any() && own.hi > hi {
			names, most = append(names, s.Name), max(most, own.hi)
		}
	}
	return names, most
}

// extent is a range of finite values.
type extent struct{ lo, hi float64 }

func newExtent() extent { return extent{math.Inf(1), math.Inf(-1)} }

func (e *extent) any() bool { return e.lo <= e.hi }

func (e *extent) add(y float64) {
	if y-y == 0 { // neither NaN nor infinite
		e.lo, e.hi = min(e.lo, y), max(e.hi, y)
	}
}

// addSeries takes in all values of a series; areas are added up by place.
func (e *extent) addSeries(s *Series, sums map[int64]float64) {
	for k := range s.Len() {
		switch s.Mark {
		case Stack:
			e.add(0)
			if !math.IsNaN(s.Y[k]) {
				sums[s.X[k]] += s.Y[k]
			}
			continue
		case Bars:
			e.add(0)
		case Segments:
			e.add(s.Y2[k])
		}
		e.add(s.Y[k])
	}
}

// BarWidth is the width of a series' bins in offsets: Bin, or the smallest step between two, at least 1.
func (s *Series) BarWidth() int64 {
	if s.Bin > 0 {
		return s.Bin
	}
	width := int64(math.MaxInt64)
	for i := 1; i < len(s.X); i++ {
		if step := s.X[i] - s.X[i-1]; step > 0 {
			width = min(width, step)
		}
	}
	if width == math.MaxInt64 {
		return 1
	}
	return width
}
