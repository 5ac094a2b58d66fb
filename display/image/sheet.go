package image

import (
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// sheet is a picture being laid out and drawn, from the top down.
type sheet struct {
	canvas
	fonts
	measures
	palette display.Palette
	chart   *display.Chart // reduced to what the width can show
	window  display.Window
	width   float64
	height  float64

	title    string
	subtitle []string
	legend   [][]entry // lines
	notes    []string
	xTicks   []display.Tick
	xName    string
	left     float64 // edges of the areas
	right    float64
	areas    []area // panel 0 last: it stands lowest
}

// area is one panel's place and axis.
type area struct {
	panel       int
	top, bottom float64
	lo, hi      float64
	ticks       []display.Tick
	name        string
}

func newSheet(c *display.Chart, o Options) (*sheet, error) {
	f, err := newFonts()
	if err != nil {
		return nil, err
	}
	s := &sheet{palette: c.Sheet.Palette(display.Light()), width: float64(o.Width), fonts: f}
	if o.Dark {
		s.palette = c.Sheet.Palette(display.Dark())
	}
	s.measures = newMeasures(c.Sheet.Fonts, s.width)
	reduced, detail := display.Reduce(c, display.Window{}, o.Width*max(o.DPI, 96)/96)
	s.chart, s.window = reduced, c.Seen(detail.Window)
	if o.Height == 0 {
		s.words(detail, roomy)
		s.places(1)
		return s, nil
	}
	for n := range concise {
		s.words(detail, n)
		s.places(1)
		scale := 1 + (float64(o.Height)-s.height)/s.weights()
		if high := scale * s.weights(); high >= leastShare*float64(o.Height) || n == concise-1 {
			s.places(max(scale, 20/s.weights()))
			break
		}
	}
	return s, nil
}

// How much is said over a chart whose height is given: all of it, until its area has leastShare of the height.
const (
	roomy      = iota
	shortNames // subflows without their addresses
	oneLine    // one line under the title, without the command
	fewEntries // two lines of the legend
	concise
	leastShare = 0.42
)

// words lays out title, subtitle, legend and notes.
func (s *sheet) words(d display.Detail, how int) {
	c, room := s.chart, s.width-2*s.margin
	s.title = s.cut(display.Visible(c.Title), s.titleSize, true, room)
	var parts []string
	add := func(part string) {
		if part != "" {
			parts = append(parts, display.Visible(part))
		}
	}
	add(c.Subtitle)
	if how < oneLine {
		add(c.Command)
	}
	if d.Marks < d.Points {
		add(display.Scaled(float64(d.Points), display.None) + " points as " + display.Scaled(float64(d.Marks), display.None) + " marks")
	}
	s.subtitle, s.notes = nil, nil
	if len(parts) > 0 {
		s.subtitle = s.wrap(strings.Join(parts, " · "), s.textSize, room)
	}
	for _, n := range c.Notes {
		s.notes = append(s.notes, s.wrap("note: "+display.Visible(n), s.textSize, room)...)
	}
	s.legend = s.entryLines(room, how >= shortNames)
	if how >= oneLine && len(s.subtitle) > 1 {
		s.subtitle = []string{s.cut(strings.Join(parts, " · "), s.textSize, false, room)}
	}
	if most := 2; how >= fewEntries && len(s.legend) > most {
		left := 0
		for _, line := range s.legend[most:] {
			left += len(line)
		}
		s.legend = s.legend[:most]
		s.replaceLast(left, room)
	}
}

// replaceLast ends a legend that is cut with how much is left out, in the place of entries at the end of its last line.
func (s *sheet) replaceLast(left int, room float64) {
	line := &s.legend[len(s.legend)-1]
	for {
		used := 0.0
		for _, e := range *line {
			used += e.width + s.entryGap
		}
		rest := display.LegendRest(left)
		if width := s.measure(rest, s.legendSize, false); used+width <= room || len(*line) == 0 {
			*line = append(*line, entry{LegendEntry: display.LegendEntry{Name: rest}, width: width})
			return
		}
		*line, left = (*line)[:len(*line)-1], left+1
	}
}

// weights is the height of the areas at scale 1.
func (s *sheet) weights() float64 {
	return s.areaHeight + float64(len(s.chart.Panels))*s.panelHeight
}

// places finds the areas of the panels and the height of the whole.
func (s *sheet) places(scale float64) {
	y := s.margin
	if s.title != "" {
		y += s.titleSize + s.lineGap
	}
	y += float64(len(s.subtitle))*(s.textSize+s.lineGap) + float64(len(s.legend))*(s.legendSize+s.lineGap)
	if len(s.legend) > 0 {
		y += s.lineGap
	}
	foot := s.tickLength + 2 + s.tickSize + s.lineGap + s.labelSize + s.margin + float64(len(s.notes))*(s.textSize+s.lineGap)
	axes := s.chart.PanelAxes()
	s.areas = nil
	for i := len(axes) - 1; i >= 0; i-- {
		height := s.areaHeight * scale
		if i > 0 {
			height = s.panelHeight * scale
		}
		y += s.labelSize + s.lineGap + 2
		s.areas = append(s.areas, s.newArea(i, axes[i], y, y+height))
		y += height
		if i > 0 {
			y += s.panelGap
		}
	}
	s.height = y + foot
	s.horizontal()
}

func (s *sheet) newArea(panel int, axis display.Axis, top, bottom float64) area {
	lo, hi, ok := s.chart.Range(panel)
	if !ok {
		lo, hi = 0, 1
	}
	a := area{panel: panel, top: top, bottom: bottom}
	a.lo, a.hi = display.Padded(lo, hi)
	a.ticks, a.name = axis.Ticks(a.lo, a.hi, max(int((bottom-top)/(3.6*s.tickSize)), 2))
	a.name = s.cut(display.Visible(a.name), s.labelSize, false, s.width-2*s.margin)
	return a
}

// horizontal leaves room for the labels on the left and spreads the ticks of the X axis.
func (s *sheet) horizontal() {
	labels := 0.0
	for _, a := range s.areas {
		for _, t := range a.ticks {
			labels = max(labels, s.measure(t.Label, s.tickSize, false))
		}
	}
	s.left, s.right = s.margin+labels+s.lineGap, s.width-s.margin-6
	want := max(int((s.right-s.left)/(8*s.tickSize)), 2)
	s.xTicks, s.xName = s.chart.X.Ticks(float64(s.window.From), float64(s.window.To), want)
	s.xName = s.cut(display.Visible(s.xName), s.labelSize, false, s.right-s.left)
	if s.chart.Empty() {
		s.xTicks = nil
	}
}

// cut shortens a line that is too long with "…".
func (f fonts) cut(s string, size float64, bold bool, room float64) string {
	if f.measure(s, size, bold) <= room {
		return s
	}
	runes := []rune(s)
	lo, hi := 0, len(runes)
	for lo < hi { // the most runes that fit
		if mid := (lo + hi + 1) / 2; f.measure(string(runes[:mid])+"…", size, bold) <= room {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return string(runes[:lo]) + "…"
}

// wrap breaks text at blanks into lines that fit; a word that does not fit is cut.
func (f fonts) wrap(s string, size, room float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.Split(s, " ") {
		longer := word
		if line != "" {
			longer = line + " " + word
		}
		if line != "" && f.measure(longer, size, false) > room {
			lines = append(lines, f.cut(line, size, false, room))
			longer = word
		}
		line = longer
	}
	return append(lines, f.cut(line, size, false, room))
}

// draw draws everything.
func (s *sheet) draw() {
	p := &s.palette
	s.fill(rectangle(0, 0, s.width, s.height), p.Page)
	y := s.margin
	if s.title != "" {
		s.text(point{s.margin, y + s.titleSize - 2}, s.title, s.titleSize, true, p.Text)
		y += s.titleSize + s.lineGap
	}
	for _, line := range s.subtitle {
		s.text(point{s.margin, y + s.textSize - 2}, line, s.textSize, false, p.Muted)
		y += s.textSize + s.lineGap
	}
	for _, line := range s.legend {
		s.entries(line, y)
		y += s.legendSize + s.lineGap
	}
	for i := range s.areas {
		s.area(&s.areas[i])
	}
	y = s.areas[len(s.areas)-1].bottom + s.tickLength + 2 + s.tickSize + s.lineGap
	name := s.measure(s.xName, s.labelSize, false)
	s.text(point{s.right - name, y + s.labelSize - 2}, s.xName, s.labelSize, false, p.Muted)
	y += s.labelSize + s.lineGap
	for _, line := range s.notes {
		s.text(point{s.margin, y + s.textSize - 2}, line, s.textSize, false, p.Muted)
		y += s.textSize + s.lineGap
	}
}

// area draws a panel: grid, labels, marks, the axis.
func (s *sheet) area(a *area) {
	p, sheet := &s.palette, &s.chart.Sheet
	if sheet.Area.Set {
		s.fill(rectangle(s.left, a.top, s.right, a.bottom), sheet.Area.Colour)
	}
	s.text(point{s.margin, a.top - s.lineGap - 3}, a.name, s.labelSize, false, p.Muted)
	s.grid(a)
	ticks := sheet.Ticks.Or(p.Muted)
	for _, t := range a.ticks {
		width := s.measure(t.Label, s.tickSize, false)
		s.text(point{s.left - s.lineGap - width, s.y(a, t.At) + s.tickSize*0.36}, t.Label, s.tickSize, false, ticks)
	}
	s.series(a)
	s.sides(a)
	for _, t := range s.xTicks {
		x := s.x(t.At)
		s.line([]point{{x, a.bottom}, {x, a.bottom + s.tickLength}}, stroke{colour: ticks, width: 1})
		if a.panel == 0 {
			width := s.measure(t.Label, s.tickSize, false)
			at := min(max(x-width/2, 2), s.width-width-2)
			s.text(point{at, a.bottom + s.tickLength + 2 + s.tickSize}, t.Label, s.tickSize, false, ticks)
		}
	}
	if a.panel == 0 && s.chart.Empty() {
		width := s.measure(nothing, s.textSize, false)
		s.text(point{(s.left + s.right - width) / 2, (a.top + a.bottom) / 2}, nothing, s.textSize, false, p.Muted)
	}
}

// nothing is said where a chart is empty.
const nothing = "nothing to draw"

// grid draws the lines at the ticks.
func (s *sheet) grid(a *area) {
	g := &s.chart.Sheet.Grid
	st := stroke{colour: s.palette.Hairline, width: 1, dash: g.Dash}
	if g.Width > 0 {
		st.width = g.Width
	}
	if g.None || s.chart.Empty() {
		return
	}
	for _, t := range a.ticks {
		if y := s.y(a, t.At); !g.NoHorizontal {
			s.line([]point{{s.left, y}, {s.right, y}}, st)
		}
	}
	for _, t := range s.xTicks {
		if x := s.x(t.At); g.Vertical {
			s.line([]point{{x, a.top}, {x, a.bottom}}, st)
		}
	}
}

// sides draws the lines around an area: the lower one, unless a style says otherwise.
func (s *sheet) sides(a *area) {
	sheet := &s.chart.Sheet
	st := stroke{colour: sheet.Edge.Or(s.palette.Muted), width: 1}
	if sheet.EdgeWidth > 0 {
		st.width = sheet.EdgeWidth
	}
	corners := rectangle(s.left, a.top, s.right, a.bottom)
	for i, drawn := range []bool{sheet.Sides.Top, sheet.Sides.Right, !sheet.Sides.NoBottom, sheet.Sides.Left} {
		if drawn {
			s.line([]point{corners[i], corners[(i+1)%4]}, st)
		}
	}
}

// x is the place of an offset of the X axis.
func (s *sheet) x(offset float64) float64 {
	from, to := float64(s.window.From), float64(s.window.To)
	return s.left + (offset-from)/(to-from)*(s.right-s.left)
}

// y is the place of an offset of a panel's axis.
func (s *sheet) y(a *area, offset float64) float64 {
	return a.bottom - (offset-a.lo)/(a.hi-a.lo)*(a.bottom-a.top)
}

func rectangle(x0, y0, x1, y1 float64) []point {
	return []point{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}
}
