package analysis

import (
	"context"
	"fmt"
	"math"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// goodRow is what a subflow, or with ordinal -1 the connection, brought one way.
type goodRow struct {
	match.Carried
	p        *Pair
	d        *match.Delivery
	all      *goodRow
	duration int64
}

// GoodputTable tells what each subflow sent, and what of it was the first to arrive.
func GoodputTable(ctx context.Context, p *Pair) (*display.Table, error) {
	var rows []*goodRow
	for _, dest := range ConnDirections(p.Dest) {
		d, err := p.Delivery(ctx, p.Conn, dest, p.Clock)
		if err != nil {
			return nil, err
		}
		all := &goodRow{Carried: match.Carried{Ordinal: -1}, p: p, d: d}
		first, last := int64(math.MaxInt64), int64(math.MinInt64)
		d.Firsts(func(_ int, at int64, _ uint64) { first, last = min(first, at), max(last, at) })
		all.all, all.duration = all, max(last-first, 0)
		rows = append(rows, all)
		for _, c := range d.Carried() {
			if p.Skip[p.first(d, c.Ordinal)] {
				continue
			}
			all.Sent += c.Sent
			all.Arrived += c.Arrived
			all.First += c.First
			rows = append(rows, &goodRow{Carried: c, p: p, d: d, all: all, duration: all.duration})
		}
	}
	list := table(p.A, goodFields, len(rows), func(i int) *goodRow { return rows[i] })
	list.Name, list.Title = "summary_extended", fmt.Sprintf("Throughput and goodput of connection %d", p.Conn.A)
	return list, nil
}

var goodFields = []field[*goodRow]{
	{display.Column{Key: "dest", Head: "Towards", Doc: "the end that the data travels to"}, func(_ *trace.Trace, r *goodRow) display.Value { return display.Str(r.d.Dest.String()) }},
	{id("tcpstream", "Subflow", "tcp.stream in the first of the two captures"), func(_ *trace.Trace, r *goodRow) display.Value { return r.p.chip(r.d, r.Ordinal) }},
	byteField("bytes", "Sent", "payload that the sender's capture shows", func(r *goodRow) uint64 { return r.Sent }),
	{display.Column{Key: "share", Head: "Share", Unit: display.Ratio, Share: true, Doc: "of what all subflows sent"}, func(_ *trace.Trace, r *goodRow) display.Value { return part(r.Sent, r.all.Sent) }},
	byteField("arrived", "Arrived", "payload that arrived", func(r *goodRow) uint64 { return r.Arrived }),
	byteField("goodput_bytes", "First", "data that it was the first to bring, each byte counted once", func(r *goodRow) uint64 { return r.First }),
	{display.Column{Key: "goodput_share", Head: "Share of it", Unit: display.Ratio, Share: true, Doc: "of all data that arrived"}, func(_ *trace.Trace, r *goodRow) display.Value { return part(r.First, r.all.First) }},
	{display.Column{Key: "efficiency", Head: "Of sent", Unit: display.Ratio, Doc: "data it was the first to bring, of what it sent"}, func(_ *trace.Trace, r *goodRow) display.Value { return part(r.First, r.Sent) }},
	goodRate("throughput", "Throughput", "sent, over the time from the first to the last new data", func(r *goodRow) uint64 { return r.Sent }),
	goodRate("goodput", "Goodput", "new data, over the same time", func(r *goodRow) uint64 { return r.First }),
}

func goodRate(key, head, doc string, value func(*goodRow) uint64) field[*goodRow] {
	return field[*goodRow]{display.Column{Key: key, Head: head, Unit: display.BitsPerSecond, Doc: doc}, func(_ *trace.Trace, r *goodRow) display.Value {
		if r.duration == 0 {
			return display.Value{}
		}
		return display.Float(float64(value(r)) * 8e9 / float64(r.duration))
	}}
}

// ReceivedGoodput draws how fast data arrives that had not arrived before, by the subflow that brings it first and in all.
func ReceivedGoodput(ctx context.Context, p *Pair, w Window, bin int64) (*display.Chart, error) {
	scope := p.scope()
	scope.Window, scope.Bin = w, bin
	chart := scope.chart("Goodput", display.Axis{Label: "Goodput", Unit: display.BitsPerSecond})
	lanes := p.Lanes()
	arrivals, err := p.firstArrivals(ctx, lanes, w)
	if err != nil {
		return nil, err
	}
	if len(arrivals) == 0 {
		chart.Notes = append(chart.Notes, "no data is in both captures")
		return chart, nil
	}
	g := scope.gridOf(arrivals, len(lanes))
	chart.Subtitle = g.words()
	for _, dest := range ConnDirections(p.Dest) {
		var own [][]uint64
		for i := range lanes {
			if lanes[i].Towards == dest {
				own = append(own, g.bytes[i])
				chart.Series = append(chart.Series, g.rate(lanes[i].Series(display.Line), g.bytes[i]))
			}
		}
		if len(own) > 1 {
			all := display.Series{Name: "all, towards the " + dest.End(), Group: display.Connection, Dashed: dest == stream.Client, Mark: display.Line}
			chart.Series = append(chart.Series, g.rate(all, sums(own, g.n)))
		}
	}
	chart.Series = withValues(chart.Series)
	return chart, nil
}

// firstArrivals lists the data that comes for the first time, in a window of time.
func (p *Pair) firstArrivals(ctx context.Context, lanes []PairLane, w Window) (all []goodArrival, err error) {
	for _, dest := range ConnDirections(p.Dest) {
		d, err := p.Delivery(ctx, p.Conn, dest, p.Clock)
		if err != nil {
			return nil, err
		}
		shift := p.shift(d)
		d.Firsts(func(ordinal int, at int64, bytes uint64) {
			if at -= shift(at); at >= w.From && at <= w.To {
				all = append(all, goodArrival{lane: laneOf(lanes, dest, p.first(d, ordinal)), at: at, bytes: bytes})
			}
		})
	}
	return all, nil
}

// gridOf sums up arrivals, of which there are some, by lane and window.
func (s *Scope) gridOf(arrivals []goodArrival, lanes int) *grid {
	g := &grid{Scope: s, bytes: make([][]uint64, lanes)}
	first, last := arrivals[0].at, arrivals[0].at
	for _, a := range arrivals {
		first, last = min(first, a.at), max(last, a.at)
	}
	g.layOut(first, last)
	for i := range g.bytes {
		g.bytes[i] = make([]uint64, g.n)
	}
	for _, a := range arrivals {
		if a.lane >= 0 {
			g.bytes[a.lane][min(max(s.x(a.at)/g.bin-g.first, 0), int64(g.n)-1)] += a.bytes
		}
	}
	return g
}

// goodArrival is data that came for the first time, by the first capture's clock.
type goodArrival struct {
	lane  int
	at    int64
	bytes uint64
}

// laneOf is the index of a stream's lane towards an end, -1 if it is left out.
func laneOf(lanes []PairLane, dest stream.Dest, id uint32) int {
	for i := range lanes {
		if lanes[i].Towards == dest && lanes[i].Lane.Stream == id {
			return i
		}
	}
	return -1
}

// shift gives how much the clock of a delivery's receiver is ahead of the first capture's, at a time of it.
func (p *Pair) shift(d *match.Delivery) func(at int64) int64 {
	if d.Sender.Other() == match.A {
		return func(int64) int64 { return 0 }
	}
	return func(at int64) int64 { return p.Clock.AheadOf(match.A, at) }
}
