package analysis

import (
	"context"
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Measurement is one figure of a connection.
type Measurement struct {
	Key   string // stable: "blocked"
	Name  string // "Blocked"
	Unit  string // "B", "s", "Mbit/s", "share", or empty
	Dest  stream.Dest
	Value display.Value
}

// Profile measures a connection: size, speed, retransmissions, round trips, stalls. What is not known is missing.
func Profile(ctx context.Context, t *trace.Trace, c *conn.Conn) ([]Measurement, error) {
	p := &profile{trace: t, conn: c, openings: Openings(t, c)}
	var err error
	if p.account, err = NewAccount(ctx, t, c); err != nil {
		return nil, err
	}
	if p.trips, err = NewTrips(ctx, t, c); err != nil {
		return nil, err
	}
	if p.stalls, err = NewStalls(ctx, t, c); err != nil {
		return nil, err
	}
	p.whole()
	for _, d := range ConnDirections(stream.DestUnknown) {
		s, err := NewSchedule(ctx, t, c, d)
		if err != nil {
			return nil, err
		}
		p.direction(d, s)
	}
	return p.list, nil
}

// profile collects measurements.
type profile struct {
	trace    *trace.Trace
	conn     *conn.Conn
	openings []Opening
	account  *Account
	trips    *Trips
	stalls   *Stalls
	list     []Measurement
}

func (p *profile) add(d stream.Dest, key, name, unit string, v display.Value) {
	p.list = append(p.list, Measurement{Key: key, Name: name, Unit: unit, Dest: d, Value: v})
}

// whole measures the connection as such.
func (p *profile) whole() {
	const both = stream.DestUnknown
	first, last := connSpan(p.conn)
	p.add(both, "verdict", "Verdict", "", display.Str(Diagnose(p.trace, p.conn)[0].Diagnosis.Verdict()))
	p.add(both, "subflows", "Subflows", "", display.Uint(uint64(len(p.conn.Subflows))))
	p.add(both, "duration", "Duration", "s", display.Duration(last-first))
	join := int64(0)
	if len(p.openings) > 0 {
		p.add(both, "setup", "Setup", "s", lapse(p.openings[0].Setup()))
		p.add(both, "handshake_rtt", "Handshake round trip", "s", lapse(HandshakeRTT(p.openings)))
		for _, o := range p.openings[1:] {
			if j := between(p.openings[0].ACK, o.SYN); j > 0 && (join == 0 || j < join) {
				join = j
			}
		}
	}
	p.add(both, "first_join", "First join after", "s", lapse(join))
}

// direction measures what travels to an end.
func (p *profile) direction(d stream.Dest, s *Schedule) {
	sum, w := p.account.Total(d), &p.stalls.Toward[d]
	bytes := func(key, name string, n uint64) { p.add(d, key, name, "B", display.Uint(n)) }
	bytes("data", "Data", sum.Unique)
	rate := display.Value{}
	if span := w.Last - w.First; span > 0 {
		rate = display.Float(float64(sum.Unique) * 8e3 / float64(span))
	}
	p.add(d, "goodput", "Goodput", "Mbit/s", rate)
	bytes("wire", "IP bytes", sum.Wire())
	p.add(d, "useful", "Useful", "share", part(sum.Unique, sum.Wire()))
	bytes("retransmitted", "Retransmitted", sum.Retransmitted())
	bytes("spurious", "Spurious", sum.Spurious)
	bytes("reinjected", "Reinjected", sum.Reinjected)
	for _, m := range []struct {
		key, name string
		measure   Measure
	}{{"rtt", "Segment → ack (median)", SegmentAck}, {"data_rtt", "Data → data ack (median)", DataAck}} {
		p.add(d, m.key, m.name, "s", lapse(p.trips.Quantiles(m.measure, d, -1).Median))
	}
	p.add(d, "blocked", "Blocked", "share", part(uint64(w.Blocked), uint64(max(w.Last-w.First, 0))))
	p.add(d, "wait_p95", "Wait (95 %)", "s", lapse(w.Waits.P95))
	bytes("queue_max", "Queue (most)", w.MaxQueue)
	p.add(d, "window_limited", "Window limited", "share", w.windowLimited(WindowLimited, ZeroWindow))
	p.add(d, "idle", "Idle or silent", "share", part(uint64(w.Time[Idle]+w.Time[Silent]), uint64(w.Active())))
	for i := range s.Paths {
		p.add(d, fmt.Sprintf("share_%d", i), fmt.Sprintf("%s%d", shareOf, p.conn.Subflows[i].Stream), "share", part(s.Paths[i].Bytes, s.Bytes))
	}
	p.add(d, "scheduler", "Looks like", "", display.Str(s.Guess.Kind.String()))
}

// shareOf begins the name of what a subflow carried; its number follows.
const shareOf = "Share of subflow "

// comparison is a row of a comparison.
type comparison struct {
	Measurement
	other display.Value
}

// Compare puts two profiles side by side, under the names that the connections go by. dest leaves out the other direction;
// scaled writes bytes with the unit that suits their size.
func Compare(a, b []Measurement, nameA, nameB string, dest stream.Dest, scaled bool) *display.Table {
	type key struct {
		key  string
		dest stream.Dest
	}
	rows, at := []comparison(nil), map[key]int{}
	keep := func(m *Measurement) bool {
		return dest == stream.DestUnknown || m.Dest == dest || m.Dest == stream.DestUnknown
	}
	for i := range a {
		if keep(&a[i]) {
			at[key{a[i].Key, a[i].Dest}] = len(rows)
			rows = append(rows, comparison{Measurement: a[i]})
		}
	}
	for i := range b {
		if !keep(&b[i]) {
			continue
		}
		if k, ok := at[key{b[i].Key, b[i].Dest}]; ok {
			rows[k].other = b[i].Value
			if own, share := strings.CutPrefix(b[i].Name, shareOf); share && b[i].Name != rows[k].Name {
				rows[k].Name += " / " + own // subflows are paired in the order in which they began
			}
			continue
		}
		m := b[i]
		m.Value = display.Value{}
		rows = append(rows, comparison{Measurement: m, other: b[i].Value})
	}
	return compareTable(rows, nameA, nameB, scaled)
}

func compareTable(rows []comparison, nameA, nameB string, scaled bool) *display.Table {
	shown := func(r *comparison, v display.Value) display.Value {
		if scaled && r.Unit == "B" && v.Kind() == display.UintKind {
			return display.Str(display.Scaled(float64(v.Uint()), display.Bytes))
		}
		return v
	}
	fields := []field[comparison]{
		{display.Column{Key: "measure", Head: "Measure", Doc: "what is measured"}, func(_ *trace.Trace, r comparison) display.Value { return display.Str(r.Name) }},
		{display.Column{Key: "dest", Head: "Towards", Doc: "the end that the data travels to; none for the connection as a whole"}, func(_ *trace.Trace, r comparison) display.Value {
			if r.Dest == stream.DestUnknown {
				return display.Value{}
			}
			return display.Str(r.Dest.String())
		}},
		{display.Column{Key: "unit", Head: "Unit", Doc: "of the raw numbers"}, func(_ *trace.Trace, r comparison) display.Value { return display.Str(r.Unit) }},
		{display.Column{Key: "a", Head: nameA, Doc: "the first connection"}, func(_ *trace.Trace, r comparison) display.Value { return shown(&r, r.Value) }},
		{display.Column{Key: "b", Head: nameB, Doc: "the second connection"}, func(_ *trace.Trace, r comparison) display.Value { return shown(&r, r.other) }},
		{display.Column{Key: "ratio", Head: "Second ÷ first", Doc: "how many times the first the second is"}, func(_ *trace.Trace, r comparison) display.Value {
			x, okA := magnitude(r.Value)
			y, okB := magnitude(r.other)
			if !okA || !okB || x == 0 {
				return display.Value{}
			}
			return display.Float(y / x)
		}},
	}
	list := table(nil, fields, len(rows), func(row int) comparison { return rows[row] })
	list.Name, list.Title = "compare", fmt.Sprintf("%s and %s", nameA, nameB)
	return list
}

// magnitude is a value to reckon with.
func magnitude(v display.Value) (float64, bool) {
	switch v.Kind() {
	case display.UintKind:
		return float64(v.Uint()), true
	case display.DurationKind, display.IntKind:
		return float64(v.Int()), true
	case display.FloatKind:
		return v.Float(), true
	}
	return 0, false
}
