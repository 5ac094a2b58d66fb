package echarts

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// format is the version of the payload. The script draws this version and leaves the picture for any other.
const format = 2

// payload is everything that the script needs to draw a chart.
type payload struct {
	Format  int               `json:"v"`
	ID      string            `json:"id"`
	Command string            `json:"command"`
	Option  map[string]any    `json:"option"`
	X       axis              `json:"x"`
	Y       []axis            `json:"y"` // by panel
	Series  []look            `json:"series"`
	Notes   []string          `json:"notes,omitempty"`
	Light   map[string]string `json:"light"` // colours by token
	Dark    map[string]string `json:"dark"`
	Sheet   sheet             `json:"sheet"`
	Paper   bool              `json:"paper,omitempty"`  // the page's colour is the chart's own, not the front end's
	Height  float64           `json:"height,omitempty"` // in pixels, where a style asks for one
	Levels  []level           `json:"levels"`           // coarse to fine, each of the whole chart
}

// axis says how numbers on an axis are written.
type axis struct {
	Label    string `json:"label"`
	Unit     string `json:"unit"`
	Base     string `json:"base"` // decimal: it may be above 2⁵³
	Moments  bool   `json:"moments,omitempty"`
	Absolute bool   `json:"absolute,omitempty"`
	Log      bool   `json:"log,omitempty"` // see display.Axis

	Names []string `json:"names,omitempty"` // of lanes
}

// sheet is how a style wants axes and text; what is empty or zero is the house's.
type sheet struct {
	Area     string    `json:"area,omitempty"` // background in the axes
	Ticks    string    `json:"ticks,omitempty"`
	Edge     string    `json:"edge,omitempty"`
	EdgeLine float64   `json:"edgeWidth,omitempty"`
	Sides    []string  `json:"sides"` // edges drawn
	NoGrid   bool      `json:"noGrid,omitempty"`
	Vertical bool      `json:"vertical,omitempty"`
	NoRows   bool      `json:"noRows,omitempty"`
	Grid     float64   `json:"gridWidth,omitempty"`
	Dash     []float64 `json:"gridDash,omitempty"`
	Title    float64   `json:"title,omitempty"` // sizes of text in pixels
	Text     float64   `json:"text,omitempty"`
	Label    float64   `json:"label,omitempty"`
	Tick     float64   `json:"tick,omitempty"`
	Legend   float64   `json:"legend,omitempty"`
}

func newSheet(s *display.Sheet) sheet {
	hex := func(p display.Paint) string {
		if !p.Set {
			return ""
		}
		return p.Colour.Hex()
	}
	out := sheet{
		Area: hex(s.Area), Ticks: hex(s.Ticks), Edge: hex(s.Edge), EdgeLine: s.EdgeWidth, Sides: []string{},
		NoGrid: s.Grid.None, Vertical: s.Grid.Vertical, NoRows: s.Grid.NoHorizontal, Grid: s.Grid.Width, Dash: s.Grid.Dash,
		Title: s.Fonts.Title, Text: s.Fonts.Text, Label: s.Fonts.Label, Tick: s.Fonts.Tick, Legend: s.Fonts.Legend,
	}
	for _, side := range []struct {
		name  string
		drawn bool
	}{{"bottom", !s.Sides.NoBottom}, {"left", s.Sides.Left}, {"top", s.Sides.Top}, {"right", s.Sides.Right}} {
		if side.drawn {
			out.Sides = append(out.Sides, side.name)
		}
	}
	return out
}

// look is what the script draws itself, or again when the scheme changes.
type look struct {
	Mark  string  `json:"mark"`
	Panel int     `json:"panel"`
	Light string  `json:"light"`
	Dark  string  `json:"dark"`
	Bin   float64 `json:"bin,omitempty"` // width of bars and of steps of a stack
	// What a style asks for: a sign at every point of a line, its size in pixels, no line.
	Symbol string  `json:"symbol,omitempty"`
	Size   float64 `json:"size,omitempty"`
	Bare   bool    `json:"bare,omitempty"`
	Flag   bool    `json:"flag,omitempty"`  // segments towards the client have a bent end
	Aside  bool    `json:"aside,omitempty"` // see display.Chart.Range
}

func newPayload(c *display.Chart) (*payload, error) {
	o, err := option(c)
	if err != nil {
		return nil, err
	}
	p := &payload{
		Format: format, ID: ID(c), Command: display.Visible(c.Command), Option: o, X: newAxis(&c.X),
		Light: tokens(c.Sheet.Palette(display.Light())), Dark: tokens(c.Sheet.Palette(display.Dark())),
		Sheet: newSheet(&c.Sheet), Paper: c.Sheet.Paper(), Height: c.Sheet.Height,
	}
	for _, a := range c.PanelAxes() {
		p.Y = append(p.Y, newAxis(&a))
	}
	p.Series = []look{} // an empty list, not null
	for i := range c.Series {
		p.Series = append(p.Series, newLook(c, &c.Series[i]))
	}
	for _, n := range c.Notes {
		p.Notes = append(p.Notes, display.Visible(n))
	}
	return p, nil
}

func newAxis(a *display.Axis) axis {
	out := axis{Label: display.Visible(a.Label), Unit: unitName(a.Unit), Base: strconv.FormatUint(a.Base, 10), Moments: a.Moments, Absolute: a.Absolute, Log: a.Log}
	for _, name := range a.Names {
		out.Names = append(out.Names, display.Visible(name))
	}
	return out
}

// unitName is how the script knows a unit.
func unitName(u display.Unit) string {
	switch u {
	case display.SequenceNumber:
		return "sequence"
	case display.Packets:
		return "packets"
	case display.Ratio:
		return "ratio"
	}
	return u.Symbol()
}

func newLook(c *display.Chart, s *display.Series) look {
	l := look{Mark: markName(s.Mark), Panel: min(max(s.Panel, 0), len(c.Panels))}
	colour := func(p display.Palette) string {
		p = c.Sheet.Palette(p)
		return p.Series(s).Hex()
	}
	l.Light, l.Dark = colour(display.Light()), colour(display.Dark())
	if s.Mark == display.Line || s.Mark == display.Steps {
		l.Symbol, l.Bare = markerShape(s.Look.Marker), s.Look.NoLine
		l.Size = s.Look.Size
	}
	l.Flag = s.Mark == display.Segments && s.Dashed
	l.Aside = s.Aside
	if s.Mark == display.Bars || s.Mark == display.Stack {
		l.Bin = float64(s.BarWidth())
	}
	return l
}

func markName(m display.Mark) string {
	switch m {
	case display.Line:
		return "line"
	case display.Steps:
		return "steps"
	case display.Dots:
		return "dots"
	case display.Segments:
		return "segments"
	case display.Bars:
		return "bars"
	case display.Stack:
		return "stack"
	}
	return "signs"
}

func tokens(p display.Palette) map[string]string {
	all := map[string]string{}
	for _, t := range p.Tokens()[:10] { // without the subflows', which are with the series
		all[t.Name] = t.Colour.Hex()
	}
	return all
}

// encode writes JSON that is safe inside a <script>: <, >, & and the line separators are escaped.
func encode(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing the chart: %w", err)
	}
	return text, nil
}
