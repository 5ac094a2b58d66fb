package image

import (
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Measures in pixels.
const (
	margin      = 14
	titleSize   = 15
	textSize    = 12
	tickSize    = 11
	lineGap     = 6
	areaHeight  = 300
	panelHeight = 120
	panelGap    = 16
	swatchWidth = 22
	entryGap    = 20
	tickLength  = 4
)

// sheet is a picture being laid out and drawn, from the top down.
type sheet struct {
	canvas
	fonts
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
	reduced, detail := display.Reduce(c, display.Window{}, o.Width*max(o.DPI, 96)/96)
	s.chart, s.window = reduced, detail.Window
	if s.window.From == s.window.To {
		s.window.From, s.window.To = s.window.From-1, s.window.To+1
	}
	s.words(c, detail)
	s.places(o)
	return s, nil
}

// words lays out title, subtitle, legend and notes.
func (s *sheet) words(c *display.Chart, d display.Detail) {
	room := s.width - 2*margin
	s.title = s.cut(display.Visible(c.Title), titleSize, true, room)
	var parts []string
	for _, part := range []string{c.Subtitle, c.Command} {
		if part != "" {
			parts = append(parts, display.Visible(part))
		}
	}
	if d.Marks < d.Points {
		parts = append(parts, display.Scaled(float64(d.Points), display.None)+" points as "+display.Scaled(float64(d.Marks), display.None)+" marks")
	}
	if len(parts) > 0 {
		s.subtitle = s.wrap(strings.Join(parts, " · "), textSize, room)
	}
	for _, n := range c.Notes {
		s.notes = append(s.notes, s.wrap("note: "+display.Visible(n), textSize, room)...)
	}
	s.legend = s.entryLines(room)
}

// places finds the areas of the panels and the height of the whole.
func (s *sheet) places(o Options) {
	y := float64(margin)
	if s.title != "" {
		y += titleSize + lineGap
	}
	y += float64(len(s.subtitle)+len(s.legend)) * (textSize + lineGap)
	if len(s.legend) > 0 {
		y += lineGap
	}
	foot := float64(tickLength+2+tickSize+lineGap+textSize+margin) + float64(len(s.notes))*(textSize+lineGap)
	axes := s.chart.PanelAxes()
	weights := float64(areaHeight + (len(axes)-1)*panelHeight)
	gaps := float64(len(axes)) * (textSize + lineGap + 2)
	gaps += float64(len(axes)-1) * panelGap
	scale := 1.0
	if o.Height > 0 {
		scale = max((float64(o.Height)-y-gaps-foot)/weights, 0.2)
	}
	for i := len(axes) - 1; i >= 0; i-- {
		height := areaHeight * scale
		if i > 0 {
			height = panelHeight * scale
		}
		y += textSize + lineGap + 2
		s.areas = append(s.areas, s.newArea(i, axes[i], y, y+height))
		y += height
		if i > 0 {
			y += panelGap
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
	a.ticks, a.name = axis.Ticks(a.lo, a.hi, max(int((bottom-top)/40), 2))
	a.name = s.cut(display.Visible(a.name), textSize, false, s.width-2*margin)
	return a
}

// horizontal leaves room for the labels on the left and spreads the ticks of the X axis.
func (s *sheet) horizontal() {
	labels := 0.0
	for _, a := range s.areas {
		for _, t := range a.ticks {
			labels = max(labels, s.measure(t.Label, tickSize, false))
		}
	}
	s.left, s.right = margin+labels+lineGap, s.width-margin-6
	want := max(int((s.right-s.left)/90), 2)
	s.xTicks, s.xName = s.chart.X.Ticks(float64(s.window.From), float64(s.window.To), want)
	s.xName = s.cut(display.Visible(s.xName), textSize, false, s.right-s.left)
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
	y := float64(margin)
	if s.title != "" {
		s.text(point{margin, y + titleSize - 2}, s.title, titleSize, true, p.Text)
		y += titleSize + lineGap
	}
	for _, line := range s.subtitle {
		s.text(point{margin, y + textSize - 2}, line, textSize, false, p.Muted)
		y += textSize + lineGap
	}
	for _, line := range s.legend {
		s.entries(line, y)
		y += textSize + lineGap
	}
	for i := range s.areas {
		s.area(&s.areas[i])
	}
	y = s.areas[len(s.areas)-1].bottom + tickLength + 2 + tickSize + lineGap
	name := s.measure(s.xName, textSize, false)
	s.text(point{s.right - name, y + textSize - 2}, s.xName, textSize, false, p.Muted)
	y += textSize + lineGap
	for _, line := range s.notes {
		s.text(point{margin, y + textSize - 2}, line, textSize, false, p.Muted)
		y += textSize + lineGap
	}
}

// area draws a panel: grid, labels, marks, the axis.
func (s *sheet) area(a *area) {
	p := &s.palette
	s.text(point{margin, a.top - lineGap - 3}, a.name, textSize, false, p.Muted)
	for _, t := range a.ticks {
		y := s.y(a, t.At)
		if !s.chart.Sheet.NoGrid {
			s.line([]point{{s.left, y}, {s.right, y}}, stroke{colour: p.Hairline, width: 1})
		}
		width := s.measure(t.Label, tickSize, false)
		s.text(point{s.left - lineGap - width, y + tickSize*0.36}, t.Label, tickSize, false, p.Muted)
	}
	s.series(a)
	s.line([]point{{s.left, a.bottom}, {s.right, a.bottom}}, stroke{colour: p.Muted, width: 1})
	for _, t := range s.xTicks {
		x := s.x(t.At)
		s.line([]point{{x, a.bottom}, {x, a.bottom + tickLength}}, stroke{colour: p.Muted, width: 1})
		if a.panel == 0 {
			width := s.measure(t.Label, tickSize, false)
			at := min(max(x-width/2, 2), s.width-width-2)
			s.text(point{at, a.bottom + tickLength + 2 + tickSize}, t.Label, tickSize, false, p.Muted)
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
