package match

// Why says why a packet, or a part of it, has no partner in the other capture.
type Why uint8

// Reasons, of the sender's packets first, then of the receiver's.
const (
	Lost     Why = iota // on the path
	Unseen              // the receiver acknowledged it: its capture missed it
	Before              // the other capture had not begun
	After               // the other capture had ended
	Missed              // it arrived, so that it was sent: the sender's capture missed it
	Either              // no payload tells which: lost, or missed by the receiver's capture, which missed others
	Injected            // a reset that the sender's capture does not have: a middlebox may have sent it
)

// String is the reason in words.
func (w Why) String() string {
	return [...]string{"lost on the path", "arrived, but the capture there missed it", "the other capture had not begun",
		"the other capture had ended", "the capture at the sender missed it",
		"lost, or missed by the capture there, which missed others",
		"the sender's capture has no such reset: a middlebox may have sent it"}[w%7]
}

// Missing is a packet of one capture that has no partner in the other one.
type Missing struct {
	Row      uint32
	Why      Why
	Bytes    uint32 // of its payload, those that have no partner
	Segments uint32 // how many segments on the path it stands for; more than one only where the sender's capture shows them uncut
}

// Losses sums up what a flow lost on its path: segments, and bytes of payload.
func (f *Flow) Losses() (segments, bytes uint64) {
	for i := range f.Sent {
		if m := &f.Sent[i]; m.Why == Lost {
			segments, bytes = segments+uint64(m.Segments), bytes+uint64(m.Bytes)
		}
	}
	return segments, bytes
}

// Reordered counts the hops that arrived behind one that was sent after them (RFC 4737 section 3.3), without the copies
// that the network made.
func (f *Flow) Reordered() int {
	n, last, again := 0, uint32(0), 0
	for i, h := range f.Hops {
		if again < len(f.Again) && f.Again[again] == i {
			again++
			continue
		}
		if h.Received < last {
			n++
		}
		last = max(last, h.Received)
	}
	return n
}
