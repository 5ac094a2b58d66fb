package analysis

import (
	"cmp"
	"context"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Order is what interarrival times are ordered by.
type Order uint8

// Orders.
const (
	ByDSN  Order = iota // of what packets carry
	ByDACK              // of what they acknowledge
)

// Interarrivals draws how much later (or, below zero, earlier) each packet of a direction was seen than the one before it
// in the order of their data sequence numbers, or of their data acks, over all subflows: how far the paths put data out of
// order. Of packets with the same number the first counts.
func Interarrivals(ctx context.Context, s *Scope, by Order) (*display.Chart, error) {
	chart := s.chart("Interarrival times", display.Axis{Label: "Time between neighbours", Unit: display.Nanoseconds})
	for _, towards := range ConnDirections(s.Dest) {
		var all []arrival
		err := s.eachBrief(ctx, s.rows(), func(r *trace.Brief) {
			if s.towards(r) != towards {
				return
			}
			if a, ok := s.arrivalOf(r, by); ok && s.showsBrief(r) {
				all = append(all, a)
			}
		})
		if err != nil {
			return nil, err
		}
		chart.Series = append(chart.Series, s.gaps(s.whole(by.words(), towards), all))
	}
	chart.Series = withPoints(chart.Series)
	return chart, nil
}

func (o Order) words() string {
	if o == ByDACK {
		return "packets by data ack"
	}
	return "packets by data sequence number"
}

// arrival is a packet in an order that is not that of time.
type arrival struct {
	number uint64
	time   int64
	frame  uint32
}

func (s *Scope) arrivalOf(r *trace.Brief, by Order) (a arrival, ok bool) {
	a = arrival{time: r.Time, frame: r.Frame}
	if by == ByDACK {
		a.number = r.DACK
		return a, r.HasDACK
	}
	a.number, ok = s.Trace.DSN(r.ID - 1)
	return a, ok
}

// gaps fills a series with the times between neighbours in the order of their numbers. What comes again is left out.
func (s *Scope) gaps(to display.Series, all []arrival) display.Series {
	byNumber := func(a, b arrival) int { return cmp.Compare(a.number, b.number) }
	if !slices.IsSortedFunc(all, byNumber) {
		slices.SortStableFunc(all, byNumber)
	}
	all = slices.CompactFunc(all, func(a, b arrival) bool { return a.number == b.number })
	to.Mark = display.Dots
	for i := 1; i < len(all); i++ {
		to.X = append(to.X, s.x(all[i].time))
		to.Y = append(to.Y, float64(all[i].time-all[i-1].time))
		to.Frame = append(to.Frame, all[i].frame)
	}
	return to
}

// CrossInterarrivals draws, wherever two neighbouring packets of a direction travel on different subflows, the time between
// them, in the colour of the subflow of the second.
func CrossInterarrivals(ctx context.Context, s *Scope) (*display.Chart, error) {
	chart := s.chart("Interarrival times across subflows", display.Axis{Label: "Time since the packet on another subflow", Unit: display.Nanoseconds})
	var last [3]struct {
		time   int64
		stream uint32
		any    bool
	}
	of := map[laneKey]*display.Series{}
	lanes := s.Lanes()
	for i := range lanes {
		made := lanes[i].Series(display.Dots)
		of[laneKey{lanes[i].Stream, lanes[i].Towards}] = &made
	}
	err := s.eachBrief(ctx, s.rows(), func(r *trace.Brief) {
		to := of[laneKey{r.Stream, r.ConnDest}]
		if to == nil || !s.showsBrief(r) {
			return
		}
		before := &last[r.ConnDest]
		if before.any && before.stream != r.Stream {
			s.point(to, r, float64(r.Time-before.time))
		}
		before.time, before.stream, before.any = r.Time, r.Stream, true
	})
	for _, l := range lanes {
		chart.Series = append(chart.Series, *of[laneKey{l.Stream, l.Towards}])
	}
	chart.Series = withPoints(chart.Series)
	return chart, err
}
