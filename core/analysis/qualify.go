package analysis

import (
	"context"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Qualities are the reinjections of a connection that both captures have, with what each was good for.
type Qualities struct {
	p    *Pair
	list []quality
}

// quality is one reinjection, with the delivery that judged it.
type quality struct {
	*match.Qualified
	d     *match.Delivery
	p     *Pair
	again bool // a retransmission: Wireshark takes it for a reinjection, too
}

// NewQualities judges the reinjections of the connection.
func NewQualities(ctx context.Context, p *Pair) (*Qualities, error) {
	q := &Qualities{p: p}
	for _, dest := range ConnDirections(p.Dest) {
		d, err := p.Delivery(ctx, p.Conn, dest, p.Clock)
		if err != nil {
			return nil, err
		}
		found, err := d.Reinjections(ctx)
		if err != nil {
			return nil, err
		}
		rows, err := reinjecting(ctx, p.Trace(d.Sender), d.Conn())
		if err != nil {
			return nil, err
		}
		for i := range found {
			r := quality{&found[i], d, p, !rows[found[i].Row]}
			if !p.Skip[p.first(d, r.By)] {
				q.list = append(q.list, r)
			}
		}
	}
	return q, nil
}

// first is the number, in the first capture, of a subflow by its ordinal in the sender's.
func (p *Pair) first(d *match.Delivery, ordinal int) uint32 {
	id := d.Conn().Subflows[ordinal].Stream
	if d.Sender == match.A {
		return id
	}
	if s := p.StreamOf(match.B, id); s != nil {
		return s.A
	}
	return ^uint32(0)
}

// chip is a subflow by its ordinal in the sender's capture: its colour and number in the first one.
func (p *Pair) chip(d *match.Delivery, ordinal int) display.Value {
	if ordinal < 0 {
		return display.Str("all")
	}
	id := p.first(d, ordinal)
	if id == ^uint32(0) {
		return display.Value{}
	}
	return display.Subflow(p.A.OrdinalOf(p.A.StreamRows(id)[0]), uint64(id))
}

// Useful says how many of them were useful, and how many there are, and how many retransmissions are listed besides.
func (q *Qualities) Useful() (useful, all, again int) {
	for _, r := range q.list {
		switch {
		case r.again:
			again++
			continue
		case r.Verdict.Useful():
			useful++
		}
		all++
	}
	return useful, all, again
}

// List lists the reinjections: all, or those that were useful.
func (q *Qualities) List(all bool) *display.Table {
	rows := q.list
	if !all {
		rows = nil
		for _, r := range q.list {
			if r.Verdict.Useful() {
				rows = append(rows, r)
			}
		}
	}
	list := table(q.p.A, qualityFields, len(rows), func(i int) quality { return rows[i] })
	list.Name, list.Title = "reinjections", fmt.Sprintf("Reinjections of connection %d, as packets of the sender's capture", q.p.Conn.A)
	list.Empty = "no reinjection was useful"
	if all {
		list.Empty = "no data was reinjected"
	}
	return list
}

var qualityFields = []field[quality]{
	{display.Column{Key: "dest", Head: "Towards", Doc: "the end that the data travels to"}, func(_ *trace.Trace, r quality) display.Value { return display.Str(r.d.Dest.String()) }},
	{id("packetid", "Packet", "number in the sender's capture"), func(_ *trace.Trace, r quality) display.Value { return display.Uint(uint64(r.Row) + 1) }},
	{display.Column{Key: "time", Head: "Time", Unit: display.Nanoseconds, Doc: "from the start of the sender's capture"}, func(_ *trace.Trace, r quality) display.Value {
		t := r.p.Trace(r.d.Sender)
		return display.Duration(t.Time(r.Row) - t.Capture.First)
	}},
	{id("tcpstream", "Subflow", "that carried the data again"), func(_ *trace.Trace, r quality) display.Value { return r.p.chip(r.d, r.By) }},
	{id("reinjection_of", "Original", "the first packet that carried it, in the sender's capture"), func(_ *trace.Trace, r quality) display.Value {
		return display.Uint(uint64(r.Original) + 1)
	}},
	{id("original_tcpstream", "On", "the subflow of the original"), func(_ *trace.Trace, r quality) display.Value { return r.p.chip(r.d, r.Of) }},
	{display.Column{Key: "delay", Head: "After", Unit: display.Nanoseconds, Doc: "since the original was sent"}, func(_ *trace.Trace, r quality) display.Value { return display.Duration(r.Delay) }},
	{display.Column{Key: "bytes", Head: "Data", Unit: display.Bytes, Doc: "data that it carried"}, func(_ *trace.Trace, r quality) display.Value { return display.Uint(uint64(r.Bytes)) }},
	{display.Column{Key: "useful", Head: "Useful", Unit: display.Bytes, Doc: "data that it was the first to bring"}, func(_ *trace.Trace, r quality) display.Value { return display.Uint(uint64(r.Qualified.Useful)) }},
	{display.Column{Key: "verdict", Head: "Verdict", Doc: "what it was good for"}, func(_ *trace.Trace, r quality) display.Value {
		if r.Verdict == match.Unknown {
			return display.Str(r.Verdict.String() + ": " + r.Why)
		}
		return display.Str(r.Verdict.String())
	}},
	{display.Column{Key: "gain", Head: "Earlier by", Unit: display.Nanoseconds, Doc: "how much earlier the data came thanks to it, below zero how late it was; nothing where the data would never have come otherwise"}, func(_ *trace.Trace, r quality) display.Value {
		switch {
		case r.Verdict == match.Redundant:
			return display.Duration(-r.Gain)
		case r.Verdict.Useful() && !r.Never:
			return display.Duration(r.Gain)
		}
		return display.Value{}
	}},
	{display.Column{Key: "advance", Head: "Data ack", Unit: display.Nanoseconds, Doc: "how much earlier the receiver had all data up to there, so that its data ack could advance"}, func(_ *trace.Trace, r quality) display.Value {
		if !r.HasAdvance || !r.Otherwise {
			return display.Value{}
		}
		return display.Duration(r.Advance)
	}},
	{display.Column{Key: "cause", Head: "Cause", Doc: "what made the sender send it again, as far as the captures show"}, func(_ *trace.Trace, r quality) display.Value {
		if r.Trigger == match.NoTrigger {
			return display.Value{}
		}
		return display.Str(r.Trigger.String())
	}},
}

// qualitySum sums up the reinjections of a subflow one way; ordinal -1 is the connection.
type qualitySum struct {
	p       *Pair
	d       *match.Delivery
	ordinal int
	dest    stream.Dest
	verdict [5]uint64
	causes  [8]uint64
	bytes   uint64 // carried
	useful  uint64
	gain    int64 // summed
	gained  uint64
}

func (s *qualitySum) add(r *quality) {
	s.d = r.d
	s.verdict[r.Verdict]++
	s.causes[r.Trigger]++
	s.bytes += uint64(r.Bytes)
	s.useful += uint64(r.Qualified.Useful)
	if r.HasAdvance && r.Otherwise && r.Advance > 0 {
		s.gain += r.Advance
		s.gained++
	}
}

// Sums are the sums for each direction and subflow, without retransmissions.
func (q *Qualities) Sums() *display.Table {
	var rows []*qualitySum
	for _, dest := range ConnDirections(q.p.Dest) {
		all := &qualitySum{p: q.p, ordinal: -1, dest: dest}
		parts := map[int]*qualitySum{}
		for i := range q.list {
			r := &q.list[i]
			if r.d.Dest != dest || r.again {
				continue
			}
			all.add(r)
			if parts[r.By] == nil {
				parts[r.By] = &qualitySum{p: q.p, ordinal: r.By, dest: dest}
			}
			parts[r.By].add(r)
		}
		if all.d == nil {
			continue
		}
		rows = append(rows, all)
		for i := range all.d.Conn().Subflows {
			if parts[i] != nil {
				rows = append(rows, parts[i])
			}
		}
	}
	list := table(q.p.A, qualitySumFields, len(rows), func(i int) *qualitySum { return rows[i] })
	list.Name, list.Title = "reinjection_sums", fmt.Sprintf("What the reinjections of connection %d were good for", q.p.Conn.A)
	list.Empty = "no data was reinjected"
	return list
}

func verdictField(key, head, doc string, v match.Verdict) field[*qualitySum] {
	return field[*qualitySum]{display.Column{Key: key, Head: head, Unit: display.Packets, Doc: doc}, func(_ *trace.Trace, s *qualitySum) display.Value {
		return display.Uint(s.verdict[v])
	}}
}

var qualitySumFields = []field[*qualitySum]{
	{display.Column{Key: "dest", Head: "Towards", Doc: "the end that the data travels to"}, func(_ *trace.Trace, s *qualitySum) display.Value { return display.Str(s.dest.String()) }},
	{id("tcpstream", "Subflow", "that carried the data again"), func(_ *trace.Trace, s *qualitySum) display.Value { return s.p.chip(s.d, s.ordinal) }},
	verdictField("replaced", "Original lost", "useful: what had been sent of it before never arrived", match.Replaced),
	verdictField("overtook", "Arrived first", "useful: it arrived before what had been sent of it before", match.Overtook),
	verdictField("redundant", "Redundant", "all of it had arrived when it came", match.Redundant),
	verdictField("vanished", "Lost", "lost itself", match.Vanished),
	verdictField("unknown", "Unknown", "the captures do not tell", match.Unknown),
	{display.Column{Key: "bytes", Head: "Cost", Unit: display.Bytes, Doc: "data that they carried"}, func(_ *trace.Trace, s *qualitySum) display.Value { return display.Uint(s.bytes) }},
	{display.Column{Key: "useful", Head: "Useful", Unit: display.Bytes, Doc: "data that they were the first to bring"}, func(_ *trace.Trace, s *qualitySum) display.Value { return display.Uint(s.useful) }},
	{display.Column{Key: "useful_share", Head: "Of cost", Unit: display.Ratio, Share: true, Doc: "share of the data that they were the first to bring"}, func(_ *trace.Trace, s *qualitySum) display.Value { return part(s.useful, s.bytes) }},
	{display.Column{Key: "advanced", Head: "Acks moved", Unit: display.Packets, Doc: "of them the receiver had all data up to there earlier, so that its data ack could advance"}, func(_ *trace.Trace, s *qualitySum) display.Value {
		return display.Uint(s.gained)
	}},
	{display.Column{Key: "advance", Head: "By, mean", Unit: display.Nanoseconds, Doc: "by how much, the mean of those"}, func(_ *trace.Trace, s *qualitySum) display.Value {
		if s.gained == 0 {
			return display.Value{}
		}
		return display.Duration(s.gain / int64(s.gained))
	}},
	{display.Column{Key: "causes", Head: "Causes", Wide: true, Doc: "what made the sender send data again, the most frequent first"}, func(_ *trace.Trace, s *qualitySum) display.Value {
		return display.Str(triggersOf(s.causes[:]))
	}},
}

// triggersOf writes counts of triggers, the largest first.
func triggersOf(counts []uint64) string {
	text, used := "", make([]bool, len(counts))
	for {
		best := -1
		for i, n := range counts {
			if i > 0 && n > 0 && !used[i] && (best < 0 || n > counts[best]) {
				best = i
			}
		}
		if best < 0 {
			return text
		}
		used[best] = true
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%s %d", match.Trigger(best), counts[best])
	}
}

// Gains draws, for every reinjection that arrived, how much earlier its data came thanks to it; below zero, how late it
// was. Over time, or distributed.
func (q *Qualities) Gains(w Window) *display.Chart {
	chart := q.p.scope().chart("Reinjections: how much earlier", display.Axis{Label: "Earlier than otherwise", Unit: display.Nanoseconds})
	lost := 0
	for _, l := range q.p.Lanes() {
		s := l.Series(display.Dots)
		for _, r := range q.list {
			if r.d.Dest != l.Towards || q.p.first(r.d, r.By) != l.Lane.Stream {
				continue
			}
			at := q.p.Trace(r.d.Sender).Time(r.Row)
			if r.d.Sender != match.A {
				at -= q.p.Clock.AheadOf(match.A, at)
			}
			if at < w.From || at > w.To {
				continue
			}
			switch {
			case r.Never:
				lost++
				continue
			case r.Verdict == match.Redundant:
				s.Y = append(s.Y, float64(-r.Gain))
			case r.Verdict.Useful():
				s.Y = append(s.Y, float64(r.Gain))
			default:
				continue
			}
			s.X = append(s.X, at-q.p.A.Capture.First)
			s.Frame = append(s.Frame, q.p.Trace(r.d.Sender).FrameOf(r.Row))
		}
		if len(s.X) > 0 {
			chart.Series = append(chart.Series, s)
		}
	}
	if lost > 0 {
		chart.Notes = append(chart.Notes, fmt.Sprintf("%s brought data that never came otherwise and cannot be drawn", display.Count(lost, "reinjection")))
	}
	if len(q.list) == 0 {
		chart.Notes = append(chart.Notes, "no data was reinjected")
	}
	return chart
}
