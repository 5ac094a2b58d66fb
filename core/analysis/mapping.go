package analysis

import (
	"context"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Mappings draws the data sequence mappings that DSS options announce (RFC 8684 section 3.3.1), one span an option, as
// often as it is announced. With acks it draws the data acks that answer, for each subflow that carries them. Scope.Dest
// must name the direction.
func Mappings(ctx context.Context, s *Scope, acks bool) (*display.Chart, error) {
	chart := s.chart("Data sequence mappings", display.Axis{
		Label: "Data sequence number", Unit: display.SequenceNumber, Base: dataZero(s.Conn, s.Dest), Absolute: s.Raw,
	})
	events := display.Series{Name: "events", Group: display.Connection, Mark: display.Event}
	answers := map[uint32]*display.Series{}
	for _, lane := range s.lanesToward(s.Dest) {
		l := lane.Series(display.Segments)
		l.Dashed = false // there is one direction only
		answer := lane.Series(display.Steps)
		answer.Name, answer.Thin, answer.Dashed = fmt.Sprintf("data ack on %d", lane.Stream), true, false
		answers[lane.Stream] = &answer
		err := s.mappings(ctx, &lane, func(r *trace.Row, dsn uint64) {
			y := float64(int64(dsn - chart.Y.Base))
			if r.DSS.Infinite() {
				s.at(&events, r.Time, r.Frame, y)
				events.Labels = append(events.Labels, "infinite mapping")
				return
			}
			l.Y2 = append(l.Y2, y+float64(r.DSS.Length))
			s.at(&l, r.Time, r.Frame, y)
			l.Labels = append(l.Labels, mappingLabel(r))
		})
		if err != nil {
			return nil, err
		}
		chart.Series = append(chart.Series, l)
	}
	if acks {
		if err := s.dataAcks(ctx, answers, chart.Y.Base); err != nil {
			return nil, err
		}
	}
	for _, lane := range s.lanesToward(s.Dest) {
		chart.Series = append(chart.Series, *answers[lane.Stream])
	}
	chart.Series = withPoints(append(chart.Series, events))
	return chart, nil
}

// mappingLabel says what is special about a mapping.
func mappingLabel(r *trace.Row) string {
	switch {
	case r.DSS.DataFIN && r.DSS.SSN == 0:
		return "DATA_FIN alone"
	case r.DSS.DataFIN:
		return "with DATA_FIN"
	case r.Len == 0:
		return "without payload"
	}
	return ""
}

// mappings visits the packets of a lane that announce a mapping, with its 64-bit data sequence number.
func (s *Scope) mappings(ctx context.Context, lane *Lane, visit func(r *trace.Row, dsn uint64)) error {
	near := dataZero(s.Conn, lane.Towards) // a 64-bit number not far from what is announced, to complete 32-bit ones where the upper half is unknown
	return s.each(ctx, s.laneRows(lane), func(r *trace.Row) {
		if r.Dest != lane.Dest {
			return
		}
		if r.HasDSN {
			near = r.DSN
		}
		if !r.HasDSS || !r.DSS.HasMapping {
			return
		}
		dsn, ok := s.Trace.MappingDSN(r.ID-1, &r.DSS)
		if !ok {
			dsn = mptcp.Expand(near, uint32(r.DSS.DSN))
		}
		if s.shows(r) {
			visit(r, dsn)
		}
	})
}

// dataAcks collects the data acks that answer what travels to Scope.Dest, by the stream that carries them.
func (s *Scope) dataAcks(ctx context.Context, to map[uint32]*display.Series, base uint64) error {
	return s.eachBrief(ctx, s.rows(), func(r *trace.Brief) {
		if answer := to[r.Stream]; answer != nil && r.HasDACK && r.ConnDest == s.Dest.Other() && s.showsBrief(r) {
			s.point(answer, r, float64(int64(r.DACK-base)))
		}
	})
}

// MappingLengths draws the lengths of the mappings that DSS options announce, as a value an option.
func MappingLengths(ctx context.Context, s *Scope) (*display.Chart, error) {
	chart := s.chart("DSS lengths", display.Axis{Label: "Length of the mapping", Unit: display.Bytes})
	for _, towards := range ConnDirections(s.Dest) {
		lengths := s.whole("mappings", towards)
		lengths.Mark = display.Dots
		for _, lane := range s.lanesToward(towards) {
			err := s.mappings(ctx, &lane, func(r *trace.Row, _ uint64) {
				s.at(&lengths, r.Time, r.Frame, float64(r.DSS.Length))
			})
			if err != nil {
				return nil, err
			}
		}
		chart.Series = append(chart.Series, lengths)
	}
	chart.Series = withPoints(chart.Series)
	return chart, nil
}
