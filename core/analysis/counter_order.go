package analysis

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// order counts, as related figures, what came out of order or twice at the place of the capture.
func (k *tally) order() {
	for _, to := range []stream.Dest{stream.Server, stream.Client} {
		ofo, tail, twice := disorder(k.t, k.c, to)
		k.add(to, "OFOQueue", ofo)
		k.add(to, "OFOQueueTail", tail)
		k.add(to, "DuplicateData", twice)
	}
}

// disorder counts the segments towards an end that came behind a gap, those of them that came beyond all others, and those
// whose data had come already, in the order of the capture.
func disorder(t *trace.Trace, c *conn.Conn, to stream.Dest) (ofo, tail, twice uint64) {
	var ahead spans           // what came
	var expected, high uint64 // the next byte in order, and one past the highest
	started := false
	for row := range connRows(t, c) {
		from, ok := t.DSN(row)
		if !ok || t.ConnDest(row) != to {
			continue
		}
		if !started {
			started, expected, high = true, from, from
		}
		end := from + uint64(t.PayloadLen(row))
		switch {
		case int64(from-expected) > 0:
			if ofo++; int64(from-high) >= 0 {
				tail++
			}
		case int64(end-expected) <= 0:
			twice++
			continue
		default:
			from = expected
		}
		if int64(end-high) > 0 {
			high = end
		}
		ahead.fill(from, end, 0, func(uint64, uint64, uint32, bool) {})
		for part, ok := ahead.take(expected); ok; part, ok = ahead.take(expected) {
			expected = part.to
		}
	}
	return ofo, tail, twice
}
