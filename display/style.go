package display

// Paint is a colour that may be left to the look of the house.
type Paint struct {
	Set    bool
	Colour Colour
}

// Or is the paint's colour, or the other where it is not set.
func (p Paint) Or(other Colour) Colour {
	if p.Set {
		return p.Colour
	}
	return other
}

// Marker is a sign at every point of a line.
type Marker uint8

// Markers, as matplotlib names them: none, o, ., s, ^, v, D, x, +, *.
const (
	NoMarker Marker = iota
	DiscMarker
	PointMarker
	SquareMarker
	UpMarker
	DownMarker
	DiamondMarker
	CrossMarker
	PlusMarker
	StarMarker
)

// Glyph is the marker in text.
func (m Marker) Glyph() string {
	return [...]string{"", "●", "·", "■", "▲", "▼", "◆", "×", "+", "★"}[min(int(m), 9)]
}

// Look is how a series is drawn otherwise than the house does. The zero value changes nothing.
type Look struct {
	Colour  Paint
	HasDash bool      // Dash is meant, nil for solid
	Dash    []float64 // as Dash gives it
	NoLine  bool      // only markers
	Line    float64   // stroke width in pixels, 0 the house's
	Marker  Marker
	Size    float64 // of the marker in pixels, 0 the house's
}

// over gives what is set here, and below it what is set there.
func (l Look) over(other Look) Look {
	if !l.Colour.Set {
		l.Colour = other.Colour
	}
	if !l.HasDash && !l.NoLine {
		l.HasDash, l.Dash, l.NoLine = other.HasDash, other.Dash, other.NoLine
	}
	if l.Line == 0 {
		l.Line = other.Line
	}
	if l.Marker == NoMarker {
		l.Marker = other.Marker
	}
	if l.Size == 0 {
		l.Size = other.Size
	}
	return l
}

// Sheet is what a chart is drawn on. The zero value is the look of the house.
type Sheet struct {
	Width, Height float64 // pixels of 1/96 inch, 0 what suits
	DPI           int     // resolution of PNG, 0 what the renderer is told
	Page, Area    Paint   // of the whole, and of the area in the axes
	Text, Muted   Paint   // of title and legend, and of the names of axes
	Ticks         Paint   // of ticks and their labels
	Hairline      Paint   // of the grid
	Edge          Paint   // of the axes' lines
	EdgeWidth     float64 // pixels, 0 the house's
	Sides         Sides
	Grid          Grid
	Fonts         Fonts
}

// Sides are the edges of an area that a style wants drawn or left out; the house draws the lower one.
type Sides struct{ Left, Top, Right, NoBottom bool }

// Grid is how the lines at ticks are drawn. The house has thin horizontal ones.
type Grid struct {
	None, Vertical, NoHorizontal bool
	Width                        float64 // pixels, 0 the house's
	Dash                         []float64
}

// Fonts are sizes of text in pixels, 0 the house's.
type Fonts struct{ Text, Title, Label, Tick, Legend float64 }

// Palette is the palette with the sheet's colours. What they leave to the house suits their page: it is light on a dark one.
func (s *Sheet) Palette(p Palette) Palette {
	if ground := s.Page; s.Paper() {
		if !ground.Set {
			ground = s.Area
		}
		if p = Light(); ground.Colour.dark() {
			p = Dark()
		}
	}
	p.Page, p.Text = s.Page.Or(p.Page), s.Text.Or(p.Text)
	p.Muted, p.Hairline = s.Muted.Or(p.Muted), s.Hairline.Or(p.Hairline)
	return p
}

// Paper says that the chart has a ground of its own, whatever surrounds it.
func (s *Sheet) Paper() bool { return s.Page.Set || s.Area.Set }

// dark says whether light text is read more easily on the colour than dark text.
func (c Colour) dark() bool {
	r, g, b := c.RGB()
	return 299*int(r)+587*int(g)+114*int(b) < 128_000
}

// Stylesheet is what style files asks for: a cycle of looks for the subflows in turn, what holds for all lines, and the sheet.
type Stylesheet struct {
	Cycle []Look
	Lines Look
	Sheet Sheet
}

// Apply gives the chart's series and sheet their style. A subflow takes the look at its ordinal in the cycle, in every
// chart, so that it keeps its colour. Strokes of what travels to the client stay dashed unless the cycle has strokes of its
// own; signs and what accompanies keep theirs.
func (c *Chart) Apply(style *Stylesheet) {
	c.Sheet = style.Sheet
	for i := range c.Series {
		s := &c.Series[i]
		if s.Group < 0 {
			s.Look.Line = style.Lines.Line
			continue
		}
		var own Look
		if n := len(style.Cycle); n > 0 {
			own = style.Cycle[s.Group%n]
		}
		lines := style.Lines
		if own.Colour.Set || len(style.Cycle) > 0 && style.Cycle[0].Colour.Set {
			lines.Colour = Paint{}
		}
		if s.Dashed && !own.HasDash {
			lines.HasDash = false
		}
		s.Look = own.over(lines)
		if s.Mark != Line && s.Mark != Steps && s.Mark != Dots {
			s.Look = Look{Colour: s.Look.Colour, Line: s.Look.Line}
		}
	}
}

// Series is the series' colour: its look's, or its group's.
func (p Palette) Series(s *Series) Colour {
	if s.Thin && s.Group == Connection {
		return s.Look.Colour.Or(p.Muted)
	}
	return s.Look.Colour.Or(p.Group(s.Group))
}
