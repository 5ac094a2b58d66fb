package bridge

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
)

// Window is the part of a chart that is wanted, and for what width in pixels it is reduced. From and To are offsets on
// the X axis, in its unit; both 0 stand for the whole.
type Window struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Width int     `json:"width"`
}

// draw keeps a chart and emits it, reduced to what a screen can show. Of a chart without anything on it only the notes are
// left, which say why.
func (b *Bridge) draw(c *display.Chart, out *output) error {
	if _, ok := c.Extent(); !ok && len(c.Notes) > 0 {
		for _, n := range c.Notes {
			out.send(noteEvent{Event: "note", Body: n})
		}
		return nil
	}
	e, err := b.presentChart(c)
	if err != nil {
		return err
	}
	out.send(e)
	return nil
}

// presentChart keeps a chart and introduces it.
func (b *Bridge) presentChart(c *display.Chart) (*chartEvent, error) {
	payload, err := echarts.Page(c)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	b.charts[b.last] = c
	return &chartEvent{Event: "chart", Handle: b.last, Command: c.Command, Notes: c.Notes, Payload: payload}, nil
}

// points answers with what is drawn on a chart, as a table.
func (b *Bridge) points(r *Request, out *output) error {
	b.mu.Lock()
	c := b.charts[r.Handle]
	b.mu.Unlock()
	if c == nil {
		return fmt.Errorf("there is no chart %d", r.Handle)
	}
	out.send(b.present(c.Table(), nil))
	return nil
}

// redraw answers with a window of a chart.
func (b *Bridge) redraw(r *Request, out *output) error {
	b.mu.Lock()
	c := b.charts[r.Handle]
	b.mu.Unlock()
	if c == nil {
		return fmt.Errorf("there is no chart %d", r.Handle)
	}
	w := display.Window{From: offset(r.Window.From, math.Floor), To: offset(r.Window.To, math.Ceil)}
	level, err := echarts.Window(c, w, r.Window.Width)
	if err != nil {
		return err
	}
	out.send(windowEvent{Event: "window", Handle: r.Handle, Level: level})
	return nil
}

// offset makes a whole number of what a screen's coordinates gave, within the range of offsets.
func offset(v float64, round func(float64) float64) int64 {
	const most = 1 << 62
	if math.IsNaN(v) {
		return 0
	}
	return int64(min(max(round(v), -most), most))
}

// chartEvent introduces a chart. Payload is what the chart script draws.
type chartEvent struct {
	Event   string          `json:"event"` // "chart"
	Handle  int             `json:"handle"`
	Command string          `json:"command"`
	Notes   []string        `json:"notes,omitempty"`
	Payload json.RawMessage `json:"payload"`
}

// windowEvent answers "chart". Level goes into the chart script.
type windowEvent struct {
	Event  string          `json:"event"` // "window"
	Handle int             `json:"handle"`
	Level  json.RawMessage `json:"level"`
}
