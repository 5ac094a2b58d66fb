package image

import (
	"math"
	"slices"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// series draws all marks of a panel: areas and bars under lines, lines under signs.
func (s *sheet) series(a *area) {
	base := map[int64]float64{} // tops of the stack so far
	for layer := range 4 {
		for i := range s.chart.Series {
			m := &s.chart.Series[i]
			if s.panel(m) != a.panel || layerOf(m) != layer {
				continue
			}
			switch m.Mark {
			case display.Stack:
				s.stack(a, m, base)
			case display.Bars:
				s.bars(a, m)
			case display.Segments:
				s.spans(a, m)
			case display.Line, display.Steps:
				s.joined(a, m)
			default:
				s.signs(a, m)
			}
		}
	}
}

func (s *sheet) panel(m *display.Series) int { return min(max(m.Panel, 0), len(s.areas)-1) }

// layerOf is the order of drawing.
func layerOf(m *display.Series) int {
	switch m.Mark {
	case display.Stack, display.Bars:
		return 0
	case display.Line, display.Steps, display.Segments, display.Dots:
		if m.Thin || m.Group == display.Grey {
			return 1
		}
		return 2
	}
	return 3
}

func drawable(y float64) bool { return !math.IsNaN(y) && !math.IsInf(y, 0) }

func (s *sheet) colour(m *display.Series) display.Colour {
	return s.palette.Series(m)
}

// joined draws a line or steps, broken where there is no value.
func (s *sheet) joined(a *area, m *display.Series) {
	st := stroke{colour: s.colour(m), width: m.Width(), dash: m.Stroke()}
	var run []point
	flush := func() {
		switch {
		case m.Look.NoLine:
		case len(run) == 1:
			s.disc(run[0], st.width, st.colour)
		case len(run) > 1:
			s.line(run, st)
		}
		run = nil
	}
	for i := range m.Len() {
		if !drawable(m.Y[i]) {
			flush()
			continue
		}
		p := point{s.x(float64(m.X[i])), s.y(a, m.Y[i])}
		if m.Mark == display.Steps && len(run) > 0 {
			run = append(run, point{p.x, run[len(run)-1].y})
		}
		run = append(run, p)
	}
	flush()
	s.markers(a, m)
}

// markers draws the signs that a style puts at every point of a line.
func (s *sheet) markers(a *area, m *display.Series) {
	if m.Look.Marker == display.NoMarker {
		return
	}
	for i := range m.Len() {
		if drawable(m.Y[i]) {
			s.marker(point{s.x(float64(m.X[i])), s.y(a, m.Y[i])}, m)
		}
	}
}

// marker draws a style's sign.
func (s *sheet) marker(at point, m *display.Series) {
	c, radius := s.colour(m), 3.0
	if m.Look.Size > 0 {
		radius = m.Look.Size / 2
	}
	switch m.Look.Marker {
	case display.PointMarker:
		s.disc(at, radius/2, c)
	case display.SquareMarker:
		s.polygon(at, radius*math.Sqrt2, 4, math.Pi/4, c)
	case display.UpMarker:
		s.polygon(at, radius*1.3, 3, 0, c)
	case display.DownMarker:
		s.polygon(at, radius*1.3, 3, math.Pi, c)
	case display.DiamondMarker, display.StarMarker:
		s.polygon(at, radius*1.2, 4, 0, c)
	case display.CrossMarker:
		s.cross(at, radius, 1.25, c)
	case display.PlusMarker:
		s.glyph(at, "+", c)
	default:
		s.disc(at, radius, c)
	}
}

// flag is how far the end of a segment towards the client is bent: a dash would not be seen on so short a stroke.
const flag = 3.5

// span draws a segment between two heights.
func (s *sheet) span(m *display.Series, x, from, to float64) {
	if m.Dashed {
		s.line([]point{{x, from}, {x, to}, {x + flag, to}}, stroke{colour: s.colour(m), width: 1, dash: m.SpanStroke()})
		return
	}
	s.line([]point{{x, from}, {x, to}}, stroke{colour: s.colour(m), width: m.Width(), dash: m.SpanStroke()})
}

// spans draws segments, never so short that they vanish.
func (s *sheet) spans(a *area, m *display.Series) {
	for i := range m.Len() {
		if !drawable(m.Y[i]) || !drawable(m.Y2[i]) {
			continue
		}
		x, from, to := s.x(float64(m.X[i])), s.y(a, m.Y[i]), s.y(a, m.Y2[i])
		if from-to < 2 {
			from, to = (from+to)/2+1, (from+to)/2-1
		}
		s.span(m, x, from, to)
	}
}

func (s *sheet) bars(a *area, m *display.Series) {
	width, zero := m.BarWidth(), s.y(a, 0)
	for i := range m.Len() {
		if drawable(m.Y[i]) && m.Y[i] != 0 {
			from, to := s.x(float64(m.X[i])), s.x(float64(m.X[i]+width))
			s.fill(rectangle(from+0.5, zero, max(to-0.5, from+1), s.y(a, m.Y[i])), s.colour(m))
		}
	}
}

// stack fills the area between the tops so far and the tops with this series.
func (s *sheet) stack(a *area, m *display.Series, base map[int64]float64) {
	var upper, lower []point
	for i := range m.Len() {
		y := m.Y[i]
		if !drawable(y) {
			y = 0
		}
		below := base[m.X[i]]
		base[m.X[i]] = below + y
		from, to := s.x(float64(m.X[i])), s.right
		if i+1 < m.Len() {
			to = s.x(float64(m.X[i+1]))
		}
		upper = append(upper, point{from, s.y(a, below+y)}, point{to, s.y(a, below+y)})
		lower = append(lower, point{from, s.y(a, below)}, point{to, s.y(a, below)})
	}
	slices.Reverse(lower)
	if len(upper) > 0 {
		s.fill(append(upper, lower...), s.colour(m))
	}
}

// signs draws dots, retransmissions, reinjections, ticks and events, with the count of a cluster beside it.
func (s *sheet) signs(a *area, m *display.Series) {
	for i := range m.Len() {
		if !drawable(m.Y[i]) {
			continue
		}
		at := point{s.x(float64(m.X[i])), s.y(a, m.Y[i])}
		s.sign(at, m, m.Label(i))
		if n := m.Points(i); n > 1 && m.Mark != display.Dots {
			s.text(point{at.x + 6, at.y - 3}, "×"+strconv.Itoa(n), tickSize-1, false, s.palette.Muted)
		}
	}
}

// sign draws the sign of one point.
func (s *sheet) sign(at point, m *display.Series, label string) {
	c := s.colour(m)
	switch m.Mark {
	case display.Dots:
		if m.Look.Marker != display.NoMarker {
			s.marker(at, m)
			return
		}
		if s.disc(at, 1.75, c); m.Dashed { // hollow: towards the client
			s.disc(at, 0.9, s.palette.Page)
		}
	case display.Retransmit:
		s.cross(at, 3.5, 1.5, c)
	case display.Reinject:
		s.polygon(at, 4.5, 4, 0, c)
	case display.Stroke:
		s.line([]point{{at.x - 3, at.y}, {at.x + 3, at.y}}, stroke{colour: c, width: 1.25})
	case display.Event:
		glyph, _ := display.Sign(label)
		s.glyph(at, glyph, c)
	}
}

// glyph draws the sign of an event as a shape, because the bundled font has few of them.
func (s *sheet) glyph(at point, glyph string, c display.Colour) {
	switch glyph {
	case "▲":
		s.polygon(at, 5, 3, 0, c)
	case "▼":
		s.polygon(at, 5, 3, math.Pi, c)
	case "△":
		s.polygon(at, 5, 3, 0, c)
		s.polygon(at, 2.5, 3, 0, s.palette.Page)
	case "✖":
		s.cross(at, 4, 2.5, c)
	case "✖✖":
		s.cross(point{at.x - 4, at.y}, 4, 2.5, c)
		s.cross(point{at.x + 5, at.y}, 4, 2.5, c)
	case "+", "−":
		s.line([]point{{at.x - 4.5, at.y}, {at.x + 4.5, at.y}}, stroke{colour: c, width: 2})
		if glyph == "+" {
			s.line([]point{{at.x, at.y - 4.5}, {at.x, at.y + 4.5}}, stroke{colour: c, width: 2})
		}
	case "⇅":
		s.arrow(point{at.x - 2.5, at.y}, -1, c)
		s.arrow(point{at.x + 2.5, at.y}, 1, c)
	case "⚠":
		s.polygon(at, 6.5, 3, 0, c)
		s.line([]point{{at.x, at.y - 3}, {at.x, at.y + 1}}, stroke{colour: s.palette.Page, width: 1.25})
	case "○":
		s.disc(at, 4, c)
		s.disc(at, 2.5, s.palette.Page)
	case "╵":
		s.line([]point{{at.x - 3, at.y}, {at.x + 3, at.y}}, stroke{colour: c, width: 1.25})
	default:
		s.disc(at, 3, c)
	}
}

func (s *sheet) disc(at point, radius float64, c display.Colour) { s.polygon(at, radius, 12, 0, c) }

// polygon fills a regular polygon with a corner on top, turned by an angle.
func (s *sheet) polygon(at point, radius float64, corners int, turn float64, c display.Colour) {
	p := make([]point, corners)
	for i := range p {
		angle := turn - math.Pi/2 + 2*math.Pi*float64(i)/float64(corners)
		p[i] = point{at.x + radius*math.Cos(angle), at.y + radius*math.Sin(angle)}
	}
	s.fill(p, c)
}

func (s *sheet) cross(at point, size, width float64, c display.Colour) {
	st := stroke{colour: c, width: width}
	s.line([]point{{at.x - size, at.y - size}, {at.x + size, at.y + size}}, st)
	s.line([]point{{at.x - size, at.y + size}, {at.x + size, at.y - size}}, st)
}

// arrow points up (-1) or down (1).
func (s *sheet) arrow(at point, direction float64, c display.Colour) {
	tip := point{at.x, at.y + 5*direction}
	st := stroke{colour: c, width: 1.25}
	s.line([]point{{at.x, at.y - 5*direction}, tip}, st)
	s.line([]point{{tip.x - 2, tip.y - 3*direction}, tip, {tip.x + 2, tip.y - 3*direction}}, st)
}

// entry explains one mark in the legend.
type entry struct {
	series *display.Series
	label  string // of an event
	name   string
	width  float64
}

// entryLines gives the legend's entries by lines: what is on the chart and nothing else.
func (s *sheet) entryLines(room float64) [][]entry {
	var lines [][]entry
	used := room + 1
	type key struct {
		mark   display.Mark
		group  int
		dashed bool
		name   string
	}
	seen := map[key]bool{}
	add := func(m *display.Series, label, name string) {
		k := key{m.Mark, m.Group, m.Dashed, name}
		if m.Mark == display.Line || m.Mark == display.Steps {
			k.mark = display.Line
		}
		if seen[k] {
			return
		}
		seen[k] = true
		e := entry{series: m, label: label, name: s.cut(display.Visible(name), textSize, false, room-swatchWidth)}
		e.width = swatchWidth + s.measure(e.name, textSize, false)
		if used+entryGap+e.width > room {
			lines, used = append(lines, nil), -entryGap
		}
		used += entryGap + e.width
		lines[len(lines)-1] = append(lines[len(lines)-1], e)
	}
	for i := range s.chart.Series {
		m := &s.chart.Series[i]
		if m.Len() == 0 {
			continue
		}
		if m.Mark != display.Event {
			add(m, "", m.Name)
			continue
		}
		for k := range m.Len() {
			_, name := display.Sign(m.Label(k))
			add(m, m.Label(k), name)
		}
	}
	return lines
}

// entries draws a line of the legend.
func (s *sheet) entries(line []entry, y float64) {
	x, middle := float64(margin), y+textSize/2
	for _, e := range line {
		s.swatch(e, x, middle)
		s.text(point{x + swatchWidth, y + textSize - 2}, e.name, textSize, false, s.palette.Text)
		x += e.width + entryGap
	}
}

func (s *sheet) swatch(e entry, x, y float64) {
	m, c := e.series, s.colour(e.series)
	switch m.Mark {
	case display.Line, display.Steps:
		if !m.Look.NoLine {
			s.line([]point{{x, y}, {x + 16, y}}, stroke{colour: c, width: m.Width(), dash: m.Stroke()})
		}
		if m.Look.Marker != display.NoMarker {
			s.marker(point{x + 8, y}, m)
		}
	case display.Segments:
		for i := range 3 {
			s.span(m, x+4+4*float64(i), y+4-2*float64(i), y-2*float64(i))
		}
	case display.Dots:
		if m.Look.Marker != display.NoMarker {
			s.marker(point{x + 8, y}, m)
			return
		}
		if s.disc(point{x + 8, y}, 3.25, c); m.Dashed {
			s.disc(point{x + 8, y}, 1.75, s.palette.Page)
		}
	case display.Bars, display.Stack:
		s.fill(rectangle(x+3, y-4, x+13, y+5), c)
	default:
		s.sign(point{x + 8, y}, m, e.label)
	}
}
