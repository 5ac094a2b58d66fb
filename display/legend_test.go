package display_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

func subflows(n int) *display.Chart {
	c := &display.Chart{}
	for i := range n {
		for _, back := range []bool{false, true} {
			name := fmt.Sprintf("%d · 10.0.%d.1:1 → 10.0.0.2:2", i, i)
			c.Series = append(c.Series, display.Series{Name: name, Group: i, Dashed: back, Mark: display.Dots, X: []int64{1}, Y: []float64{float64(i)}})
			if back {
				c.Series[len(c.Series)-1].Name += " back"
			}
		}
		c.Series = append(c.Series, display.Series{Name: "data", Group: i, Mark: display.Event, X: []int64{1}, Y: []float64{0}, Labels: []string{"MP_JOIN"}})
	}
	return c
}

func names(c *display.Chart, short bool) (string, int) {
	var all []string
	entries, more := c.Legend(short)
	for _, e := range entries {
		all = append(all, e.Name)
	}
	return strings.Join(all, "|"), more
}

func TestLegend(t *testing.T) {
	few := subflows(2)
	few.Series = append(few.Series, display.Series{Name: "nothing drawn"})
	if got, _ := names(few, false); got != "0 · 10.0.0.1:1 → 10.0.0.2:2|0 · 10.0.0.1:1 → 10.0.0.2:2 back|MP_JOIN|1 · 10.0.1.1:1 → 10.0.0.2:2|1 · 10.0.1.1:1 → 10.0.0.2:2 back" {
		t.Errorf("legend of two subflows: %s", got)
	}
	if got, _ := names(few, true); got != "subflow 0|subflow 0 ←|MP_JOIN|subflow 1|subflow 1 ←" {
		t.Errorf("short legend: %s", got)
	}
	if entries, _ := few.Legend(false); !entries[2].Shared || entries[0].Shared {
		t.Error("the sign of both subflows is not shared, or that of one is")
	}
	if got, more := names(subflows(40), false); !strings.HasPrefix(got, "0|0 ←|MP_JOIN|1|") || more != 0 {
		t.Errorf("legend of forty subflows: %s and %d", got, more)
	}
	if got, more := names(subflows(1000), false); strings.Count(got, "|") != 95 || more != 2001-96 {
		t.Errorf("legend of a thousand subflows: %d entries and %d", strings.Count(got, "|")+1, more)
	}
}

// Thousands of subflows become few series that keep every point.
func TestGather(t *testing.T) {
	c := subflows(1000)
	points := func() (n int) {
		for i := range c.Series {
			n += c.Series[i].Len()
		}
		return n
	}
	before := points()
	c.Gather()
	if points() != before || len(c.Series) != 24 || len(c.Notes) != 1 {
		t.Errorf("%d series with %d points of %d, notes %q", len(c.Series), points(), before, c.Notes)
	}
	if s := &c.Series[0]; s.Label(1) != "8 · 10.0.8.1:1 → 10.0.0.2:2" || s.Y[1] != 8 {
		t.Errorf("the second point of the first colour is %q at %v", s.Label(1), s.Y[1])
	}
	small := subflows(3)
	if small.Gather(); len(small.Series) != 9 {
		t.Errorf("a small chart has %d series", len(small.Series))
	}
}

func TestGatherBreaksLines(t *testing.T) {
	c := &display.Chart{}
	for i := range 500 {
		c.Series = append(c.Series, display.Series{Name: fmt.Sprint(i), Group: i, Mark: display.Line, X: []int64{1, 2}, Y: []float64{1, 2}})
		c.Series = append(c.Series, display.Series{Name: fmt.Sprint(i), Group: i, Mark: display.Stack, X: []int64{1, 2}, Y: []float64{1, 2}})
	}
	c.Gather()
	line, stack := &c.Series[0], &c.Series[1]
	if line.Len() != 63*3-1 || line.Y[2] == line.Y[2] {
		t.Errorf("%d points, the third %v", line.Len(), line.Y[2])
	}
	if stack.Len() != 2 || stack.Y[1] != 2*63 {
		t.Errorf("the stack has %d points, %v", stack.Len(), stack.Y)
	}
}
