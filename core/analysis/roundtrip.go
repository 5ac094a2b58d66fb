package analysis

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// RoundTrips draws how long each segment of a stream takes to be acknowledged, where the capture was taken, and for a
// connection how long data takes from the first time it is sent, on whichever subflow, to the DATA_ACK that covers it. Acks
// of what was sent again on its stream are left out, as it is not known which of the two they answer (Karn and Partridge,
// SIGCOMM 1987); at the level of data the first sending counts.
func RoundTrips(ctx context.Context, s *Scope, what string) (*display.Chart, error) {
	chart := s.chart(what, display.Axis{Label: "Round trip time", Unit: display.Nanoseconds})
	err := s.eachLevel(func(lane *Lane, towards stream.Dest) error {
		samples := s.whole("data to data ack", towards)
		if lane != nil {
			samples = lane.Series(display.Dots)
		}
		samples.Mark = display.Dots
		var sent outstanding
		err := s.follow(ctx, lane, towards, func(_ *progress, e *step) {
			if e.Sent {
				sent.add(e, lane != nil)
			}
			if e.Acks {
				if first, ok := sent.acked(e.Ack); ok && s.shows(e.Row) {
					s.point(&samples, e, float64(e.Time-first))
				}
			}
		})
		chart.Series = append(chart.Series, samples)
		return err
	})
	chart.Series = withPoints(chart.Series)
	return chart, err
}

// sending is a segment on its way: bytes [from, to), first sent at a time.
type sending struct {
	from, to uint64
	time     int64
	again    bool // parts of it were sent again
}

// outstanding is what was sent and not acknowledged, by number.
type outstanding struct {
	list []sending
	head int // those before it are acknowledged
}

// add notes a segment unless its last byte is on its way already; then, with karn, its ack is ambiguous.
func (o *outstanding) add(e *step, karn bool) {
	live := o.list[o.head:]
	at := sort.Search(len(live), func(i int) bool { return live[i].to >= e.To })
	if karn {
		for i := at; i >= 0; i-- {
			if i < len(live) && live[i].from < e.To && live[i].to > e.From {
				live[i].again = true
			} else if i < at && live[i].to <= e.From {
				break
			}
		}
	}
	if at < len(live) && live[at].from < e.To {
		return
	}
	o.list = slices.Insert(o.list, o.head+at, sending{from: e.From, to: e.To, time: e.Time})
}

// acked drops what an ack covers and gives the time at which the last of it was sent; false if it is not known.
func (o *outstanding) acked(ack uint64) (first int64, ok bool) {
	for o.head < len(o.list) && o.list[o.head].to <= ack {
		first, ok = o.list[o.head].time, !o.list[o.head].again
		o.head++
	}
	if o.head > 1<<12 && o.head > len(o.list)/2 {
		o.list, o.head = append(o.list[:0], o.list[o.head:]...), 0
	}
	return first, ok
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
			if to := of[e.Stream]; to != nil && e.Acks && e.Newly > 0 && s.shows(e.Row) {
				s.point(to, e, float64(e.Newly))
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
