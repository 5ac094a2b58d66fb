package analysis

import (
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// State is what keeps a sender from sending more, as far as a capture shows.
type State uint8

// States.
const (
	// InFlight: data is on its way and the window has room: the congestion window, or the application, sets the pace.
	InFlight State = iota
	// WindowLimited: the receiver's window (relative to the data ack, RFC 8684 section 3.3.5) has no room for another full
	// segment: the largest payload seen, or 1,460 bytes if that is more.
	WindowLimited
	// ZeroWindow: the receiver's last word was a window of 0.
	ZeroWindow
	// Idle: everything sent was acknowledged, and the window has room: the application had nothing to send. Known only where
	// the capture was made at the sender.
	Idle
	// Silent is what Idle looks like from elsewhere: the application had nothing to send, or what it sent was lost before it
	// came to the capture.
	Silent
	// AllSent: data is on its way, the last segment of it was not full, and nothing was sent again since: the application had given no
	// more, as what waits for a path goes in full segments.
	AllSent
	states
)

// String is the state in words.
func (s State) String() string {
	return [...]string{"in flight", "window limited", "zero window", "idle", "silent", "all sent", "", ""}[s&7]
}

// Stretch is a time in one state.
type Stretch struct {
	From, To int64 // ns since the epoch
	State    State
}

// Pacing is what kept a sender from sending, from its first data to the last data or the ack of it. An ack counts from the
// moment when what it lets go can be seen: after the round trip from the capture to the sender, by the subflow's handshake. The
// window that comes with it counts when data echo its timestamp, or after as long as such echoes took of late, queues included:
// what fills the window that was there before is still on its way.
//
// Linux's rwnd_limited (tcp_info) counts less. It leaves out the time in which pacing or the congestion window holds the sender
// back as well, and of MPTCP most of it: data that do not fit into the window of the connection are not given to a subflow.
type Pacing struct {
	AtSender  bool          // the capture was made there
	Time      [states]int64 // ns
	Stretches []Stretch     // in order, each in another state than the one before
}

// Active is the time that the limits cover, in ns.
func (l *Pacing) Active() (sum int64) {
	for _, t := range l.Time {
		sum += t
	}
	return sum
}

// fullSegment is the most that a segment is taken to need, as offload shows larger ones.
const fullSegment = 1460

// leastFull is the payload that a segment is taken to have room for on any path: with less, no path was full. As options come and go,
// full segments differ by as much as a TCP header has room for.
const (
	leastFull  = 500
	optionRoom = 40
)

// pacer follows a sender.
type pacer struct {
	out     *Pacing
	turns   []turn // by ordinal
	late    []lateWord
	any     bool // data was sent
	high    uint64
	acked   uint64
	hasAck  bool
	edge    uint64
	hasEdge bool
	window  uint32
	segment uint32
	most    []uint32 // by ordinal: the largest payload so far
	short   bool     // the last new data was in a segment that was not full, and nothing was sent again since
	state   State
	since   int64
	latest  int64
}

// lateWord is a data ack, or the window that comes with it, on the way to the sender.
type lateWord struct {
	time    int64 // when what it lets go can be seen
	opens   bool  // the window counts, not the ack
	dack    uint64
	window  uint32
	ordinal int
	stamp   uint32 // TCP's, valid iff stamped (RFC 7323 section 3)
	stamped bool
}

// sent takes in data up to a number, on a subflow.
func (l *pacer) sent(ordinal int, wire *trace.Wire, to uint64, length uint32) {
	time := wire.Time
	l.pass(time)
	if wire.HasTS && !l.out.AtSender && l.turns[ordinal].fresh(wire.TSEcr) {
		l.echoed(ordinal, time, wire.TSEcr)
	}
	l.most[ordinal] = max(l.most[ordinal], length, leastFull)
	fresh := !l.any || int64(to-l.high) > 0
	l.short = fresh && length+optionRoom < l.most[ordinal]
	if !l.any {
		l.any, l.since = true, time
	}
	if fresh {
		l.high = to
	}
	l.segment = max(l.segment, min(length, fullSegment))
	l.change(time)
}

// acknowledged takes in a data ack and the window that comes with it, on a subflow.
func (l *pacer) acknowledged(ordinal int, wire *trace.Wire, dack uint64, window uint32) {
	time := wire.Time
	l.pass(time)
	turn := &l.turns[ordinal]
	w := lateWord{time: time + turn.base, dack: dack, window: window, ordinal: ordinal, stamp: wire.TSVal, stamped: wire.HasTS}
	l.wait(w)
	w.opens, w.time = true, time+turn.now()
	l.wait(w)
	if wire.HasTS && !l.out.AtSender && l.any {
		turn.stamp(time, wire.TSVal)
	}
	l.pass(time)
}

// wait puts a word among those that are on the way.
func (l *pacer) wait(w lateWord) {
	i := len(l.late)
	for i > 0 && l.late[i-1].time > w.time {
		i--
	}
	l.late = slices.Insert(l.late, i, w)
}

// echoed lets the acks count that data tell to have reached the sender.
func (l *pacer) echoed(ordinal int, time int64, ecr uint32) {
	l.turns[ordinal].echo(time, ecr, l.state != Silent)
	rest := l.late[:0]
	for i := range l.late {
		if w := l.late[i]; w.ordinal == ordinal && w.stamped && int32(ecr-w.stamp) >= 0 {
			w.time = time
			l.heard(&w)
		} else {
			rest = append(rest, w)
		}
	}
	l.late = rest
}

// pass lets the acks count that have reached the sender by a time.
func (l *pacer) pass(time int64) {
	k := 0
	for ; k < len(l.late) && l.late[k].time <= time; k++ {
		l.heard(&l.late[k])
	}
	l.late = l.late[k:]
}

func (l *pacer) heard(w *lateWord) {
	switch edge := w.dack + uint64(w.window); {
	case w.opens && l.hasEdge && int64(edge-l.edge) <= 0:
		return
	case w.opens:
		l.edge, l.hasEdge = edge, true
	case l.hasAck && int64(w.dack-l.acked) < 0:
		return // overtaken
	default:
		l.acked, l.window, l.hasAck = w.dack, w.window, true
	}
	if l.any {
		l.change(w.time)
	}
}

// now is the state that the numbers tell.
func (l *pacer) now() State {
	switch {
	case !l.hasAck || !l.hasEdge:
		return InFlight
	case l.window == 0:
		return ZeroWindow
	case int64(l.edge-l.high) < int64(l.segment):
		return WindowLimited
	case int64(l.acked-l.high) >= 0 && l.out.AtSender:
		return Idle
	case int64(l.acked-l.high) >= 0:
		return Silent
	case l.short:
		return AllSent
	}
	return InFlight
}

// change ends the state that held until a time.
func (l *pacer) change(time int64) {
	l.latest = max(l.latest, time)
	if next := l.now(); next != l.state {
		l.end(time)
		l.state, l.since = next, time
	}
}

// end counts the time in the present state.
func (l *pacer) end(time int64) {
	l.count(l.since, time, l.state)
}

func (l *pacer) count(from, to int64, s State) {
	if to <= from {
		return
	}
	l.out.Time[s] += to - from
	list := l.out.Stretches
	if n := len(list); n > 0 && list[n-1].State == s && list[n-1].To == from {
		list[n-1].To = to
		return
	}
	l.out.Stretches = append(list, Stretch{from, to, s})
}

// finish ends the last state with the last packet. Idleness and silence after the last data count for
// nothing.
func (l *pacer) finish() {
	if l.any && l.state != Idle && l.state != Silent {
		l.end(l.latest)
	}
}
