package analysis

import (
	"context"
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Attribute draws columns over time, a panel for each, a series for each direction of each stream. Sequence numbers are
// drawn as the spans of the payload that carries them, acknowledgements and windows as levels, everything else as dots.
func Attribute(ctx context.Context, s *Scope, columns []*trace.Column) (*display.Chart, error) {
	var labels []string
	var chart *display.Chart
	for panel, column := range columns {
		if chart == nil {
			chart = s.chart("", display.Axis{})
		} else {
			chart.Panels = append(chart.Panels, display.Axis{})
		}
		labels = append(labels, column.Label)
		if err := attributePanel(ctx, s, column, chart, panel); err != nil {
			return nil, err
		}
	}
	chart.Title = s.title(strings.Join(labels, " / "))
	return chart, nil
}

// attributePanel draws one column into a panel that is there already.
func attributePanel(ctx context.Context, s *Scope, column *trace.Column, chart *display.Chart, panel int) error {
	d := &drawing{Scope: s, column: column, carried: newCarriers(s)}
	for _, lane := range s.Lanes() {
		if err := d.lane(ctx, &lane); err != nil {
			return err
		}
	}
	axis := &chart.Y
	if panel > 0 {
		axis = &chart.Panels[panel-1]
	}
	*axis = display.Axis{Label: column.Label, Unit: columnUnit(column), Base: baseOf(d.lines), Absolute: s.Raw}
	for _, p := range append(d.lines, d.carried.list()...) {
		made := p.series(axis.Base)
		made.Panel = panel
		chart.Series = append(chart.Series, made)
	}
	if len(d.lines) == 0 {
		chart.Notes = append(chart.Notes, fmt.Sprintf("no packet drawn here has %s; tcpseq is there for every connection", column.Name))
	}
	return nil
}

// drawing collects the points of one column.
type drawing struct {
	*Scope
	column  *trace.Column
	lines   []*points
	carried carriers
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

// baseOf is 0, or the smallest value where numbers are too large for a float64.
func baseOf(lines []*points) uint64 {
	low, high := ^uint64(0), uint64(0)
	for _, p := range lines {
		for _, v := range p.y {
			low, high = min(low, v), max(high, v)
		}
	}
	if high <= exact {
		return 0
	}
	return low
}

// lane reads the points of one direction.
func (d *drawing) lane(ctx context.Context, lane *Lane) error {
	mark := markOf(d.column.Name)
	line := &points{Series: lane.Series(mark)}
	line.Thin = mark == display.Steps
	err := d.each(ctx, d.Trace.StreamRows(lane.Stream), func(r *trace.Row) {
		if r.Dest == lane.Dest && d.shows(r) {
			d.point(line, r)
		}
	})
	if len(line.X) > 0 {
		d.lines = append(d.lines, line)
	}
	return err
}

// point adds what a packet contributes.
func (d *drawing) point(line *points, row *trace.Row) {
	v, ok := d.column.Uint(&trace.Context{Interfaces: d.Trace.Interfaces}, row)
	if !ok {
		return
	}
	x := d.x(row.Time)
	if line.Mark == display.Segments {
		length := spanOf(d.column.Name, row)
		if length == 0 {
			return
		}
		line.y2 = append(line.y2, v+length)
		if len(row.ReinjectionOf) > 0 && d.Conn != nil && d.column.Name != "tcpseq" {
			d.carried.add(row, x, v)
		}
	}
	line.add(x, v, row.Frame)
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
