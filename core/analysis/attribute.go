package analysis

import (
	"context"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Attribute draws columns over time, a panel for each, a series for each direction of each stream. Sequence numbers are
// drawn as the spans of the payload that carries them, acknowledgements and windows as levels, everything else as dots.
func Attribute(ctx context.Context, s *Scope, columns []*trace.Column) (*display.Chart, error) {
	chart := s.chart("", display.Axis{})
	var labels []string
	panel := 0
	for _, column := range columns {
		labels = append(labels, column.Label)
		for _, part := range s.comparable(column) {
			axis, any, err := part.attribute(ctx, column, chart, panel)
			if err != nil {
				return nil, err
			}
			if !any && part.Scope != s {
				continue
			}
			axis.Label += part.words
			if part.Dest != s.Dest {
				axis.Label += ", towards the " + part.Dest.End()
			}
			if panel == 0 {
				chart.Y = axis
			} else {
				chart.Panels = append(chart.Panels, axis)
			}
			panel++
		}
	}
	chart.Title = s.title(strings.Join(labels, " / "))
	if len(chart.Series) == 0 {
		chart.Y.Label = strings.Join(labels, " / ")
		chart.Notes = append(chart.Notes, "no packet drawn here has this; tcpseq is there for every connection")
	}
	return chart, nil
}

// facet is a part of a scope that has an axis of its own, and how the axis is told from the others.
type facet struct {
	*Scope
	words string
}

// comparable parts a scope where values are too far apart for one axis: whole data sequence numbers, which begin anywhere
// in 64 bits, by direction, and those that an option gives in 32 or in 64 bits by that.
func (s *Scope) comparable(column *trace.Column) []facet {
	inOption := column.Name == "dss_dsn" || column.Name == "dss_rawack"
	whole := inOption || column.Name == "dsnraw64" || s.Raw && (column.Name == "dsn" || column.Name == "dack")
	if !whole {
		return []facet{{Scope: s}}
	}
	var parts []facet
	for _, towards := range ConnDirections(s.Dest) {
		one := *s
		one.Dest = towards
		if !inOption {
			parts = append(parts, facet{Scope: &one})
			continue
		}
		for _, wide := range []bool{true, false} {
			of := one
			of.Keep = func(r *trace.Row) bool {
				return (column.Name == "dss_dsn" && r.DSS.DSN8 || column.Name == "dss_rawack" && r.DSS.Ack8) == wide && (s.Keep == nil || s.Keep(r))
			}
			parts = append(parts, facet{Scope: &of, words: map[bool]string{true: ", 64 bits", false: ", 32 bits"}[wide]})
		}
	}
	return parts
}

// attribute draws one column into a panel, and gives the panel's axis.
func (s *Scope) attribute(ctx context.Context, column *trace.Column, chart *display.Chart, panel int) (axis display.Axis, any bool, err error) {
	axis = display.Axis{Label: column.Label, Unit: columnUnit(column), Absolute: s.Raw}
	d := &drawing{Scope: s, column: column, mark: markOf(column.Name)}
	if d.marksReinjections() {
		if d.carried, err = newCarriers(ctx, s); err != nil {
			return axis, false, err
		}
	}
	if err := d.lanes(ctx); err != nil {
		return axis, false, err
	}
	if d.mark == display.Segments && len(d.lines) == 0 { // no data travels this way: what comes next is all there is
		d.mark = display.Steps
		if err := d.lanes(ctx); err != nil {
			return axis, false, err
		}
		if !slices.ContainsFunc(d.lines, func(p *points) bool { return len(p.X) > 1 }) { // a SYN's at most: a dot in the corner of an empty axis
			d.lines = nil
		} else {
			chart.Notes = append(chart.Notes, "no data is drawn here: these are the numbers that its packets say come next")
		}
	}
	axis.Base = baseOf(d.lines)
	axis.Absolute = axis.Base != 0 || s.Raw
	for _, p := range append(d.lines, d.carried.list()...) {
		made := p.series(axis.Base)
		made.Panel = panel
		chart.Series = append(chart.Series, made)
	}
	return axis, len(d.lines) > 0, nil
}

// drawing collects the points of one column.
type drawing struct {
	*Scope
	column  *trace.Column
	mark    display.Mark
	lines   []*points
	carried carriers
	zero    uint64 // of the lane being read: what --raw adds
	narrow  bool   // to numbers of 32 bits
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

// lanes reads the points of all directions.
func (d *drawing) lanes(ctx context.Context) error {
	for _, lane := range d.Lanes() {
		if err := d.lane(ctx, &lane); err != nil {
			return err
		}
	}
	return nil
}

// lane reads the points of one direction.
func (d *drawing) lane(ctx context.Context, lane *Lane) error {
	line := &points{Series: lane.Series(d.mark)}
	line.Thin = d.mark == display.Steps
	d.zero, d.narrow = 0, false
	if d.Raw {
		d.zero, d.narrow = d.initial(lane)
	}
	err := d.each(ctx, d.laneRows(lane), func(r *trace.Row) {
		if r.Dest == lane.Dest && d.shows(r) {
			d.point(line, r)
		}
	})
	if len(line.X) > 0 {
		d.lines = append(d.lines, line)
	}
	return err
}

// marksReinjections reports whether the packets that are reinjections are marked: where data is drawn by its data sequence numbers.
func (d *drawing) marksReinjections() bool {
	return d.mark == display.Segments && d.column.Name != "tcpseq"
}

// point adds what a packet contributes.
func (d *drawing) point(line *points, row *trace.Row) {
	v, ok := d.column.Uint(&trace.Context{Interfaces: d.Trace.Interfaces}, row)
	if !ok {
		return
	}
	v += d.zero
	if d.narrow {
		v = uint64(uint32(v))
	}
	x := d.x(row.Time)
	if line.Mark == display.Segments {
		length := spanOf(d.column.Name, row)
		if length == 0 {
			return
		}
		line.y2 = append(line.y2, v+length)
		if d.marksReinjections() {
			d.carried.add(row, x, v)
		}
	}
	line.add(x, v, row.Frame)
}

// initial is what the numbers of the column count from on a lane: an initial sequence number, 0 where they count from
// nothing. narrow says that they have 32 bits.
func (d *drawing) initial(lane *Lane) (zero uint64, narrow bool) {
	back := Lane{Stream: lane.Stream, Dest: lane.Dest.Other()}
	switch d.column.Name {
	case "tcpseq":
		return d.numbersOf(lane, lane.Towards).zero, true
	case "tcpack":
		return d.numbersOf(&back, lane.Towards).zero, true
	case "dsn":
		return d.dataNumbers(lane.Towards), false
	case "dack":
		return d.dataNumbers(lane.Towards.Other()), false
	}
	return 0, false
}

// dataNumbers is the initial data sequence number of what travels to an end, 0 for a TCP stream by itself.
func (d *drawing) dataNumbers(towards stream.Dest) uint64 {
	if d.Conn == nil {
		return 0
	}
	return d.numbersOf(nil, towards).zero
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
