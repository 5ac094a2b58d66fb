package text

import (
	"bufio"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Sizes of a chart in characters.
const (
	chartWidth  = 80 // where the renderer has no width
	leastWidth  = 40
	mostWidth   = 120
	chartRows   = 18
	panelRows   = 8
	columnsTick = 14 // about one tick in so many columns
	rowsTick    = 4
)

// plot is a chart being drawn.
type plot struct {
	Renderer
	*display.Chart
	window  display.Window
	braille bool
	gutter  int // width of the tick labels on the left
	cols    int
	panels  []panel
}

// panel is one Y axis and what it carries.
type panel struct {
	axis   display.Axis
	lo, hi float64
	rows   int
	ticks  []display.Tick
	name   string
}

func (r Renderer) chart(w *bufio.Writer, c *display.Chart) {
	fmt.Fprintln(w, r.paint(clean(c.Title), bold))
	width := min(max(r.Width, leastWidth), mostWidth)
	if r.Width == 0 {
		width = chartWidth
	}
	reduced, detail := display.Reduce(c, display.Window{}, 2*width)
	r.subtitle(w, c, detail)
	if detail.Marks == 0 {
		fmt.Fprintln(w, "nothing to draw")
	} else {
		p := r.newPlot(reduced, detail.Window, width)
		p.legend(w, width)
		for i := len(p.panels) - 1; i >= 0; i-- {
			p.panel(w, i)
		}
	}
	for _, n := range c.Notes {
		r.note(w, &display.Note{Body: n})
	}
}

func (r Renderer) subtitle(w *bufio.Writer, c *display.Chart, d display.Detail) {
	parts := slices.DeleteFunc([]string{clean(c.Subtitle), clean(c.Command)}, func(s string) bool { return s == "" })
	if d.Marks < d.Points {
		parts = append(parts, display.Whole(d.Points)+" points as "+display.Whole(d.Marks)+" marks")
	}
	if len(parts) > 0 {
		fmt.Fprintln(w, r.paint(wrap(strings.Join(parts, " · "), r.Width), faint))
	}
}

func (r Renderer) newPlot(c *display.Chart, w display.Window, width int) *plot {
	p := &plot{Renderer: r, Chart: c, window: c.Seen(w)}
	p.braille = r.Colour || p.looks() <= 1
	for i, axis := range c.PanelAxes() {
		lo, hi, ok := c.Range(i)
		if !ok {
			lo, hi = 0, 1
		}
		lo, hi = display.Padded(lo, hi)
		made := panel{axis: axis, lo: lo, hi: hi, rows: chartRows}
		if i > 0 {
			made.rows = panelRows
		}
		made.ticks, made.name = axis.Ticks(lo, hi, made.rows/rowsTick)
		for _, t := range made.ticks {
			p.gutter = max(p.gutter, Width(t.Label))
		}
		p.panels = append(p.panels, made)
	}
	p.cols = max(width-p.gutter-2, 10)
	return p
}

// look is what tells series apart without colour.
type look struct {
	group  int
	dashed bool
}

// looks counts the series that are told apart by colour or stroke.
func (p *plot) looks() int {
	seen := map[look]bool{}
	for i := range p.Series {
		s := &p.Series[i]
		if s.Len() > 0 && glyph(s, 0) == "" {
			seen[look{s.Group, s.Dashed}] = true
		}
	}
	return len(seen)
}

// panel draws one panel: its axis' name, rows with labels, and the time axis under it.
func (p *plot) panel(w *bufio.Writer, number int) {
	area := &p.panels[number]
	if area.name != "" {
		fmt.Fprintln(w, p.paint(clean(area.name), faint))
	}
	c := newCanvas(p.cols, area.rows)
	for i := range p.Series {
		if s := &p.Series[i]; min(max(s.Panel, 0), len(p.panels)-1) == number {
			p.draw(c, area, i)
		}
	}
	labels := map[int]string{}
	for _, t := range area.ticks {
		labels[p.y(area, t.At)/4] = t.Label
	}
	for row := range area.rows {
		label, ticked := labels[row]
		edge, ground := "│", cell{text: " "}
		if ticked {
			edge = "┤"
			if p.Colour && !p.Sheet.Grid.None {
				ground = cell{text: "┈", style: faint}
			}
		}
		line := strings.Repeat(" ", p.gutter-Width(label)) + p.paint(label+" "+edge, faint) + c.row(row, p.ink, ground, p.paint)
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
	p.timeAxis(w, number == 0)
}

// timeAxis draws the X axis, with labels under the lowest panel.
func (p *plot) timeAxis(w *bufio.Writer, labelled bool) {
	line := []rune(strings.Repeat("─", p.cols))
	labels := []rune(strings.Repeat(" ", p.gutter+2+p.cols))
	ticks, name := p.X.Ticks(float64(p.window.From), float64(p.window.To), max(p.cols/columnsTick, 2))
	free := 0
	for _, t := range ticks {
		col := min(p.x(t.At)/2, p.cols-1)
		line[col] = '┬'
		text := []rune(t.Label)
		at := min(p.gutter+2+col-len(text)/2, len(labels)-len(text))
		if at >= free {
			copy(labels[at:], text)
			free = at + len(text) + 1
		}
	}
	fmt.Fprintln(w, p.paint(strings.Repeat(" ", p.gutter+1)+"└"+string(line), faint))
	if !labelled {
		return
	}
	fmt.Fprintln(w, p.paint(strings.TrimRight(string(labels), " "), faint))
	if name != "" {
		fmt.Fprintln(w, strings.Repeat(" ", max(p.gutter+2+p.cols-Width(name), 0))+p.paint(clean(name), faint))
	}
}

// x is the column of dots of an offset.
func (p *plot) x(offset float64) int {
	share := (offset - float64(p.window.From)) / (float64(p.window.To) - float64(p.window.From))
	return int(math.Round(min(max(share, -1), 2) * float64(2*p.cols-1)))
}

// y is the row of dots of an offset, downwards.
func (p *plot) y(area *panel, offset float64) int {
	share := (offset - area.lo) / (area.hi - area.lo)
	return int(math.Round((1 - min(max(share, -1), 2)) * float64(4*area.rows-1)))
}

// ink is how dots of a series look: Braille where colour tells series apart, else one letter each.
func (p *plot) ink(owner int, dots uint8) cell {
	st := p.stroke(&p.Series[owner])
	if p.braille {
		return cell{text: string(rune(0x2800 + int(dots))), style: st}
	}
	return cell{text: p.letter(owner), style: st}
}

// stroke is the style of a series: its group's, data acks of the connection muted.
func (p *plot) stroke(s *display.Series) style {
	if s.Look.Colour.Set {
		return foreground(s.Look.Colour.Colour)
	}
	if s.Thin && s.Group == display.Connection {
		return faint
	}
	return p.group(s.Group)
}

// letter stands for a series where there is no colour.
func (p *plot) letter(owner int) string {
	const letters = "o*+#%@&=$abcdefghijklmnpqrstuvwxyz"
	var seen []look
	for i := range owner + 1 {
		s := &p.Series[i]
		if l := (look{s.Group, s.Dashed}); s.Len() > 0 && !slices.Contains(seen, l) {
			seen = append(seen, l)
		}
	}
	s := &p.Series[owner]
	return string(letters[max(slices.Index(seen, look{s.Group, s.Dashed}), 0)%len(letters)])
}
