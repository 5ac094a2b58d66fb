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
			if s.panel(m) != a.panel || m.Layer() != layer {
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

func drawable(y float64) bool { return !math.IsNaN(y) && !math.IsInf(y, 0) }

func (s *sheet) colour(m *display.Series) display.Colour {
	return s.palette.Series(m)
}

// strokeOf is how a line of a series is drawn.
func (s *sheet) strokeOf(m *display.Series) stroke {
	st := stroke{colour: s.colour(m), width: m.Width(), dash: m.Stroke()}
	if m.Look.Line == 0 {
		st.width *= s.marks
	}
	return st
}

// joined draws a line or steps, broken where there is no value.
func (s *sheet) joined(a *area, m *display.Series) {
	st := s.strokeOf(m)
	var run []point
	flush := func() {
		switch {
		case m.Look.NoLine:
		case len(run) == 1:
			s.disc(run[0], st.width, st.colour)
		case len(run) > 1:
			for _, part := range a.inside(run, m.Aside) {
				s.line(part, st)
			}
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

// inside cuts a line at the upper and lower edge of the area, where it may reach beyond them.
func (a *area) inside(run []point, beyond bool) (parts [][]point) {
	if !beyond {
		return [][]point{run}
	}
	var part []point
	for i := 1; i < len(run); i++ {
		p, q, ok := a.cut(run[i-1], run[i])
		if ok && len(part) == 0 {
			part = append(part, p)
		}
		if ok {
			part = append(part, q)
		}
		if len(part) > 0 && (!ok || q != run[i]) {
			parts, part = append(parts, part), nil
		}
	}
	if len(part) > 0 {
		parts = append(parts, part)
	}
	return parts
}

// cut gives the part of a straight line that is between the edges of the area, false where there is none.
func (a *area) cut(p, q point) (from, to point, ok bool) {
	if max(p.y, q.y) < a.top || min(p.y, q.y) > a.bottom {
		return p, q, false
	}
	at := func(y float64) point { return point{p.x + (q.x-p.x)*(y-p.y)/(q.y-p.y), y} }
	limit := func(v point) point {
		switch {
		case v.y < a.top:
			return at(a.top)
		case v.y > a.bottom:
			return at(a.bottom)
		}
		return v
	}
	return limit(p), limit(q), true
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
	c, radius := s.colour(m), 3*s.marks
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
	st := s.strokeOf(m)
	st.dash = m.SpanStroke()
	if m.Dashed {
		st.width = min(st.width, 1)
		s.line([]point{{x, from}, {x, to}, {x + flag*s.marks, to}}, st)
		return
	}
	s.line([]point{{x, from}, {x, to}}, st)
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
		from, to := s.x(float64(m.X[i])), min(s.x(float64(m.X[i]+m.BarWidth())), s.right)
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
			s.text(point{at.x + 6, at.y - 3}, "×"+strconv.Itoa(n), s.tickSize*0.9, false, s.palette.Muted)
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
		s.dot(at, s.chart.DotSize(m)/2*s.marks, m)
	case display.Retransmit:
		s.cross(at, 3.5*s.marks, 1.5*s.marks, c)
	case display.Reinject:
		s.polygon(at, 4.5*s.marks, 4, 0, c)
	case display.Stroke:
		s.line([]point{{at.x - 3*s.marks, at.y}, {at.x + 3*s.marks, at.y}}, stroke{colour: c, width: 1.25 * s.marks})
	case display.Event:
		glyph, _ := display.Sign(label)
		s.glyph(at, glyph, c)
	}
}

// dot draws a dot, in a shape of its own for each eight subflows; hollow towards the client.
func (s *sheet) dot(at point, radius float64, m *display.Series) {
	corners, turn := 12, 0.0
	switch m.DotShape() {
	case display.SquareMarker:
		corners, turn, radius = 4, math.Pi/4, radius*1.25
	case display.UpMarker:
		corners, radius = 3, radius*1.4
	case display.DiamondMarker:
		corners, radius = 4, radius*1.35
	case display.DownMarker:
		corners, turn, radius = 3, math.Pi, radius*1.4
	}
	if s.polygon(at, radius, corners, turn, s.colour(m)); m.Dashed {
		s.polygon(at, radius*0.5, corners, turn, s.chart.Sheet.Area.Or(s.palette.Page))
	}
}

// glyph draws the sign of an event as a shape, because the bundled font has few of them.
func (s *sheet) glyph(at point, glyph string, c display.Colour) {
	k := s.marks
	switch glyph {
	case "▲":
		s.polygon(at, 5*k, 3, 0, c)
	case "▼":
		s.polygon(at, 5*k, 3, math.Pi, c)
	case "△", "▽":
		turn := 0.0
		if glyph == "▽" {
			turn = math.Pi
		}
		s.polygon(at, 5*k, 3, turn, c)
		s.polygon(at, 2.5*k, 3, turn, s.palette.Page)
	case "✖":
		s.cross(at, 4*k, 2.5*k, c)
	case "✖✖":
		s.cross(point{at.x - 4*k, at.y}, 4*k, 2.5*k, c)
		s.cross(point{at.x + 5*k, at.y}, 4*k, 2.5*k, c)
	case "+", "−":
		s.line([]point{{at.x - 4.5*k, at.y}, {at.x + 4.5*k, at.y}}, stroke{colour: c, width: 2 * k})
		if glyph == "+" {
			s.line([]point{{at.x, at.y - 4.5*k}, {at.x, at.y + 4.5*k}}, stroke{colour: c, width: 2 * k})
		}
	case "⇅":
		s.arrow(point{at.x - 2.5*k, at.y}, -1, c)
		s.arrow(point{at.x + 2.5*k, at.y}, 1, c)
	case "⚠":
		s.polygon(at, 6.5*k, 3, 0, c)
		s.line([]point{{at.x, at.y - 3*k}, {at.x, at.y + 1*k}}, stroke{colour: s.palette.Page, width: 1.25 * k})
	case "○":
		s.disc(at, 4*k, c)
		s.disc(at, 2.5*k, s.palette.Page)
	case "╵":
		s.line([]point{{at.x - 3*k, at.y}, {at.x + 3*k, at.y}}, stroke{colour: c, width: 1.25 * k})
	default:
		s.disc(at, 3*k, c)
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
	k := s.marks
	tip := point{at.x, at.y + 5*k*direction}
	st := stroke{colour: c, width: 1.25 * k}
	s.line([]point{{at.x, at.y - 5*k*direction}, tip}, st)
	s.line([]point{{tip.x - 2*k, tip.y - 3*k*direction}, tip, {tip.x + 2*k, tip.y - 3*k*direction}}, st)
}
