package analysis

import (
	"context"
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Flight draws the bytes that are sent and not yet acknowledged: of each subflow by its TCP acks, of the connection by its
// data acks, and beside them how many the receiver allows at a time (the right edge that it has granted, less what it has
// acknowledged). SYN and FIN count one each, as in the sequence numbers.
func Flight(ctx context.Context, s *Scope) (*display.Chart, error) {
	chart := s.chart("Bytes in flight", display.Axis{Label: "In flight", Unit: display.Bytes})
	err := s.eachLevel(func(lane *Lane, towards stream.Dest) error {
		sent, allowed := s.whole("connection, by data acks", towards), s.whole("receive window", towards)
		if lane != nil {
			sent = lane.Series(display.Steps)
		}
		accompany(&allowed)
		allowed.Aside = true
		err := s.follow(ctx, lane, towards, func(p *progress, e *step) {
			n, known := p.flight()
			if !known || !s.showsBrief(e.Brief) {
				return
			}
			s.level(&sent, e, float64(n))
			if p.open {
				s.level(&allowed, e, float64(p.edge-min(p.una, p.edge)))
			}
		})
		chart.Series = append(chart.Series, sent)
		if lane == nil || s.Conn == nil {
			chart.Series = append(chart.Series, allowed)
		}
		return err
	})
	chart.Series = withValues(chart.Series)
	noteCutOff(chart)
	return chart, err
}

// noteCutOff says which series reach out of a chart, where they would flatten the others.
func noteCutOff(c *display.Chart) {
	if names, most := c.CutOff(); len(names) > 0 {
		c.Notes = append(c.Notes, fmt.Sprintf("above the chart, so as not to flatten it: %s, up to %s (hide the others in the legend to see it, or plot window)",
			strings.Join(names, " and "), display.Scaled(most, c.Y.Unit)))
	}
}

// ReceiveWindow draws the windows that each subflow's receiver advertises, and how much more the sender may send for the
// connection as a whole: the right edge granted less the highest byte sent. Windows that are zero, and segments that fill
// one, are marked.
func ReceiveWindow(ctx context.Context, s *Scope) (*display.Chart, error) {
	chart := s.chart("Receive window", display.Axis{Label: "Window", Unit: display.Bytes})
	events := display.Series{Name: "events", Group: display.Connection, Mark: display.Event}
	err := s.eachLevel(func(lane *Lane, towards stream.Dest) error {
		free := s.whole("left to send", towards)
		accompany(&free)
		free.Dotted = false
		advertised := s.whole("", towards)
		if lane != nil {
			advertised = lane.Series(display.Steps)
		}
		err := s.follow(ctx, lane, towards, func(p *progress, e *step) {
			if !s.showsBrief(e.Brief) {
				return
			}
			if e.Acks && lane != nil {
				s.level(&advertised, e, float64(e.Window))
				if e.Window == 0 {
					s.event(&events, e.Brief, 0, "zero window")
				}
			}
			if e.Sent && lane != nil && e.Analysis&stream.WindowFull != 0 {
				s.event(&events, e.Brief, 0, "window full")
			}
			if p.open && p.sending {
				s.level(&free, e, float64(p.edge-min(p.high, p.edge)))
			}
		})
		if lane != nil {
			chart.Series = append(chart.Series, advertised)
		}
		if lane == nil || s.Conn == nil {
			chart.Series = append(chart.Series, free)
		}
		return err
	})
	chart.Series = withPoints(append(chart.Series, events))
	return chart, err
}

// eachLevel visits the directions that carry payload: with nil that of the connection, which is drawn lowest, then those of
// its streams.
func (s *Scope) eachLevel(visit func(lane *Lane, towards stream.Dest) error) error {
	for _, towards := range ConnDirections(s.Dest) {
		if s.Conn != nil && s.Conn.Toward[towards].HasDSN {
			if err := visit(nil, towards); err != nil {
				return err
			}
		}
		for _, lane := range s.lanesToward(towards) {
			if s.laneStream(&lane).Toward[lane.Dest].Bytes == 0 {
				continue
			}
			if err := visit(&lane, towards); err != nil {
				return err
			}
		}
	}
	return nil
}

// whole starts a series of the connection as a whole; its name says which way where both are drawn.
func (s *Scope) whole(name string, towards stream.Dest) display.Series {
	if s.Dest == stream.DestUnknown {
		name += ", towards the " + towards.End()
	}
	return display.Series{Name: name, Group: display.Connection, Dashed: towards == stream.Client, Mark: display.Steps}
}

// accompany makes a series a thin grey line.
func accompany(s *display.Series) { s.Group, s.Thin, s.Dotted = display.Grey, true, true }

// level notes a value where it is another one than before.
func (s *Scope) level(to *display.Series, e *step, y float64) {
	if n := len(to.Y); n == 0 || to.Y[n-1] != y {
		s.point(to, e.Brief, y)
	}
}

// point notes a value.
func (s *Scope) point(to *display.Series, r *trace.Brief, y float64) { s.at(to, r.Time, r.Frame, y) }

// at notes a value of a moment and a frame.
func (s *Scope) at(to *display.Series, time int64, frame uint32, y float64) {
	to.X, to.Y, to.Frame = append(to.X, s.x(time)), append(to.Y, y), append(to.Frame, frame)
}

// event notes a sign with what it says.
func (s *Scope) event(to *display.Series, r *trace.Brief, y float64, label string) {
	s.point(to, r, y)
	to.Labels = append(to.Labels, label)
}

// withPoints leaves out series without points.
func withPoints(series []display.Series) []display.Series {
	kept := series[:0]
	for _, s := range series {
		if len(s.X) > 0 {
			kept = append(kept, s)
		}
	}
	return kept
}
