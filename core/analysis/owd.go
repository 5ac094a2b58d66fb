package analysis

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// delayRow sums up the one-way delays of a direction of a subflow, and what its path did.
type delayRow struct {
	PairLane
	Quantiles
	lost, bytes, perhaps uint64
	delays               []int64 // ascending
}

// DelayTable sums up one-way delays, losses and reordering, by direction and subflow.
func DelayTable(ctx context.Context, p *Pair) (*display.Table, error) {
	var rows []*delayRow
	for _, l := range p.Lanes() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := &delayRow{PairLane: l}
		for _, h := range l.Hops {
			r.delays = append(r.delays, p.Delay(p.Clock, l.Flow, h))
		}
		r.Quantiles = quantiles(r.delays)
		r.lost, r.bytes = l.Losses()
		for i := range l.Sent {
			if l.Sent[i].Why == match.Either {
				r.perhaps += uint64(l.Sent[i].Segments)
			}
		}
		if r.Counted > 0 {
			rows = append(rows, r)
		}
	}
	list := table(p.A, delayFields, len(rows), func(i int) *delayRow { return rows[i] })
	list.Name, list.Title = "owd", "One-way delays"+p.of()
	list.Empty = "no packet is in both captures"
	return list, nil
}

// of says in a title what is asked about.
func (p *Pair) of() string {
	switch {
	case p.Conn != nil:
		return fmt.Sprintf(" of connection %d", p.Conn.A)
	case p.Stream != nil:
		return fmt.Sprintf(" of TCP stream %d", p.Stream.A)
	}
	return ""
}

var delayFields = []field[*delayRow]{
	laneDest(func(r *delayRow) *Lane { return &r.Lane }),
	laneStream(func(r *delayRow) *Lane { return &r.Lane }),
	{display.Column{Key: "segments", Head: "Segments", Unit: display.Packets, Doc: "sent over the path: where the sender's capture shows segments that were cut on the way, the pieces"}, func(_ *trace.Trace, r *delayRow) display.Value {
		return display.Uint(uint64(r.Counted))
	}},
	{display.Column{Key: "lost", Head: "Lost", Unit: display.Packets, Doc: "segments that the path lost"}, func(_ *trace.Trace, r *delayRow) display.Value { return display.Uint(r.lost) }},
	{display.Column{Key: "loss", Head: "Loss", Unit: display.Ratio, Doc: "share of the segments that the path lost"}, func(_ *trace.Trace, r *delayRow) display.Value {
		return part(r.lost, uint64(r.Counted))
	}},
	{display.Column{Key: "lost_or_missed", Head: "Or missed", Unit: display.Packets, Doc: "segments without payload that were lost, or missed by the receiver's capture, which missed others"}, func(_ *trace.Trace, r *delayRow) display.Value {
		return display.Uint(r.perhaps)
	}},
	{display.Column{Key: "reordered", Head: "Reordered", Unit: display.Packets, Doc: "segments that arrived behind one that was sent later (RFC 4737)"}, func(_ *trace.Trace, r *delayRow) display.Value {
		return display.Uint(uint64(r.Reordered()))
	}},
	{display.Column{Key: "duplicated", Head: "Doubled", Unit: display.Packets, Doc: "segments that the network delivered again"}, func(_ *trace.Trace, r *delayRow) display.Value {
		return display.Uint(uint64(len(r.Again)))
	}},
	delayField("min", "Min", "smallest delay", func(q *Quantiles) int64 { return q.Min }),
	delayField("median", "Median", "half are no longer", func(q *Quantiles) int64 { return q.Median }),
	delayField("p90", "90 %", "90 per cent are no longer", func(q *Quantiles) int64 { return q.P90 }),
	delayField("p99", "99 %", "99 per cent are no longer", func(q *Quantiles) int64 { return q.P99 }),
	delayField("max", "Max", "longest", func(q *Quantiles) int64 { return q.Max }),
	delayField("queue", "Queue", "mean over the smallest: what queues and jitter add", func(q *Quantiles) int64 { return int64(q.Mean) - q.Min }),
	{display.Column{Key: "histogram", Head: "Min … max", Doc: "how the delays are distributed between the smallest and the largest, by twentieths"}, func(_ *trace.Trace, r *delayRow) display.Value {
		return display.Str(sparkline(r.delays))
	}},
}

func delayField(key, head, doc string, value func(*Quantiles) int64) field[*delayRow] {
	return field[*delayRow]{display.Column{Key: key, Head: head, Unit: display.Nanoseconds, Doc: doc}, func(_ *trace.Trace, r *delayRow) display.Value {
		if r.Count == 0 {
			return display.Value{}
		}
		return display.Duration(value(&r.Quantiles))
	}}
}

// sparkline draws a histogram of ascending values in twenty characters.
func sparkline(values []int64) string {
	if len(values) == 0 {
		return ""
	}
	const width = 20
	var bins [width]int
	low := values[0]
	step := (values[len(values)-1]-low)/width + 1
	for _, v := range values {
		bins[(v-low)/step]++
	}
	most := slices.Max(bins[:])
	levels := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, n := range bins {
		switch {
		case n == 0:
			b.WriteRune('·')
		default:
			b.WriteRune(levels[(n*len(levels)-1)/most])
		}
	}
	return b.String()
}

// delayList is the delays of packets, by lane.
type delayList struct {
	p     *Pair
	lanes []PairLane
	start []int // of each lane among the rows
	rows  int
}

func (p *Pair) delayList() *delayList {
	l := &delayList{p: p, lanes: p.Lanes()}
	for i := range l.lanes {
		l.start = append(l.start, l.rows)
		l.rows += len(l.lanes[i].Hops)
	}
	return l
}

// delayed is a packet with its delay.
type delayed struct {
	*delayList
	lane *PairLane
	hop  match.Hop
}

func (l *delayList) at(row int) delayed {
	i := sort.SearchInts(l.start, row+1) - 1
	return delayed{l, &l.lanes[i], l.lanes[i].Hops[row-l.start[i]]}
}

func (d delayed) delay() int64 { return d.p.Delay(d.p.Clock, d.lane.Flow, d.hop) }

func (d delayed) sent() int64 { return d.p.Trace(d.lane.Sender).Time(d.hop.Sent) }

func (d delayed) received() int64 { return d.p.Trace(d.lane.Sender.Other()).Time(d.hop.Received) }

// DelayList lists the delay of every packet that both captures have, in the order of sending, direction by direction.
func DelayList(p *Pair) *display.Table {
	l := p.delayList()
	list := table(p.A, delayedFields, l.rows, l.at)
	list.Name, list.Title = "delays", "One-way delays"+p.of()
	list.Empty = "no packet is in both captures"
	return list
}

// NegativeDelays lists the packets that seem to have arrived before they were sent, at most so many, and counts all.
func NegativeDelays(p *Pair, most int) (list *display.Table, count int) {
	l := p.delayList()
	var rows []int
	for i := range l.rows {
		if l.at(i).delay() < 0 {
			if count++; count <= most {
				rows = append(rows, i)
			}
		}
	}
	list = table(p.A, delayedFields, len(rows), func(i int) delayed { return l.at(rows[i]) })
	list.Name, list.Title = "negative", "Packets that seem to arrive before they are sent"
	return list, count
}

var delayedFields = []field[delayed]{
	{id("tcpstream", "Stream", "tcp.stream in the first of the two captures"), func(_ *trace.Trace, d delayed) display.Value {
		return display.Subflow(d.lane.Ordinal, uint64(d.lane.Lane.Stream))
	}},
	{display.Column{Key: "tcpdest", Head: "Towards", Doc: "the end of the TCP stream that it travels to"}, func(_ *trace.Trace, d delayed) display.Value {
		return display.Str(d.lane.Lane.Dest.String())
	}},
	{id("packetid", "Packet", "number in the sender's capture"), func(_ *trace.Trace, d delayed) display.Value { return display.Uint(uint64(d.hop.Sent) + 1) }},
	{id("packetid_receiver", "Receiver's", "number in the receiver's capture"), func(_ *trace.Trace, d delayed) display.Value {
		return display.Uint(uint64(d.hop.Received) + 1)
	}},
	{display.Column{Key: "abstime", Head: "Sent", Doc: "time in the sender's capture, as captured"}, func(_ *trace.Trace, d delayed) display.Value { return display.Time(d.sent()) }},
	{display.Column{Key: "abstime_receiver", Head: "Received", Doc: "time in the receiver's capture, as captured"}, func(_ *trace.Trace, d delayed) display.Value {
		return display.Time(d.received())
	}},
	{display.Column{Key: "owd", Head: "Delay", Unit: display.Nanoseconds, Doc: "one-way delay"}, func(_ *trace.Trace, d delayed) display.Value { return display.Duration(d.delay()) }},
}

// here is a packet's time by the first capture's clock: when it was sent.
func (p *Pair) here(l *PairLane, h match.Hop) int64 {
	if l.Sender == match.A {
		return p.A.Time(h.Sent)
	}
	return p.A.Time(h.Received) - p.Delay(p.Clock, l.Flow, h)
}

// Delays draws the one-way delay of every packet over the time when it was sent, or with queues what it has over the least of its direction.
func Delays(ctx context.Context, p *Pair, w Window, queues bool) (*display.Chart, error) {
	what := "One-way delay"
	if queues {
		what = "Queueing delay"
	}
	chart := p.scope().chart(what, display.Axis{Label: what, Unit: display.Nanoseconds})
	for _, l := range p.Lanes() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s := l.Series(display.Dots)
		least := int64(0)
		if queues {
			least = p.least(&l)
		}
		t := p.Trace(l.Sender)
		for _, h := range l.Hops {
			at := p.here(&l, h)
			if at < w.From || at > w.To {
				continue
			}
			s.X = append(s.X, at-p.A.Capture.First)
			s.Y = append(s.Y, float64(p.Delay(p.Clock, l.Flow, h)-least))
			s.Frame = append(s.Frame, t.FrameOf(h.Sent))
		}
		if len(s.X) > 0 {
			chart.Series = append(chart.Series, s)
		}
	}
	if len(chart.Series) == 0 {
		chart.Notes = append(chart.Notes, "no packet is in both captures")
	}
	return chart, nil
}

// least is the smallest delay of a lane.
func (p *Pair) least(l *PairLane) int64 {
	least := int64(0)
	for i, h := range l.Hops {
		if d := p.Delay(p.Clock, l.Flow, h); i == 0 || d < least {
			least = d
		}
	}
	return least
}
