package analysis

import (
	"context"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// RoundTrips draws how long each segment of a stream takes to be acknowledged, where the capture was taken, and for a
// connection how long data takes from the first time it is sent, on whichever subflow, to the DATA_ACK that covers it. Acks
// of what was sent again on its stream are left out, as it is not known which of the two they answer (Karn and Partridge,
// SIGCOMM 1987); at the level of data the first sending counts. Trips, which are summed up and not drawn, take SACK blocks and
// timestamps, too, and of data only what was sent once.
func RoundTrips(ctx context.Context, s *Scope, what string) (*display.Chart, error) {
	chart := s.chart(what, display.Axis{Label: "Round trip time", Unit: display.Nanoseconds})
	err := s.eachLevel(func(lane *Lane, towards stream.Dest) error {
		samples := s.whole("data to data ack", towards)
		if lane != nil {
			samples = lane.Series(display.Dots)
		}
		samples.Mark = display.Dots
		var sent outstanding
		err := s.follow(ctx, lane, towards, func(p *progress, e *step) {
			switch {
			case e.Sent && lane != nil:
				sent.add(e.ID-1, e.From, e.To)
			case e.Sent:
				for _, piece := range p.pieces {
					from := piece.DSN - p.base.zero
					sent.add(e.ID-1, from, from+uint64(piece.Len))
				}
			case e.Acks && (e.Newly > 0 || e.First) && s.showsBrief(e.Brief):
				if row, again, ok := sent.sender(e.Ack); ok && !(again && lane != nil) {
					s.point(&samples, e.Brief, float64(e.Time-s.Trace.Time(row)))
				}
			}
		})
		chart.Series = append(chart.Series, samples)
		return err
	})
	chart.Series = withPoints(chart.Series)
	return chart, err
}

// outstanding knows which packet sent each byte first, and which bytes were sent again.
type outstanding struct {
	first, again spans
}

// add notes the bytes that a packet sends.
func (o *outstanding) add(row uint32, from, to uint64) {
	o.first.fill(from, to, row, func(from, to uint64, _ uint32, old bool) {
		if old {
			o.again.fill(from, to, 0, func(_, _ uint64, _ uint32, _ bool) {})
		}
	})
}

// sender is the row that first sent the last byte before an ack; false if it is not known. again says that the byte was
// sent more than once.
func (o *outstanding) sender(ack uint64) (row uint32, again, ok bool) {
	if ack == 0 {
		return 0, false, false
	}
	o.first.each(ack-1, ack, func(_, _ uint64, value uint32) { row, ok = value, true })
	o.again.each(ack-1, ack, func(_, _ uint64, _ uint32) { again = true })
	return row, again, ok
}

// AckSizes draws how many bytes each ack acknowledges for the first time: of a connection its DATA_ACKs, in the colour of
// the subflow that carries them, of a TCP stream its acks.
func AckSizes(ctx context.Context, s *Scope) (*display.Chart, error) {
	chart := s.chart("Bytes acknowledged at a time", display.Axis{Label: "Newly acknowledged", Unit: display.Bytes})
	for _, towards := range ConnDirections(s.Dest) {
		var only *Lane
		lanes := s.lanesToward(towards)
		if s.Conn == nil {
			only = &lanes[0]
		}
		of := map[uint32]*display.Series{}
		for _, l := range lanes {
			made := l.Series(display.Dots)
			made.Name = fmt.Sprintf("%d · acks from %s", l.Stream, sender(s, &l))
			of[l.Stream] = &made
		}
		err := s.follow(ctx, only, towards, func(_ *progress, e *step) {
			if to := of[e.Stream]; to != nil && e.Acks && e.Newly > 0 && s.showsBrief(e.Brief) {
				s.point(to, e.Brief, float64(e.Newly))
			}
		})
		if err != nil {
			return nil, err
		}
		for _, l := range lanes {
			chart.Series = append(chart.Series, *of[l.Stream])
		}
	}
	chart.Series = withPoints(chart.Series)
	return chart, nil
}

// sender is the end that sends the acks of a lane.
func sender(s *Scope, l *Lane) string {
	if l.Dest == stream.Client {
		return s.Trace.Streams[l.Stream].Client.String()
	}
	return s.Trace.Streams[l.Stream].Server.String()
}
