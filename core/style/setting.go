package style

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// setting is one key and what it changes.
type setting struct {
	key string
	set func(s *Files, value string) error
}

// known is the table of the settings that have a meaning here.
func known() []setting {
	var all []setting
	for _, table := range [][]setting{lineSettings(), colourSettings(), axisSettings(), sizeSettings()} {
		all = append(all, table...)
	}
	return all
}

func lineSettings() []setting {
	return []setting{
		paint("lines.color", func(s *display.Stylesheet) *display.Paint { return &s.Lines.Colour }),
		{"lines.linestyle", func(s *Files, value string) error { return lineStyle(&s.style.Lines, value) }},
		size("lines.linewidth", mostStroke, func(s *Files, v float64) { s.style.Lines.Line = pixels(v) }),
		{"lines.marker", func(s *Files, value string) (err error) {
			s.style.Lines.Marker, err = markerOf(value)
			return err
		}},
		size("lines.markersize", 100, func(s *Files, v float64) { s.style.Lines.Size = pixels(v) }),
		{"axes.prop_cycle", func(s *Files, value string) error {
			cycle, err := cycleOf(value)
			if err == nil {
				s.style.Cycle = cycle
			}
			return err
		}},
	}
}

func colourSettings() []setting {
	sheet := func(key string, of func(s *display.Sheet) *display.Paint) setting {
		return paint(key, func(s *display.Stylesheet) *display.Paint { return of(&s.Sheet) })
	}
	page := func(s *display.Sheet) *display.Paint { return &s.Page }
	ticks := func(s *display.Sheet) *display.Paint { return &s.Ticks }
	return []setting{
		sheet("figure.facecolor", page), sheet("savefig.facecolor", page),
		sheet("axes.facecolor", func(s *display.Sheet) *display.Paint { return &s.Area }),
		sheet("text.color", func(s *display.Sheet) *display.Paint { return &s.Text }),
		sheet("axes.labelcolor", func(s *display.Sheet) *display.Paint { return &s.Muted }),
		sheet("xtick.color", ticks), sheet("ytick.color", ticks), sheet("xtick.labelcolor", ticks), sheet("ytick.labelcolor", ticks),
		sheet("axes.edgecolor", func(s *display.Sheet) *display.Paint { return &s.Edge }),
		sheet("grid.color", func(s *display.Sheet) *display.Paint { return &s.Hairline }),
	}
}

func axisSettings() []setting {
	return []setting{
		toggle("axes.grid", func(s *Files, on bool) { s.grid = &on }),
		{"axes.grid.axis", func(s *Files, value string) error {
			if value != "both" && value != "x" && value != "y" {
				return fmt.Errorf("%q is no axis: want both, x or y", value)
			}
			s.gridAxis = value
			return nil
		}},
		{"grid.linestyle", func(s *Files, value string) error {
			var l display.Look
			err := lineStyle(&l, value)
			s.style.Sheet.Grid.Dash, s.noGridLine = l.Dash, l.NoLine
			return err
		}},
		size("grid.linewidth", mostStroke, func(s *Files, v float64) { s.style.Sheet.Grid.Width = pixels(v) }),
		size("axes.linewidth", mostStroke, func(s *Files, v float64) { s.style.Sheet.EdgeWidth = pixels(v) }),
		toggle("axes.spines.left", func(s *Files, on bool) { s.style.Sheet.Sides.Left = on }),
		toggle("axes.spines.bottom", func(s *Files, on bool) { s.style.Sheet.Sides.NoBottom = !on }),
		toggle("axes.spines.top", func(s *Files, on bool) { s.style.Sheet.Sides.Top = on }),
		toggle("axes.spines.right", func(s *Files, on bool) { s.style.Sheet.Sides.Right = on }),
	}
}

func sizeSettings() []setting {
	font := func(key string, of func(f *fontSizes) *fontSize) setting {
		return setting{key, func(s *Files, value string) (err error) {
			*of(&s.fonts), err = fontSizeOf(value)
			return err
		}}
	}
	title := func(f *fontSizes) *fontSize { return &f.title }
	tick := func(f *fontSizes) *fontSize { return &f.tick }
	return []setting{
		{"figure.figsize", figureSize},
		dots("figure.dpi"), dots("savefig.dpi"),
		size("font.size", mostFont, func(s *Files, v float64) { s.fonts.base = v }),
		font("axes.titlesize", title), font("figure.titlesize", title),
		font("axes.labelsize", func(f *fontSizes) *fontSize { return &f.label }),
		font("xtick.labelsize", tick), font("ytick.labelsize", tick),
		font("legend.fontsize", func(f *fontSizes) *fontSize { return &f.legend }),
	}
}

// pixels turns points into pixels of 1/96 inch.
func pixels(points float64) float64 { return points * 96 / 72 }

func paint(key string, to func(s *display.Stylesheet) *display.Paint) setting {
	return setting{key, func(s *Files, value string) error {
		switch strings.ToLower(value) {
		case "none", "auto", "inherit": // the house's
			*to(&s.style) = display.Paint{}
			return nil
		}
		p, err := paintOf(value)
		if err == nil {
			*to(&s.style) = p
		}
		return err
	}}
}

func size(key string, most float64, to func(s *Files, v float64)) setting {
	return setting{key, func(s *Files, value string) error {
		v, err := numberTo(most, value)
		if err == nil {
			to(s, v)
		}
		return err
	}}
}

// numberTo reads a number from 0 to most.
func numberTo(most float64, value string) (float64, error) {
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || !(v >= 0 && v <= most) {
		return 0, fmt.Errorf("%q is no number from 0 to %g", value, most)
	}
	return v, nil
}

// mostStroke bounds widths of lines, in points.
const mostStroke = 50

func toggle(key string, to func(s *Files, on bool)) setting {
	return setting{key, func(s *Files, value string) error {
		switch strings.ToLower(value) {
		case "true", "t", "yes", "y", "on", "1":
			to(s, true)
		case "false", "f", "no", "n", "off", "0":
			to(s, false)
		default:
			return fmt.Errorf("%q is neither True nor False", value)
		}
		return nil
	}}
}

// dots is a resolution; savefig's may be "figure", the other one's.
func dots(key string) setting {
	number := size(key, 1200, func(s *Files, v float64) { s.style.Sheet.DPI = int(v) })
	return setting{key, func(s *Files, value string) error {
		if value == "figure" {
			return nil
		}
		return number.set(s, value)
	}}
}

// figureSize reads "8, 6": inches.
func figureSize(s *Files, value string) error {
	width, height, _ := strings.Cut(value, ",")
	w, err1 := strconv.ParseFloat(strings.TrimSpace(width), 64)
	h, err2 := strconv.ParseFloat(strings.TrimSpace(height), 64)
	if err1 != nil || err2 != nil || !(w >= 2 && w <= 100 && h >= 1 && h <= 100) {
		return fmt.Errorf("%q is no width and height in inches, as 8, 6 is", value)
	}
	s.style.Sheet.Width, s.style.Sheet.Height = w*96, h*96
	return nil
}

// mostFont bounds sizes of text, in points.
const mostFont = 100

// fontSize is a size in points, or a factor of the common one; the zero value is the house's.
type fontSize struct{ points, factor float64 }

// fontSizes are those that files ask for.
type fontSizes struct {
	base                       float64 // points; 0: the house's
	title, label, tick, legend fontSize
}

// fontSizeOf reads points, or a word that stands in proportion to font.size.
func fontSizeOf(value string) (fontSize, error) {
	factor := map[string]float64{
		"xx-small": 0.579, "x-small": 0.694, "small": 0.833, "medium": 1, "large": 1.2, "x-large": 1.44, "xx-large": 1.728,
		"larger": 1.2, "smaller": 0.833,
	}[value]
	if factor > 0 {
		return fontSize{factor: factor}, nil
	}
	v, err := strconv.ParseFloat(value, 64)
	if err != nil || !(v >= 0 && v <= mostFont) {
		return fontSize{}, fmt.Errorf("%q is no size of text, as 8 or small is", value)
	}
	return fontSize{points: v}, nil
}

// housePoints is the common size of text where a style says nothing.
const housePoints = 9

// pixels are the sizes as a chart has them.
func (f *fontSizes) pixels() display.Fonts {
	of := func(s fontSize) float64 {
		base := f.base
		if base == 0 {
			base = housePoints
		}
		if s.factor > 0 {
			return pixels(base * s.factor)
		}
		return pixels(s.points)
	}
	return display.Fonts{Text: pixels(f.base), Title: of(f.title), Label: of(f.label), Tick: of(f.tick), Legend: of(f.legend)}
}
