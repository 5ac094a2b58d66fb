// Package style reads style files: matplotlib's ("lines.color : r"), and INI files with the same names, in sections or not
// ("[lines]", "color = r").
//
//	s := style.New()
//	err := s.Read(file, "red_o.mplstyle")   // several, one over the other
//	chart.Apply(s.Style())
//
// It takes what a chart of ours has, see setting.go: strokes, markers and the cycle of colours, the colours of page, area,
// text, ticks, axes and grid, which lines of the axes and the grid are drawn, size and resolution, sizes of text. What else
// a file sets is left out and listed in Unknown; what it sets wrongly is in Wrong. Nothing of a file is ever run.
package style

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Files collects style files.
type Files struct {
	style   display.Stylesheet
	unknown []string
	wrong   []string

	fonts      fontSizes
	grid       *bool  // axes.grid, if it is set
	gridAxis   string // axes.grid.axis
	noGridLine bool   // grid.linestyle None
}

// New is a style that changes nothing.
func New() *Files { return &Files{} }

// Style is what the files asked for.
func (s *Files) Style() *display.Stylesheet {
	s.style.Sheet.Fonts = s.fonts.pixels()
	if s.grid != nil {
		g := &s.style.Sheet.Grid
		g.None = !*s.grid || s.noGridLine
		g.Vertical, g.NoHorizontal = s.gridAxis != "y", s.gridAxis == "x"
	}
	return &s.style
}

// Unknown lists the settings that have no meaning here, each with its file and line.
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
		if err := k.set(s, unquoted(value)); err != nil {
			s.wrong = append(s.wrong, fmt.Sprintf("%s, line %d: %s: %v", name, line, key, err))
		}
		return
	}
	s.unknown = append(s.unknown, fmt.Sprintf("%s (%s, line %d)", key, name, line))
}

func unquoted(value string) string {
	if n := len(value); n > 1 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
		return value[1 : n-1]
	}
	return value
}
