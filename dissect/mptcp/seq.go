package mptcp

// Data sequence numbers count 64-bit modulo 2⁶⁴ (RFC 8684 section 3.3.1). A sender may put only their low 32 bits on
// the wire, so that a reader has to widen them.

// Expand widens a 32-bit data sequence number or ack to the 64-bit value nearest to known, the last one seen in that
// direction, as Linux's __mptcp_expand_seq does: same high word, or the next or previous one where the low words say
// that it wrapped. Of two values that are equally near (2³¹ away) it takes, as Linux, the one with another high word.
func Expand(known uint64, low uint32) uint64 {
	d := low - uint32(known)
	if d == 1<<31 && low < uint32(known) {
		return known + 1<<31
	}
	return known + uint64(int64(int32(d)))
}

// Before reports whether a comes before b, modulo 2⁶⁴.
func Before(a, b uint64) bool { return int64(a-b) < 0 }

// Distance is how far b is ahead of a, negative when it is behind, modulo 2⁶⁴.
func Distance(a, b uint64) int64 { return int64(b - a) }

// Before32 reports whether a comes before b, modulo 2³² (RFC 9293 section 3.4), for subflow sequence numbers.
func Before32(a, b uint32) bool { return int32(a-b) < 0 }
