package analysis

import (
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Limits says what one direction of a connection waited for, as the packets at the place of the capture show it. Times are
// nanoseconds and add up to Span.
type Limits struct {
	To      stream.Dest
	Span    int64 // first to last packet with payload
	Idle    int64 // everything sent was acknowledged: the application had nothing to send
	Window  int64 // less than a segment was left of the receiver's window
	Sending int64 // neither: paths and congestion control set the pace

	Blocked int64          // of all that: data had arrived and waited for a gap to be filled (head of line)
	Bytes   uint64         // data, each byte once
	Again   uint64         // retransmitted
	Over    uint64         // reinjected
	ZeroWin int            // windows of 0 that the receiver sent
	Known   bool           // the window is
	waits   map[int]int64  // by the subflow that filled the gap
	carried map[int]uint64 // payload by subflow
}

// share is a part of the span.
func (l *Limits) share(part int64) float64 {
	if l.Span <= 0 {
		return 0
	}
	return float64(part) / float64(l.Span)
}

// limiter goes through the packets of a connection in the order of the capture.
type limiter struct {
	t       *trace.Trace
	c       *conn.Conn
	to      stream.Dest
	out     Limits
	base    uint64
	started bool
	clock   int64
	top     int64 // one past the highest byte sent, from base
	acked   int64 // the highest DATA_ACK
	edge    int64 // right edge of the window that the receiver gave
	hasEdge bool
	whole   int64 // one past the highest byte without a gap before it
	ahead   []gap // ranges beyond whole, in order
	last    int64 // time of the last payload
	mss     int64 // largest payload
	late    []lateAck
	delay   []int64  // by subflow: from an ack at the capture to the data that it lets go
	blocked int64    // since when there is a gap, 0 if there is none
	pending [3]int64 // what passed since the last payload: idle, window, sending
}

type gap struct{ from, to int64 }

// lateAck is an ack on its way to the sender of the data.
type lateAck struct{ time, acked, edge int64 }

// limitsOf measures a direction. It is nil where there is too little to say: less than ten packets with payload, or no data
// sequence numbers.
func limitsOf(t *trace.Trace, c *conn.Conn, to stream.Dest) *Limits {
	l := &limiter{t: t, c: c, to: to, out: Limits{To: to, waits: map[int]int64{}, carried: map[int]uint64{}}}
	for i := range c.Subflows {
		life := liveOf(t, c.Subflows[i].Stream)
		l.delay = append(l.delay, life.turn(subflowToward(&c.Subflows[i], to)))
	}
	packets := 0
	var r trace.Row
	for _, row := range t.ConnRows(c.ID) {
		t.Row(int(row), &r)
		if !r.InConn || r.NoTime {
			continue
		}
		if r.ConnDest == to && r.Len > 0 && r.HasDSN && !r.Low32 {
			packets++
			l.data(&r)
		} else if r.ConnDest == to.Other() && r.HasDACK && !r.DACKLow32 && l.started {
			l.ack(&r)
		}
	}
	if packets < 10 || l.out.Span <= 0 {
		return nil
	}
	d := &c.Toward[to]
	l.out.Bytes, l.out.Again, l.out.Over = d.Unique, d.Retransmitted, d.Reinjected
	return &l.out
}

// turn is the round trip from the place of the capture to the sender of what travels to an end of the stream, as the
// handshake showed it: an ack that is captured now lets data go that is captured so much later. 0 if it is unknown.
func (l *life) turn(to stream.Dest) int64 {
	switch {
	case !l.answer.seen():
	case to == stream.Server && l.third.seen():
		return max(0, l.third.time-l.answer.time)
	case to == stream.Client && l.asked != 0:
		return max(0, l.answer.time-l.asked)
	}
	return 0
}

// pass accounts for the time up to a packet, ack by ack as they reach the sender.
func (l *limiter) pass(now int64) {
	for len(l.late) > 0 && l.late[0].time <= now {
		a := l.late[0]
		l.late = l.late[1:]
		l.spend(a.time)
		l.acked = max(l.acked, a.acked)
		if a.edge != 0 {
			l.hasEdge, l.out.Known = true, true
			l.edge = max(l.edge, a.edge)
		}
	}
	l.spend(now)
}

// spend accounts for the time up to a moment by the state that held until then.
func (l *limiter) spend(now int64) {
	span := now - l.clock
	l.clock = max(l.clock, now)
	switch {
	case span <= 0:
	case l.acked >= l.top:
		l.pending[0] += span
	case l.hasEdge && l.edge-l.top < l.mss:
		l.pending[1] += span
	default:
		l.pending[2] += span
	}
}

// data takes in a segment.
func (l *limiter) data(r *trace.Row) {
	if !l.started {
		l.started, l.base, l.clock, l.last = true, r.DSN, r.Time, r.Time
	}
	l.pass(r.Time)
	l.out.Idle += l.pending[0]
	l.out.Window += l.pending[1]
	l.out.Sending += l.pending[2]
	l.pending = [3]int64{}
	l.out.Span += r.Time - l.last
	l.last = r.Time
	from := int64(r.DSN - l.base)
	l.mss = max(l.mss, int64(r.Len))
	l.top = max(l.top, from+int64(r.Len))
	l.out.carried[r.Ordinal] += uint64(r.Len)
	l.arrive(r, from, from+int64(r.Len))
}

// arrive follows what has arrived in order, and for how long what came early waited for whom.
func (l *limiter) arrive(r *trace.Row, from, to int64) {
	if from > l.whole {
		if l.blocked == 0 {
			l.blocked = r.Time
		}
		l.keep(gap{from, to})
		return
	}
	if to <= l.whole {
		return
	}
	l.whole = to
	for len(l.ahead) > 0 && l.ahead[0].from <= l.whole {
		l.whole = max(l.whole, l.ahead[0].to)
		l.ahead = l.ahead[1:]
	}
	if l.blocked == 0 {
		return
	}
	l.out.Blocked += r.Time - l.blocked
	l.out.waits[r.Ordinal] += r.Time - l.blocked
	l.blocked = 0
	if len(l.ahead) > 0 {
		l.blocked = r.Time
	}
}

// keep puts a range where it belongs, joined with those that it touches.
func (l *limiter) keep(g gap) {
	i, _ := slices.BinarySearchFunc(l.ahead, g, func(a, b gap) int {
		switch {
		case a.to < b.from:
			return -1
		case a.from > b.to:
			return 1
		}
		return 0
	})
	k := i
	for k < len(l.ahead) && l.ahead[k].from <= g.to {
		g.from, g.to = min(g.from, l.ahead[k].from), max(g.to, l.ahead[k].to)
		k++
	}
	l.ahead = slices.Replace(l.ahead, i, k, g)
}

// ack takes in a DATA_ACK and the window that comes with it: its right edge counts from the DATA_ACK (RFC 8684 section
// 3.3.1).
func (l *limiter) ack(r *trace.Row) {
	l.pass(r.Time)
	at := int64(r.DACK - l.base)
	if at > l.top+1 || at < -1<<32 {
		return // of another numbering
	}
	a := lateAck{time: r.Time + l.delay[r.Ordinal], acked: at}
	if l.scaled(r) {
		a.edge = at + int64(r.Window)
		if r.Window == 0 {
			l.out.ZeroWin++
		}
	}
	i := len(l.late)
	for i > 0 && l.late[i-1].time > a.time {
		i--
	}
	l.late = slices.Insert(l.late, i, a)
}

// scaled says whether the window scale of a packet's sender is known.
func (l *limiter) scaled(r *trace.Row) bool {
	s := &l.t.Streams[r.Stream]
	if r.Dest == stream.Server {
		return s.ClientScale != -1
	}
	return s.ServerScale != -1
}

// Shares from which on something is said to have set the pace.
const (
	muchIdle    = 0.5
	muchWindow  = 0.3
	muchBlocked = 0.5
	muchOver    = 0.1
	muchAgain   = 0.05
)

// limitKind is what set the pace.
type limitKind uint8

const (
	limitPath limitKind = iota
	limitApplication
	limitWindow
	limitBlocked
	limitReinjection
)

// kind decides what set the pace.
func (l *Limits) kind() limitKind {
	switch {
	case l.share(l.Idle) >= muchIdle:
		return limitApplication
	case len(l.carried) > 1 && (l.share(l.Blocked) >= muchBlocked || 2*l.share(l.Blocked) >= muchBlocked && 2*l.share(l.Window) >= muchWindow):
		return limitBlocked
	case l.share(l.Window) >= muchWindow || l.ZeroWin > 2 && l.share(l.Window) > muchWindow/3:
		return limitWindow
	case l.Bytes > 0 && float64(l.Over)/float64(l.Bytes) >= muchOver:
		return limitReinjection
	}
	return limitPath
}

// sentence says what set the pace, with the figures that show it.
func (l *Limits) sentence(c *conn.Conn) string {
	rate := display.Scaled(float64(l.Bytes)*8e9/float64(max(l.Span, 1)), display.BitsPerSecond)
	lead := fmt.Sprintf("Towards the %s, %s in %s (%s): ", endWord(l.To), display.Scaled(float64(l.Bytes), display.Bytes), spanText(l.Span), rate)
	window := "window used up " + percent(l.share(l.Window))
	if !l.Known {
		window = "window unknown, as its scale is"
	}
	figures := fmt.Sprintf(" Of the time: nothing to send %s, %s, paths %s; data waiting for a gap %s.", percent(l.share(l.Idle)), window,
		percent(l.share(l.Sending)), percent(l.share(l.Blocked)))
	switch l.kind() {
	case limitApplication:
		return lead + "the application set the pace: all that it gave was acknowledged." + figures
	case limitWindow:
		return lead + "the receive window set the pace: less than a segment of it was left." + figures
	case limitBlocked:
		who, wait := l.slowest()
		return lead + fmt.Sprintf("head of line: data that had come waited for what subflow %d carried, %s in all.", c.Subflows[who].Stream, spanText(wait)) + figures
	case limitReinjection:
		return lead + fmt.Sprintf("reinjection: %s were sent on a second subflow.", display.Scaled(float64(l.Over), display.Bytes)) + figures
	}
	s := "the paths set the pace."
	if l.Bytes > 0 && float64(l.Again)/float64(l.Bytes) >= muchAgain {
		s = fmt.Sprintf("the paths set the pace, with losses: %s were sent again on their subflow.", display.Scaled(float64(l.Again), display.Bytes))
	}
	return lead + s + figures
}

// slowest is the subflow that gaps were mostly filled by.
func (l *Limits) slowest() (ordinal int, wait int64) {
	for i, w := range l.waits {
		if w > wait || w == wait && i < ordinal {
			ordinal, wait = i, w
		}
	}
	return ordinal, wait
}

func percent(share float64) string { return display.Scaled(share, display.Ratio) }

// spanText writes a duration for people.
func spanText(ns int64) string {
	return display.Format(display.Duration(ns), &display.Column{Unit: display.Nanoseconds}, display.People)
}

// disorder counts the segments towards an end that came behind a gap, those of them that came beyond all others, and those
// whose data had come already, in the order of the capture.
func disorder(t *trace.Trace, c *conn.Conn, to stream.Dest) (ofo, tail, twice uint64) {
	l := &limiter{t: t, c: c, to: to, out: Limits{waits: map[int]int64{}}}
	for _, row := range t.ConnRows(c.ID) {
		if t.ConnDest(row) != to {
			continue
		}
		dsn, ok := t.DSN(row)
		n := int64(t.PayloadLen(row))
		if !ok || n == 0 {
			continue
		}
		if !l.started {
			l.started, l.base = true, dsn
		}
		from := int64(dsn - l.base)
		switch {
		case from > l.whole:
			ofo++
			if from >= l.top {
				tail++
			}
		case from+n <= l.whole:
			twice++
		}
		l.top = max(l.top, from+n)
		l.arrive(&trace.Row{Time: t.Time(row)}, from, from+n)
	}
	return ofo, tail, twice
}
