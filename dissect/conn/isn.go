package conn

import "sort"

// maxGuess is how many segments may wait for a certain initial sequence number before the best guess is used.
const maxGuess = 64

// guess narrows down the initial sequence number of a flow whose SYN was not captured: a segment that announces a mapping lies
// within it, so that the number is at most seq-ssn, and below that by no more bytes than the mapping is longer than the segment.
func (w *way) guess(seq, n uint32, a *announcement) {
	if w.exact || a.length == 0 || n == 0 || n > a.covered() {
		return
	}
	high, slack := seq-a.ssn, a.covered()-n
	switch {
	case !w.hasISN:
		w.isn, w.slack, w.hasISN, w.top = high, slack, true, bias
	default:
		low := max(int32(w.slackLow()-w.isn), int32(high-slack-w.isn))
		if top := min(0, int32(high-w.isn)); low <= top {
			w.isn, w.slack = w.isn+uint32(top), uint32(top-low)
		}
	}
}

// certain reports whether the guess leaves no choice.
func (w *way) certain() bool { return w.hasISN && w.slack == 0 }

// slackLow is the lowest initial sequence number that is still possible.
func (w *way) slackLow() uint32 { return w.isn - w.slack }

// fix sets the initial sequence number, from a SYN or the packets of a handshake.
func (w *way) fix(isn uint32) {
	if !w.exact {
		w.isn, w.hasISN, w.exact, w.top = isn, true, true, max(w.top, bias)
	}
}

// fix does so for what waits as well.
func (t *Table) fix(s *sub, flow uint8, isn uint32) {
	if w := s.way(flow); !w.exact {
		w.fix(isn)
		t.settle(s, flow, w)
	}
}

// replaceISN takes the number of a further SYN/ACK for the initial sequence number of a flow, once the mapping that a segment of
// n bytes announces covers more of it by that number than by the one before.
func (t *Table) replaceISN(s *sub, flow uint8, w *way, seq, n uint32, a *announcement, row uint32) {
	isn := s.core.Base[flow]
	if a.covers(seq-isn, n) <= a.covers(seq-w.isn, n) {
		return
	}
	if t.replacedISNs == nil {
		t.replacedISNs = map[flowKey][]replacedISN{}
	}
	key := flowKey{stream: s.stream, flow: flow}
	t.replacedISNs[key] = append(t.replacedISNs[key], replacedISN{upto: row, isn: w.isn})
	for i := range w.waiting {
		w.waiting[i].seq += isn - w.isn // at the same offset
	}
	w.isn = isn
}

// covers is how many of the n bytes from a subflow sequence number on the mapping covers, none if not the first.
func (a *announcement) covers(ssn, n uint32) uint32 {
	if into := ssn - a.ssn; into < a.covered() {
		return min(n, a.covered()-into)
	}
	return 0
}

// replacedISN is an initial sequence number that counted before a row.
type replacedISN struct{ upto, isn uint32 }

// flowKey names a flow of a stream.
type flowKey struct {
	stream uint32
	flow   uint8
}

// isnAt is the initial sequence number that counts in a row of a flow: isn, or one that it replaced later.
func isnAt(isn uint32, replaced []replacedISN, row uint32) uint32 {
	if k := sort.Search(len(replaced), func(k int) bool { return row < replaced[k].upto }); k < len(replaced) {
		return replaced[k].isn
	}
	return isn
}

// replacedBefore lists the initial sequence numbers that a flow had before the last one, oldest first.
func (t *Table) replacedBefore(s *sub, flow uint8) []replacedISN {
	if t.replacedISNs == nil {
		return nil
	}
	return t.replacedISNs[flowKey{stream: s.stream, flow: flow}]
}

// hasOffsets reports whether offsets can be computed: the initial sequence number is certain, or it has been waited for long
// enough.
func (w *way) hasOffsets() bool { return w.exact || w.hasISN && w.guessed }

// useGuess takes the best guess for the initial sequence number: after so many segments no certainty came.
func (t *Table) useGuess(s *sub, flow uint8, w *way) {
	w.guessed = true
	if len(w.waiting) > 0 {
		t.host.Issue(GuessedStart, w.waiting[0].row)
	}
	t.settle(s, flow, w)
}
