package analysis

import (
	"context"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// limits say what one direction of a connection waited for, in the figures of Stalls. Times are nanoseconds.
type limits struct {
	to      stream.Dest
	span    int64 // that idle, window and sending add up to
	idle    int64 // everything sent was acknowledged: Idle, or Silent where the capture was not made at the sender
	window  int64 // the receiver's window had no room for another segment
	zero    int64 // of that, it was zero
	sent    int64 // data was on its way, and the application had given no more
	sending int64 // none of these: paths and congestion control set the pace
	known   bool  // the window is

	sight    bool    // the capture was made where the data arrives
	atSender bool    // it was made where the data is sent: all that was sent is in it
	blocked  float64 // share of the receiver's time in which data had arrived and waited for a gap to be filled (head of line)
	who      int     // ordinal of the subflow that was waited for longest
	wait     int64   // how long for that one
	unseen   int64   // how long for data that is in no packet of the capture
	carried  int     // subflows that carried data
	bytes    uint64  // data, each byte once
	bare     uint64  // bytes without a mapping, which are in no other figure
	lost     uint64  // retransmitted, and not for nothing
	repeated uint64  // sent again by MPTCP on the subflow that had carried it
	over     uint64  // reinjected
}

// fewestSegments is how many packets with payload it takes to say what set the pace.
const fewestSegments = 10

// limitsOf concludes what set the pace of each direction of which there is enough to say.
func limitsOf(ctx context.Context, t *trace.Trace, c *conn.Conn) ([]*limits, error) {
	s, err := NewStalls(ctx, t, c)
	if err != nil {
		return nil, err
	}
	var list []*limits
	var account *Account // made where it is needed: most connections hardly retransmit
	for _, to := range ConnDirections(stream.DestUnknown) {
		l := limitsToward(t, c, to, &s.Toward[to])
		if l.span <= 0 || dataPackets(t, c, to) < fewestSegments {
			continue
		}
		list = append(list, l)
		if !l.much(c.Toward[to].Retransmitted) {
			continue
		}
		if account == nil {
			if account, err = NewAccount(ctx, t, c); err != nil {
				return nil, err
			}
		}
		sum := account.Total(to)
		l.lost, l.repeated = sum.Timeout+sum.Fast, sum.Repeated
	}
	return list, nil
}

// dataPackets counts packets with payload that has a data sequence number, up to fewestSegments.
func dataPackets(t *trace.Trace, c *conn.Conn, to stream.Dest) (n int) {
	for i := range c.Subflows {
		for _, row := range t.SubflowRows(c, i) {
			if _, ok := t.DSN(row); ok && t.ConnDest(row) == to {
				if n++; n == fewestSegments {
					return n
				}
			}
		}
	}
	return n
}

func limitsToward(t *trace.Trace, c *conn.Conn, to stream.Dest, d *Delivery) *limits {
	data := &c.Toward[to]
	bytes, bare := data.Unique, data.Unmapped
	if data.HasDSN {
		bytes, bare = bytes-data.Plain, bare+data.Plain
	}
	l := &limits{to: to, span: d.Active(), idle: d.Time[Idle] + d.Time[Silent], window: d.Time[WindowLimited] + d.Time[ZeroWindow], zero: d.Time[ZeroWindow],
		sent: d.Time[AllSent], sending: d.Time[InFlight], known: d.Scaled, blocked: d.BlockedShare(), sight: d.Sight, atSender: d.AtSender, bytes: bytes, bare: bare, over: data.Reinjected}
	for i := range c.Subflows {
		part := &c.Subflows[i]
		if t.SubflowStream(c, i).Toward[subflowToward(part, to)].Bytes > 0 {
			l.carried++
		}
	}
	if !l.known {
		l.window, l.zero, l.sending = 0, 0, l.sending+l.window
	}
	waits := make([]int64, len(c.Subflows))
	for _, p := range d.Periods {
		if p.Hole == Unseen {
			l.unseen += p.To - p.From
		}
		if p.For < 0 {
			continue
		}
		if waits[p.For] += p.To - p.From; waits[p.For] > l.wait {
			l.who, l.wait = p.For, waits[p.For]
		}
	}
	return l
}

// share is a part of the span.
func (l *limits) share(part int64) float64 {
	if l.span <= 0 {
		return 0
	}
	return float64(part) / float64(l.span)
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
func (l *limits) kind() limitKind {
	switch {
	case l.share(l.idle) >= muchIdle:
		return limitApplication
	case (l.carried > 1 || l.unseen > l.wait) && (l.blocked >= muchBlocked || l.fills()):
		return limitBlocked
	case l.share(l.window) >= muchWindow || l.zero > 0 && l.share(l.window) > muchWindow/3:
		return limitWindow
	case l.share(l.idle+l.sent) >= muchIdle:
		return limitApplication
	case l.bytes > 0 && float64(l.over)/float64(l.bytes) >= muchOver:
		return limitReinjection
	}
	return limitPath
}

// fills says whether gaps were what filled the window: a window that is full for much longer than data waits is small by itself.
func (l *limits) fills() bool {
	window := l.share(l.window)
	return 2*l.blocked >= muchBlocked && 2*window >= muchWindow && 2*l.blocked >= window
}

// sentence says what set the pace, with the figures that show it.
func (l *limits) sentence(c *conn.Conn) string {
	rate := display.Scaled(float64(l.bytes)*8e9/float64(max(l.span, 1)), display.BitsPerSecond)
	lead := fmt.Sprintf("Towards the %s, %s in %s (%s): ", l.to.End(), display.Scaled(float64(l.bytes), display.Bytes), spanText(l.span), rate)
	if l.bare > 0 {
		lead = fmt.Sprintf("Towards the %s, %s with data sequence numbers in %s (%s; %s without are left out): ", l.to.End(),
			display.Scaled(float64(l.bytes), display.Bytes), spanText(l.span), rate, display.Scaled(float64(l.bare), display.Bytes))
	}
	figures := l.figures()
	switch l.kind() {
	case limitApplication:
		if l.share(l.idle) < muchIdle {
			return lead + l.application() + figures
		}
		if !l.atSender {
			return lead + "for most of the time nothing was on its way: the application set the pace, or what it sent was lost before it came to this capture." + figures
		}
		return lead + "the application set the pace: all that it gave was acknowledged." + figures
	case limitWindow:
		return lead + "the receive window set the pace: less than a segment of it was left." + figures
	case limitBlocked:
		if l.unseen > l.wait {
			return lead + fmt.Sprintf("head of line: data that had come waited for data that was not captured, %s in all.", spanText(l.unseen)) + figures
		}
		verb, caveat := "carried", ""
		if l.sight {
			verb = "brought"
		}
		if !l.atSender {
			caveat = "; whether another one had lost it before is not seen here"
		}
		return lead + fmt.Sprintf("head of line: data that had come waited for what subflow %d %s, %s in all%s.", c.Subflows[l.who].Stream, verb,
			spanText(l.wait), caveat) + figures
	case limitReinjection:
		return lead + fmt.Sprintf("reinjection: %s were sent on a second subflow.", display.Scaled(float64(l.over), display.Bytes)) + figures
	}
	return lead + l.paths() + figures
}

// application says that the application set the pace, where its data was on its way for most of the time.
func (l *limits) application() string {
	if l.atSender {
		return "the application set the pace: for most of the time all that it had given was sent, as the last segment was not full, or acknowledged."
	}
	return "the application set the pace, it seems: for most of the time the last segment that had come was not full, or nothing was on its way."
}

// paths says that the paths set the pace, and what was sent again on them.
func (l *limits) paths() string {
	s := "the paths set the pace"
	if l.much(l.lost) {
		s += fmt.Sprintf(", with losses: %s were sent again on their subflow", display.Scaled(float64(l.lost), display.Bytes))
	}
	if l.much(l.repeated) {
		s += fmt.Sprintf("; MPTCP sent %s once more on the subflow that had carried them", display.Scaled(float64(l.repeated), display.Bytes))
	}
	return s + "."
}

// much says whether so many bytes sent again are worth a word.
func (l *limits) much(again uint64) bool {
	return l.bytes > 0 && float64(again)/float64(l.bytes) >= muchAgain
}

// figures are the shares of the time, in the words of stalls.
func (l *limits) figures() string {
	quiet, idle := "silent", percent(l.share(l.idle))
	if l.atSender {
		quiet = "idle"
	}
	if l.sent > 0 {
		quiet, idle = quiet+" "+idle+", all sent", percent(l.share(l.sent))
	}
	window := "window limited " + percent(l.share(l.window-l.zero))
	if l.zero > 0 {
		window += ", zero window " + percent(l.share(l.zero))
	}
	if !l.known {
		window = "window unknown, as its scale is"
	}
	return fmt.Sprintf(" Of the sender's time: %s %s, %s, paths %s. Of the receiver's: blocked by a gap %s.", quiet, idle, window,
		percent(l.share(l.sending)), percent(l.blocked))
}

func percent(share float64) string { return display.Scaled(share, display.Ratio) }

// spanText writes a duration for people.
func spanText(ns int64) string {
	return display.Format(display.Duration(ns), &display.Column{Unit: display.Nanoseconds}, display.People)
}
