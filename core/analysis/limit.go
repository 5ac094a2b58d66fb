package analysis

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
	// came to the capture. One round trip of it counts as InFlight: the ack has to reach the sender, and its answer the
	// capture.
	Silent
	states
)

// String is the state in words.
func (s State) String() string {
	return [...]string{"in flight", "window limited", "zero window", "idle", "silent", "", "", ""}[s&7]
}

// Stretch is a time in one state.
type Stretch struct {
	From, To int64 // ns since the epoch
	State    State
}

// Limits are what kept a sender from sending, from its first data to the last data or the ack of it.
type Limits struct {
	AtSender  bool          // the capture was made there
	Time      [states]int64 // ns
	Stretches []Stretch     // in order, each in another state than the one before
}

// Active is the time that the limits cover, in ns.
func (l *Limits) Active() (sum int64) {
	for _, t := range l.Time {
		sum += t
	}
	return sum
}

// fullSegment is the most that a segment is taken to need, as offload shows larger ones.
const fullSegment = 1460

// limiter follows a sender.
type limiter struct {
	out      *Limits
	patience int64 // the round trip, before silence begins
	any      bool  // data was sent
	high     uint64
	acked    uint64
	hasAck   bool
	edge     uint64
	window   uint32
	segment  uint32
	state    State
	since    int64
	latest   int64
}

// sent takes in data up to a number.
func (l *limiter) sent(time int64, to uint64, length uint32) {
	if !l.any {
		l.any, l.high, l.since = true, to, time
	}
	if int64(to-l.high) > 0 {
		l.high = to
	}
	l.segment = max(l.segment, min(length, fullSegment))
	l.change(time)
}

// acknowledged takes in a data ack and the window that comes with it.
func (l *limiter) acknowledged(time int64, dack uint64, window uint32) {
	if l.hasAck && int64(dack-l.acked) < 0 {
		return // overtaken
	}
	edge := dack + uint64(window)
	if !l.hasAck || int64(edge-l.edge) > 0 {
		l.edge = edge
	}
	l.acked, l.window, l.hasAck = dack, window, true
	if l.any {
		l.change(time)
	}
}

// now is the state that the numbers tell.
func (l *limiter) now() State {
	switch {
	case !l.hasAck:
		return InFlight
	case l.window == 0:
		return ZeroWindow
	case int64(l.edge-l.high) < int64(l.segment):
		return WindowLimited
	case int64(l.acked-l.high) >= 0 && l.out.AtSender:
		return Idle
	case int64(l.acked-l.high) >= 0:
		return Silent
	}
	return InFlight
}

// change ends the state that held until a time.
func (l *limiter) change(time int64) {
	l.latest = max(l.latest, time)
	if next := l.now(); next != l.state {
		l.end(time)
		l.state, l.since = next, time
	}
}

// end counts the time in the present state.
func (l *limiter) end(time int64) {
	from := l.since
	if l.state == Silent {
		patient := min(l.patience, max(time-from, 0))
		l.count(from, from+patient, InFlight)
		from += patient
	}
	l.count(from, time, l.state)
}

func (l *limiter) count(from, to int64, s State) {
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
func (l *limiter) finish() {
	if l.any && l.state != Idle && l.state != Silent {
		l.end(l.latest)
	}
}
