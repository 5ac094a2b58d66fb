// Package echarts makes charts interactive: for notebooks, for the page in the browser and as files, offline.
//
// A chart becomes a payload: the option, which go-echarts builds in one place (option.go), and beside it the points as
// compact columns (data.go) in one or more levels of detail. One script, mptcp-chart.js (assets/chart), joins the two and
// calls ECharts; it is the same in all faces. go-echarts' own HTML writers are not used: they run what a capture names.
//
//   - Page and Window give JSON to the page, which loads Library and Script as files and draws with
//     globalThis[Symbol.for("mptcp.chart")].draw (see assets/chart/chart.js).
//   - Notebook gives the text/html output of a notebook: the picture and, where a script may run, the chart instead.
//   - File gives a document that needs nothing else.
//
// Text of a capture is never code: JSON is written with <, > and & escaped and drawn on a canvas or set as text content.
// The same chart gives the same bytes. The package draws no pictures; the face brings the one that Notebook shows.
package echarts

import (
	"hash/fnv"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// firstWidth is the width in pixels that the coarsest level of detail is made for: a chart as it is first seen.
const firstWidth = 900

// outputBudget is how many bytes an output on its own has for its points, its picture and the library, where it carries
// them: with what else it holds it stays below half a megabyte. What does not fit is made coarser, down to pointsBudget and
// coarsestWidth.
const (
	outputBudget  = 470_000
	pointsBudget  = 60_000
	coarsestWidth = 300
)

// mostLevels is how many levels such an output has at most.
const mostLevels = 3

// ID is a name for a chart in a document: the same for the same ID, titles and command, of letters and digits only.
func ID(c *display.Chart) string {
	h := fnv.New64a()
	for _, s := range []string{c.ID, c.Title, c.Subtitle, c.Command} {
		h.Write([]byte(s + "\x00"))
	}
	return "mptcp-" + strconv.FormatUint(h.Sum64(), 36)
}

// Page is the payload for the page, which asks for Window when the user looks closer.
func Page(c *display.Chart) ([]byte, error) {
	prepared := prepare(c)
	p, err := newPayload(prepared)
	if err != nil {
		return nil, err
	}
	p.Levels = []level{newLevel(prepared, display.Window{}, firstWidth)}
	return encode(p)
}

// Window is a level of detail for a part of a chart at a width in pixels. Its series are those of the chart's payload.
func Window(c *display.Chart, w display.Window, width int) ([]byte, error) {
	return encode(newLevel(prepare(c), w, min(max(width, 1), 10_000)))
}

// whole is the payload of an output on its own, which can ask nobody for more: with as many levels as help and fit.
func whole(c *display.Chart, budget int) ([]byte, error) {
	prepared := prepare(c)
	p, err := newPayload(prepared)
	if err != nil {
		return nil, err
	}
	option, err := encode(p)
	if err != nil {
		return nil, err
	}
	budget -= len(option)
	width := firstWidth
	l := newLevel(prepared, display.Window{}, width)
	for l.size() > budget && l.Marks < l.Points && width > coarsestWidth {
		width = width * 3 / 4
		l = newLevel(prepared, display.Window{}, width)
	}
	p.Levels = []level{l}
	used := l.size()
	for len(p.Levels) < mostLevels && l.Marks < l.Points {
		finer, ok := finerLevel(prepared, width, budget-used)
		if !ok {
			break
		}
		p.Levels = append(p.Levels, finer)
		l, used, width = finer, used+finer.size(), finer.Width
	}
	return encode(p)
}

// finerLevel is a level for two to four times the width, the finest that fits the budget; false where none does.
func finerLevel(c *display.Chart, width, budget int) (level, bool) {
	for factor := 4; factor >= 2; factor-- {
		if l := newLevel(c, display.Window{}, factor*width); l.size() <= budget {
			return l, true
		}
	}
	return level{}, false
}

// size is about how many bytes a level takes in an output.
func (l *level) size() int {
	total := 0
	for i := range l.Series {
		s := &l.Series[i]
		for _, c := range []*column{s.X, s.Y, s.Length, s.Frame, s.Label, s.Count} {
			total += c.size()
		}
	}
	return total
}

func (c *column) size() int {
	if c == nil {
		return 0
	}
	n := len(c.Bytes) + c.Index.size() + c.Same.size()
	for _, s := range c.Texts {
		n += len(s) + len(`"",`)
	}
	return n
}
