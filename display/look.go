package display

import (
	"fmt"
	"strings"
)

// Colour is a 24-bit RGB colour, 0xRRGGBB.
type Colour uint32

// RGB gives the three channels.
func (c Colour) RGB() (r, g, b uint8) { return uint8(c >> 16), uint8(c >> 8), uint8(c) }

// Hex is the colour as CSS writes it: "#0b62c4".
func (c Colour) Hex() string { return fmt.Sprintf("#%06x", uint32(c)&0xffffff) }

// ANSI256 is the nearest of the fixed colours 16…255 of a 256-colour terminal.
func (c Colour) ANSI256() int {
	r, g, b := c.RGB()
	best, nearest := 16, 1<<30
	for i := 16; i < 256; i++ {
		if d := ansi256(i).distance(r, g, b); d < nearest {
			best, nearest = i, d
		}
	}
	return best
}

func (c Colour) distance(r, g, b uint8) int {
	cr, cg, cb := c.RGB()
	dr, dg, db := int(cr)-int(r), int(cg)-int(g), int(cb)-int(b)
	return dr*dr + dg*dg + db*db
}

// ansi256 is the colour that terminals show for index i, 16…255: a 6×6×6 cube and 24 greys.
func ansi256(i int) Colour {
	if i >= 232 {
		v := Colour(8 + 10*(i-232))
		return v<<16 | v<<8 | v
	}
	level := func(n int) Colour {
		if n == 0 {
			return 0
		}
		return Colour(55 + 40*n)
	}
	i -= 16
	return level(i/36)<<16 | level(i/6%6)<<8 | level(i%6)
}

// Palette is the colours of one scheme, the single home of colour for page, notebook, terminal and picture. Text has a
// contrast of at least 4.5:1 on Page, marks 3:1.
type Palette struct {
	Page, Surface, Raised Colour // backgrounds
	Text, Muted, Hairline Colour
	Accent                Colour // links, focus, selection
	Good, Warning, Bad    Colour // always beside a word or a sign
	Subflows              [8]Colour
	Name                  string // "light" or "dark"
}

// Light is the palette on white.
func Light() Palette {
	return Palette{
		Name: "light",
		Page: 0xffffff, Surface: 0xf7f8fa, Raised: 0xffffff,
		Text: 0x1b1f26, Muted: 0x5a6472, Hairline: 0xd9dee5,
		Accent: 0x0b62c4,
		Good:   0x1a7f4b, Warning: 0x9a6700, Bad: 0xc0262d,
		Subflows: [8]Colour{0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9, 0x8c6bb1, 0x7f7f7f},
	}
}

// Dark is the palette on near-black.
func Dark() Palette {
	return Palette{
		Name: "dark",
		Page: 0x14171c, Surface: 0x1b1f26, Raised: 0x232831,
		Text: 0xe6e9ee, Muted: 0x9aa4b2, Hairline: 0x343b46,
		Accent: 0x6cb0ff,
		Good:   0x4cc38a, Warning: 0xe5b454, Bad: 0xff7b72,
		Subflows: [8]Colour{0x4da3db, 0xff8a4c, 0x3cc79b, 0xe3a5c8, 0xe69f00, 0x56b4e9, 0x8c6bb1, 0x7f7f7f},
	}
}

// Token is a colour by its name in style sheets.
type Token struct {
	Name   string // "text", "subflow-3"
	Colour Colour
}

// Tokens lists the palette by name, for style sheets: page, surface, …, subflow-0 to subflow-7.
func (p Palette) Tokens() []Token {
	tokens := []Token{
		{"page", p.Page}, {"surface", p.Surface}, {"raised", p.Raised},
		{"text", p.Text}, {"muted", p.Muted}, {"hairline", p.Hairline}, {"accent", p.Accent},
		{"good", p.Good}, {"warning", p.Warning}, {"bad", p.Bad},
	}
	for i, c := range p.Subflows {
		tokens = append(tokens, Token{fmt.Sprintf("subflow-%d", i), c})
	}
	return tokens
}

// Groups that are not a subflow.
const (
	Connection = -1 // the connection as a whole: the text colour
	Grey       = -2 // what only accompanies: SACK spans, window edges of no subflow
)

// Group is the colour of a series' group: a subflow's ordinal, Connection or Grey.
func (p Palette) Group(group int) Colour {
	switch {
	case group >= 0:
		return p.Subflows[group%len(p.Subflows)]
	case group == Grey:
		return p.Muted
	}
	return p.Text
}

// Dash is the stroke pattern of a group's line in pixels, drawn and left out by turns; nil is solid. Towards the server
// lines are solid, towards the client dashed; past eight subflows the same colours come again with another pattern.
func Dash(group int, towardsClient bool) []float64 {
	cycle := 0
	if group >= 0 {
		cycle = group / len(Palette{}.Subflows) % 3
	}
	switch {
	case cycle == 0 && !towardsClient:
		return nil
	case cycle == 0:
		return []float64{5, 4}
	case cycle == 1 && !towardsClient:
		return []float64{9, 3, 2, 3}
	case cycle == 1:
		return []float64{5, 3, 2, 3}
	case !towardsClient:
		return []float64{2, 2}
	}
	return []float64{1, 4}
}

// Stroke is the pattern of the series' line, as Dash gives it.
func (s *Series) Stroke() []float64 {
	if s.Look.HasDash {
		return s.Look.Dash
	}
	if s.Dotted {
		return []float64{1.5, 2.5}
	}
	return Dash(s.Group, s.Dashed)
}

// SpanStroke is the pattern of the spans of a series of segments: past eight subflows it tells those of one colour apart.
func (s *Series) SpanStroke() []float64 {
	if s.Group < len(Palette{}.Subflows) {
		return nil
	}
	return []float64{2.5, 1.5}
}

// Width is the stroke width of a series in pixels.
func (s *Series) Width() float64 {
	width := 1.75
	if s.Look.Line > 0 {
		width = s.Look.Line
	}
	if s.Thin {
		return min(width, 1)
	}
	return width
}

// Layer is the order of drawing: areas and bars under what accompanies, that under lines, those under signs.
func (s *Series) Layer() int {
	switch s.Mark {
	case Stack, Bars:
		return 0
	case Line, Steps, Segments, Dots:
		if s.Thin || s.Group == Grey {
			return 1
		}
		return 2
	}
	return 3
}

// Few dots are drawn larger, so that they are seen.
const (
	fewDots    = 300
	dotSize    = 3.5
	fewDotSize = 5
)

// DotSize is the diameter of the dots of one of the chart's series in pixels: the same for all in its panel, because a larger
// dot would seem to say more.
func (c *Chart) DotSize(s *Series) float64 {
	if s.Look.Size > 0 {
		return s.Look.Size
	}
	for i := range c.Series {
		if o := &c.Series[i]; o.Mark == Dots && o.Panel == s.Panel && o.Len() > fewDots {
			return dotSize
		}
	}
	return fewDotSize
}

// DotShape is the shape of the dots of a series: past eight subflows, where the colours come again, it is another one.
func (s *Series) DotShape() Marker {
	if s.Look.Marker != NoMarker || s.Group < 0 {
		return s.Look.Marker
	}
	shapes := [...]Marker{NoMarker, SquareMarker, UpMarker, DiamondMarker, DownMarker}
	return shapes[s.Group/len(Palette{}.Subflows)%len(shapes)]
}

// Sign is the glyph of an event and the name that a legend gives it, by the event's label (SYN, FIN, RST, ADD_ADDR …),
// which may go on after a blank: "ADD_ADDR 3". A label that has no glyph of its own is a "•" and its own name.
func Sign(label string) (glyph, name string) {
	for _, s := range [...]struct{ label, glyph string }{
		{"SYN", "▲"}, {"FIN", "▼"}, {"RST", "✖"}, {"DATA_FIN", "▽"}, {"MP_CAPABLE", "▲"}, {"MP_JOIN", "△"},
		{"ADD_ADDR", "+"}, {"REMOVE_ADDR", "−"}, {"MP_PRIO", "⇅"}, {"MP_FAIL", "⚠"}, {"MP_FASTCLOSE", "✖✖"},
		{"MP_TCPRST", "✖"}, {"dup ack", "╵"}, {"zero window", "○"},
	} {
		if label == s.label || strings.HasPrefix(label, s.label+" ") {
			return s.glyph, s.label
		}
	}
	return "•", label
}
