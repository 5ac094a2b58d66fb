package analysis

import "slices"

// turn is how long it takes from the place of a capture to the sender of data and back on a subflow: with the queues that the
// data meet, as its timestamps tell (RFC 7323 section 4.1).
type turn struct {
	base   int64 // by the handshake, 0 where it did not show
	asked  []stamped
	recent []int64 // the latest measured
	echoed uint32  // the latest timestamp that came back, valid iff hasEcho
	// hasEcho: one came back.
	hasEcho bool
}

// stamped is the first packet with a TCP timestamp towards the sender of data.
type stamped struct {
	time  int64
	value uint32
}

// turnsKept is how many measured times count, stampsKept how many timestamps may be on the way.
const (
	turnsKept  = 8
	stampsKept = 1 << 12
)

// now is the time that it takes at present, at most: what takes less is told by the echo.
func (t *turn) now() int64 {
	if len(t.recent) == 0 {
		return t.base
	}
	return max(t.base, slices.Max(t.recent))
}

// stamp takes in a timestamp that goes to the sender.
func (t *turn) stamp(time int64, value uint32) {
	if n := len(t.asked); n == 0 || int32(value-t.asked[n-1].value) > 0 {
		t.asked = append(t.asked[max(0, n+1-stampsKept):], stamped{time, value})
	}
}

// fresh says whether a timestamp that came back is later than those before. Few are: they tick once in a millisecond.
func (t *turn) fresh(value uint32) bool {
	if t.hasEcho && int32(value-t.echoed) <= 0 {
		return false
	}
	t.echoed, t.hasEcho = value, true
	return true
}

// echo takes in one that comes back with data. The first data that tell of it measure the time, unless the sender had nothing
// to send meanwhile.
func (t *turn) echo(time int64, value uint32, busy bool) {
	k := 0
	for k < len(t.asked) && int32(t.asked[k].value-value) < 0 {
		k++
	}
	t.asked = t.asked[k:]
	if len(t.asked) == 0 || t.asked[0].value != value {
		return
	}
	if busy {
		t.recent = append(t.recent, time-t.asked[0].time)
		t.recent = t.recent[max(0, len(t.recent)-turnsKept):]
	}
	t.asked = t.asked[1:]
}
