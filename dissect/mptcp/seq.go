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
