package text

import (
	"bufio"
	"math"
	"slices"
	"sort"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// glyph is the sign of a point of a series whose points are signs, else empty. Signs of one kind that only their colour
// would tell apart differ in shape, by the place of their group among those that have the kind.
func (p *plot) glyph(s *display.Series, i int) string {
	sign := glyph(s, i)
	shapes := map[string][]rune{"◆": []rune("◆◇◈❖◊"), "×": []rune("×x✗⨯")}[sign]
	if shapes == nil || p.Colour {
		return sign
	}
	return string(shapes[slices.Index(p.groupsOf(s.Mark), s.Group)%len(shapes)])
}

// groupsOf lists the groups of the series that have a mark, in their order.
func (p *plot) groupsOf(m display.Mark) []int {
	var groups []int
	for i := range p.Series {
		if s := &p.Series[i]; s.Mark == m && s.Len() > 0 && !slices.Contains(groups, s.Group) {
			groups = append(groups, s.Group)
		}
	}
	return groups
}

// glyph is the sign of a point of a series whose points are signs, else empty.
func glyph(s *display.Series, i int) string {
	switch s.Mark {
	case display.Retransmit:
		return "×"
	case display.Reinject:
		return "◆"
	case display.Stroke:
		return "╵"
	case display.Event:
		sign, _ := display.Sign(s.Label(i))
		return sign
	}
	return ""
}

// draw puts one series on a canvas.
func (p *plot) draw(c *canvas, area *panel, owner int) {
	s := &p.Series[owner]
	switch s.Mark {
	case display.Line, display.Steps:
		if !s.Look.NoLine {
			p.joined(c, area, owner)
		}
		p.markers(c, area, owner)
	case display.Dots:
		if p.markers(c, area, owner) {
			return
		}
		p.each(s, func(i int) { c.dot(p.x(float64(s.X[i])), p.y(area, s.Y[i]), owner) })
	case display.Segments:
		p.each(s, func(i int) {
			if x := p.x(float64(s.X[i])); !math.IsNaN(s.Y2[i]) {
				c.fill(x, p.y(area, s.Y[i]), x, p.y(area, s.Y2[i]), owner)
			}
		})
	case display.Bars:
		p.bars(c, area, owner)
	case display.Stack:
		p.stack(c, area, owner)
	default:
		p.each(s, func(i int) {
			sign := p.glyph(s, i)
			if n := s.Points(i); n > 1 {
				sign += strconv.Itoa(n)
			}
			c.sign(p.x(float64(s.X[i])), p.y(area, s.Y[i]), sign, p.stroke(s))
		})
	}
}

// markers puts the sign that a style asks for at every point; false where it asks for none.
func (p *plot) markers(c *canvas, area *panel, owner int) bool {
	s := &p.Series[owner]
	sign := s.Look.Marker.Glyph()
	if sign != "" {
		p.each(s, func(i int) { c.sign(p.x(float64(s.X[i])), p.y(area, s.Y[i]), sign, p.stroke(s)) })
	}
	return sign != ""
}

// each visits the points that have a place.
func (p *plot) each(s *display.Series, visit func(i int)) {
	for i := range s.Len() {
		if y := s.Y[i]; !math.IsNaN(y) && !math.IsInf(y, 0) {
			visit(i)
		}
	}
}

// joined draws a line or steps, broken where there is no value.
func (p *plot) joined(c *canvas, area *panel, owner int) {
	s := &p.Series[owner]
	d := &dash{pattern: s.Stroke()}
	last := -1
	for i := range s.Len() {
		if math.IsNaN(s.Y[i]) || math.IsInf(s.Y[i], 0) {
			last = -1
			continue
		}
		x, y := p.x(float64(s.X[i])), p.y(area, s.Y[i])
		if last < 0 {
			c.dot(x, y, owner)
			last = i
			continue
		}
		x0, y0 := p.x(float64(s.X[last])), p.y(area, s.Y[last])
		if s.Mark == display.Steps {
			c.line(x0, y0, x, y0, owner, d)
			x0 = x
		}
		c.line(x0, y0, x, y, owner, d)
		last = i
	}
}

// bars fills from zero to each bar's height, as wide as the smallest step between bars.
func (p *plot) bars(c *canvas, area *panel, owner int) {
	s := &p.Series[owner]
	step := s.BarWidth()
	zero := p.y(area, 0)
	p.each(s, func(i int) {
		from, to := p.x(float64(s.X[i])), p.x(float64(s.X[i]+step))-1
		if s.Y[i] != 0 {
			c.fill(from, zero, max(from, to), p.y(area, s.Y[i]), owner)
		}
	})
}

// stack fills an area on top of the areas of the series before it.
func (p *plot) stack(c *canvas, area *panel, owner int) {
	s := &p.Series[owner]
	if s.Len() == 0 {
		return
	}
	end := p.x(float64(s.X[s.Len()-1] + s.BarWidth()))
	for x := p.x(float64(s.X[0])); x <= min(end, 2*p.cols-1); x++ {
		offset := float64(p.window.From) + float64(x)/float64(2*p.cols-1)*(float64(p.window.To)-float64(p.window.From))
		below := 0.0
		for i := range owner {
			if o := &p.Series[i]; o.Mark == display.Stack && o.Panel == s.Panel {
				below += levelAt(o, offset)
			}
		}
		if top := below + levelAt(s, offset); top > below {
			c.fill(x, p.y(area, below), x, p.y(area, top), owner)
		}
	}
}

// levelAt is the Y of the last point at or before an offset, 0 where there is none.
func levelAt(s *display.Series, offset float64) float64 {
	i := sort.Search(s.Len(), func(i int) bool { return float64(s.X[i]) > offset+0.5 }) - 1
	if i < 0 || math.IsNaN(s.Y[i]) {
		return 0
	}
	return s.Y[i]
}

// legend explains what is on the chart, and only that: as many entries on a line as fit.
func (p *plot) legend(w *bufio.Writer, width int) {
	entries, more := p.Legend(false)
	line, used := "", 0
	add := func(sign string, st style, name string) {
		size := Width(sign) + 1 + Width(name)
		if used > 0 && used+3+size > width {
			w.WriteString(line + "\n")
			line, used = "", 0
		}
		if used > 0 {
			line, used = line+"   ", used+3
		}
		if sign != "" {
			line += p.paint(sign, st) + " "
		}
		line += name
		used += size
	}
	for _, e := range entries {
		sign, st := p.swatch(e)
		add(sign, st, clean(e.Name))
	}
	if rest := display.LegendRest(more); rest != "" {
		add("", plain, rest)
	}
	if used > 0 {
		w.WriteString(line + "\n")
	}
}

// swatch shows how what an entry names is drawn; plain where several subflows have it.
func (p *plot) swatch(e display.LegendEntry) (string, style) {
	s := &p.Series[e.Series]
	st := p.stroke(s)
	if e.Shared || e.Event != "" {
		st = plain
	}
	if e.Event != "" {
		sign, _ := display.Sign(e.Event)
		return sign, st
	}
	if sign := p.glyph(s, 0); sign != "" {
		return sign, st
	}
	if e.Shared && !p.braille {
		return "·", st // each subflow has its own letter
	}
	return p.line(e.Series), st
}

// line shows how a series is drawn whose points are no signs.
func (p *plot) line(owner int) string {
	s := &p.Series[owner]
	switch {
	case s.Look.Marker != display.NoMarker && (s.Look.NoLine || s.Mark == display.Dots):
		return s.Look.Marker.Glyph()
	case !p.braille:
		return p.letter(owner)
	case s.Mark == display.Bars || s.Mark == display.Stack:
		return "█"
	case s.Mark == display.Dots && s.Dashed:
		return "⠒"
	case s.Mark == display.Dots:
		return "⠶"
	case s.Mark == display.Segments && s.Dashed:
		return "╏"
	case s.Mark == display.Segments:
		return "┃"
	case s.Dashed:
		return "╍╍"
	case s.Stroke() != nil:
		return "┅┅"
	}
	return "━━"
}
