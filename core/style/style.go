// Package style reads style files: matplotlib's ("lines.color : r"), and INI files with the same names, in sections or not
// ("[lines]", "color = r").
//
//	s := style.New()
//	err := s.Read(file, "red_o.mplstyle")   // several, one over the other
//	chart.Apply(s.Style())
//
// It takes what a chart of ours has: lines.color, lines.linestyle, lines.linewidth, lines.marker, lines.markersize,
// axes.prop_cycle, figure.figsize, figure.dpi and savefig.dpi, figure.facecolor, text.color, axes.labelcolor and
// xtick.color, axes.grid, grid.color. What else a file sets is left out and listed in Unknown; what it sets wrongly is in
// Wrong. Nothing of a file is ever run.
package style

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Files collects style files.
type Files struct {
	style   display.Stylesheet
	unknown []string
	wrong   []string
}

// New is a style that changes nothing.
func New() *Files { return &Files{} }

// Style is what the files asked for.
func (s *Files) Style() *display.Stylesheet { return &s.style }

// Unknown lists the settings that have no meaning here, in the order of the files.
func (s *Files) Unknown() []string { return s.unknown }

// Wrong says what is wrong with values, each with its file and line.
func (s *Files) Wrong() []string { return s.wrong }

// mostLine bounds the length of a line: it is a style file, no data.
const mostLine = 1 << 16

// Read reads a file; name is what it is called in remarks. An error is one of reading.
func (s *Files) Read(r io.Reader, name string) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, mostLine)
	section, number := "", 0
	for in.Scan() {
		number++
		line := strings.TrimSpace(uncommented(in.Text()))
		if line == "" {
			continue
		}
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			section = strings.TrimSpace(line[1 : len(line)-1])
			continue
		}
		key, value, ok := keyValue(line)
		if !ok {
			s.wrong = append(s.wrong, fmt.Sprintf("%s, line %d: %q is no setting, as lines.color : r is", name, number, line))
			continue
		}
		if section != "" && !strings.Contains(key, ".") {
			key = section + "." + key
		}
		s.set(name, number, key, value)
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("line %d: %w", number+1, err)
	}
	return nil
}

// uncommented is a line up to # or, at its beginning, ;. A # within quotes is none.
func uncommented(line string) string {
	if strings.HasPrefix(strings.TrimSpace(line), ";") {
		return ""
	}
	var quote rune
	for i, c := range line {
		switch {
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case quote == 0 && c == '#':
			return line[:i]
		}
	}
	return line
}

// keyValue parts a line at its first : or =.
func keyValue(line string) (key, value string, ok bool) {
	at := strings.IndexAny(line, ":=")
	if at <= 0 {
		return "", "", false
	}
	return strings.TrimSpace(line[:at]), strings.TrimSpace(line[at+1:]), true
}

// set takes one setting.
func (s *Files) set(name string, line int, key, value string) {
	for _, k := range known() {
		if k.key != key {
			continue
		}
		if err := k.set(&s.style, unquoted(value)); err != nil {
			s.wrong = append(s.wrong, fmt.Sprintf("%s, line %d: %s: %v", name, line, key, err))
		}
		return
	}
	s.unknown = append(s.unknown, key)
}

func unquoted(value string) string {
	if n := len(value); n > 1 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		return value[1 : n-1]
	}
	return value
}

// setting is one key and what it changes.
type setting struct {
	key string
	set func(s *display.Stylesheet, value string) error
}

// known is the table of the settings.
func known() []setting {
	paint := func(key string, to func(s *display.Stylesheet) *display.Paint) setting {
		return setting{key, func(s *display.Stylesheet, value string) (err error) {
			*to(s), err = paintOf(value)
			return err
		}}
	}
	size := func(key string, most float64, to func(s *display.Stylesheet, v float64)) setting {
		return setting{key, func(s *display.Stylesheet, value string) error {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil || !(v >= 0 && v <= most) {
				return fmt.Errorf("%q is no number from 0 to %g", value, most)
			}
			to(s, v)
			return nil
		}}
	}
	return []setting{
		paint("lines.color", func(s *display.Stylesheet) *display.Paint { return &s.Lines.Colour }),
		{"lines.linestyle", func(s *display.Stylesheet, value string) error { return lineStyle(&s.Lines, value) }},
		size("lines.linewidth", 50, func(s *display.Stylesheet, v float64) { s.Lines.Line = v * 96 / 72 }),
		{"lines.marker", func(s *display.Stylesheet, value string) (err error) {
			s.Lines.Marker, err = markerOf(value)
			return err
		}},
		size("lines.markersize", 100, func(s *display.Stylesheet, v float64) { s.Lines.Size = v * 96 / 72 }),
		{"axes.prop_cycle", func(s *display.Stylesheet, value string) (err error) {
			cycle, err := cycleOf(value)
			if err == nil {
				s.Cycle = cycle
			}
			return err
		}},
		{"figure.figsize", figureSize},
		size("figure.dpi", 1200, func(s *display.Stylesheet, v float64) { s.Sheet.DPI = int(v) }),
		size("savefig.dpi", 1200, func(s *display.Stylesheet, v float64) { s.Sheet.DPI = int(v) }),
		paint("figure.facecolor", func(s *display.Stylesheet) *display.Paint { return &s.Sheet.Page }),
		paint("savefig.facecolor", func(s *display.Stylesheet) *display.Paint { return &s.Sheet.Page }),
		paint("text.color", func(s *display.Stylesheet) *display.Paint { return &s.Sheet.Text }),
		paint("axes.labelcolor", func(s *display.Stylesheet) *display.Paint { return &s.Sheet.Muted }),
		paint("xtick.color", func(s *display.Stylesheet) *display.Paint { return &s.Sheet.Muted }),
		paint("grid.color", func(s *display.Stylesheet) *display.Paint { return &s.Sheet.Hairline }),
		{"axes.grid", func(s *display.Stylesheet, value string) error {
			on, err := strconv.ParseBool(strings.ToLower(value))
			s.Sheet.Grid.None = !on && err == nil
			return err
		}},
	}
}

// figureSize reads "8, 6": inches.
func figureSize(s *display.Stylesheet, value string) error {
	width, height, _ := strings.Cut(value, ",")
	w, err1 := strconv.ParseFloat(strings.TrimSpace(width), 64)
	h, err2 := strconv.ParseFloat(strings.TrimSpace(height), 64)
	if err1 != nil || err2 != nil || !(w >= 2 && w <= 100 && h >= 1 && h <= 100) {
		return fmt.Errorf("%q is no width and height in inches, as 8, 6 is", value)
	}
	s.Sheet.Width, s.Sheet.Height = w*96, h*96
	return nil
}
