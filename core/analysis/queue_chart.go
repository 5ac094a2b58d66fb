package analysis

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// ReorderQueue draws the data that a receiver holds as a byte before it is missing: all of it, and what each subflow
// brought.
func ReorderQueue(ctx context.Context, s *Scope) (*display.Chart, error) {
	stalls, err := NewStalls(ctx, s.Trace, s.Conn)
	if err != nil {
		return nil, err
	}
	chart := s.chart("Data held by the receiver", display.Axis{Label: "Held", Unit: display.Bytes})
	for _, towards := range ConnDirections(s.Dest) {
		r := &stalls.Toward[towards]
		all := s.whole("all", towards)
		s.levels(&all, r.Queue)
		chart.Series = append(chart.Series, all)
		for _, lane := range s.lanesToward(towards) {
			part := lane.Series(display.Steps)
			part.Name = "brought by " + lane.Name()
			s.levels(&part, r.Parts[lane.Ordinal])
			chart.Series = append(chart.Series, part)
		}
	}
	chart.Series = withValues(chart.Series)
	chart.Notes = append(chart.Notes, stalls.chartNotes(s.Dest, len(chart.Series) == 0)...)
	return chart, nil
}

// levels adds what a queue held after each packet in scope.
func (s *Scope) levels(to *display.Series, list []Level) {
	var row trace.Brief
	for _, l := range list {
		if s.showsRow(&row, l.Row) {
			s.at(to, l.Time, row.Frame, float64(l.Bytes))
		}
	}
}

// showsRow reads a row and says whether it is among those asked for.
func (s *Scope) showsRow(r *trace.Brief, row uint32) bool {
	s.Trace.Brief(row, r)
	return s.showsBrief(r)
}

// HeadOfLine draws how long data waited at the receiver for a byte before it: a dot for each segment that waited, when it
// arrived, in the colour of the subflow that it waited for.
func HeadOfLine(ctx context.Context, s *Scope) (*display.Chart, error) {
	stalls, err := NewStalls(ctx, s.Trace, s.Conn)
	if err != nil {
		return nil, err
	}
	chart := s.chart("Head-of-line blocking", display.Axis{Label: "Wait from arrival to delivery", Unit: display.Nanoseconds})
	for _, towards := range ConnDirections(s.Dest) {
		for _, lane := range s.lanesToward(towards) {
			dots := lane.Series(display.Dots)
			dots.Name = "waits for " + lane.Name()
			s.waits(&dots, &stalls.Toward[towards], lane.Ordinal)
			chart.Series = append(chart.Series, dots)
		}
		unseen := display.Series{Name: "waits for data that was not captured, towards the " + towards.End(), Group: display.Connection, Dashed: towards == stream.Client,
			Mark: display.Dots}
		s.waits(&unseen, &stalls.Toward[towards], -1)
		chart.Series = append(chart.Series, unseen)
	}
	chart.Series = withPoints(chart.Series)
	chart.Notes = append(chart.Notes, stalls.chartNotes(s.Dest, len(chart.Series) == 0)...)
	return chart, nil
}

// waits adds the data that waited for a subflow.
func (s *Scope) waits(to *display.Series, r *Delivery, ordinal int) {
	var row trace.Brief
	for _, w := range r.Waited {
		if w.For == ordinal && s.showsRow(&row, w.Row) {
			s.at(to, w.Arrived, row.Frame, float64(w.Wait))
		}
	}
	ascendingX(to)
}

// chartNotes say from where arrivals were seen, and what it means that nothing is drawn.
func (s *Stalls) chartNotes(dest stream.Dest, empty bool) (notes []string) {
	if empty {
		notes = append(notes, "no data had to wait: all of it arrived in order")
	}
	for _, r := range s.directions(dest) {
		if !r.Sight && r.Held > 0 {
			notes = append(notes, fmt.Sprintf("towards the %s arrivals are known by acks and SACK blocks", r.dest.End()))
		}
	}
	return notes
}

// ascendingX orders the points of a series by time.
func ascendingX(s *display.Series) {
	order := make([]int, len(s.X))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.X[a], s.X[b]) })
	x, y, frame := make([]int64, len(order)), make([]float64, len(order)), make([]uint32, len(order))
	for to, from := range order {
		x[to], y[to], frame[to] = s.X[from], s.Y[from], s.Frame[from]
	}
	s.X, s.Y, s.Frame = x, y, frame
}
