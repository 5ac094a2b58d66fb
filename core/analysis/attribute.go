package analysis

import (
	"context"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Window is a span of time, both ends included, in ns since the epoch.
type Window struct{ From, To int64 }

// View says which part of a connection to draw.
type View struct {
	Column *trace.Column
	Dest   stream.Dest     // DestUnknown: both directions
	Skip   map[uint32]bool // TCP streams left out
	Window Window
}

// Attribute draws one column over time, a series for each subflow and direction. Sequence numbers are drawn as the spans
// of the payload that carries them, acknowledgements and windows as levels, everything else as dots.
func Attribute(ctx context.Context, t *trace.Trace, c *conn.Conn, v View) (*display.Chart, error) {
	column := v.Column
	d := &drawing{trace: t, column: column, of: c, window: v.Window}
	for _, towards := range ConnDirections(v.Dest) {
		for ordinal := range c.Subflows {
			if v.Skip[c.Subflows[ordinal].Stream] {
				continue
			}
			if err := d.subflow(ctx, ordinal, towards); err != nil {
				return nil, err
			}
		}
	}
	chart := &display.Chart{
		Title: fmt.Sprintf("%s · connection %d", column.Label, c.ID),
		X:     display.Axis{Label: "Time", Unit: display.Nanoseconds, Base: uint64(t.Capture.First)},
		Y:     display.Axis{Label: column.Label, Unit: columnUnit(column)},
	}
	chart.Y.Base = d.base()
	for _, p := range append(d.lines, d.reinjections...) {
		chart.Series = append(chart.Series, p.series(chart.Y.Base))
	}
	if len(chart.Series) == 0 {
		chart.Notes = append(chart.Notes, fmt.Sprintf("no packet drawn here has %s; tcpseq is there for every connection", column.Name))
	}
	return chart, nil
}

// drawing collects the points of one column of one connection.
type drawing struct {
	trace        *trace.Trace
	column       *trace.Column
	of           *conn.Conn
	window       Window
	lines        []*points
	reinjections []*points
}

// points are one series before its numbers are made relative to the axis' base.
type points struct {
	display.Series
	y, y2 []uint64
}

func (p *points) add(x int64, y uint64, frame uint32) {
	p.X = append(p.X, x)
	p.y = append(p.y, y)
	p.Frame = append(p.Frame, frame)
}

// series gives the numbers as offsets from base, which a float64 holds exactly.
func (p *points) series(base uint64) display.Series {
	s := p.Series
	s.Y = offsets(p.y, base)
	if p.y2 != nil {
		s.Y2 = offsets(p.y2, base)
	}
	return s
}

func offsets(values []uint64, base uint64) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(int64(v - base))
	}
	return out
}

// exact is the largest integer up to which float64 holds every integer.
const exact = 1 << 53

// base is 0, or the smallest value where numbers are too large for a float64.
func (d *drawing) base() uint64 {
	low, high := ^uint64(0), uint64(0)
	for _, p := range d.lines {
		for _, v := range p.y {
			low, high = min(low, v), max(high, v)
		}
	}
	if high <= exact {
		return 0
	}
	return low
}

// cancelEvery is how many rows are read between two looks at the context.
const cancelEvery = 1 << 16

// subflow reads the points of one subflow one way.
func (d *drawing) subflow(ctx context.Context, ordinal int, towards stream.Dest) error {
	part := &d.of.Subflows[ordinal]
	id := part.Stream
	line := &points{Series: display.Series{
		Name:   fmt.Sprintf("%d · %s", id, flowName(&d.trace.Streams[id], subflowToward(part, towards))),
		Group:  ordinal,
		Dashed: towards == stream.Client,
		Mark:   markOf(d.column.Name),
		Thin:   markOf(d.column.Name) == display.Steps,
	}}
	var row trace.Row
	for i, r := range d.trace.StreamRows(id) {
		if i%cancelEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		d.trace.Row(int(r), &row)
		if row.ConnDest == towards && row.Time >= d.window.From && row.Time <= d.window.To {
			d.point(line, &row)
		}
	}
	if len(line.X) > 0 {
		d.lines = append(d.lines, line)
	}
	return nil
}

// point adds what a packet contributes.
func (d *drawing) point(line *points, row *trace.Row) {
	v, ok := d.column.Uint(&trace.Context{Interfaces: d.trace.Interfaces}, row)
	if !ok {
		return
	}
	x := row.Time - d.trace.Capture.First
	if line.Mark == display.Segments {
		length := spanOf(d.column.Name, row)
		if length == 0 {
			return
		}
		line.y2 = append(line.y2, v+length)
		if len(row.ReinjectionOf) > 0 && d.column.Name != "tcpseq" {
			d.reinjection(row, x, v)
		}
	}
	line.add(x, v, row.Frame)
}

// reinjection marks a packet whose data another subflow had carried, in the colour of that subflow.
func (d *drawing) reinjection(row *trace.Row, x int64, v uint64) {
	from := d.ordinalOf(row.ReinjectionOf[0])
	for _, p := range d.reinjections {
		if p.Group == from {
			p.add(x, v, row.Frame)
			return
		}
	}
	p := &points{Series: display.Series{Name: fmt.Sprintf("reinjected from %d", d.of.Subflows[from].Stream), Group: from, Mark: display.Reinject}}
	p.add(x, v, row.Frame)
	d.reinjections = append(d.reinjections, p)
}

// ordinalOf is the ordinal of the subflow that carried a packet of the connection.
func (d *drawing) ordinalOf(packet uint32) int {
	var row trace.Row
	d.trace.Row(int(packet)-1, &row)
	return row.Ordinal
}

// flowName writes where a direction comes from and goes to.
func flowName(s *stream.Stream, towards stream.Dest) string {
	if towards == stream.Client {
		return fmt.Sprintf("%s → %s", s.Server, s.Client)
	}
	return endpoints(s)
}

// markOf is how a column is drawn.
func markOf(column string) display.Mark {
	switch column {
	case "dsn", "dsnraw64", "tcpseq", "dss_dsn":
		return display.Segments
	case "dack", "dss_rawack", "tcpack", "rwnd":
		return display.Steps
	}
	return display.Dots
}

// spanOf is the length of what a row's sequence number stands for: its payload, or its mapping.
func spanOf(column string, row *trace.Row) uint64 {
	if column == "dss_dsn" {
		return uint64(row.DSS.Length)
	}
	return uint64(row.Len)
}

// columnUnit is the unit of a column's axis.
func columnUnit(c *trace.Column) display.Unit {
	switch {
	case c.Type == trace.Nanoseconds:
		return display.Nanoseconds
	case c.Unit == "bytes":
		return display.Bytes
	case markOf(c.Name) == display.Segments || markOf(c.Name) == display.Steps:
		return display.SequenceNumber
	}
	return display.None
}
