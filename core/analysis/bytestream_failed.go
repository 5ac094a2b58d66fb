package analysis

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// failed knows the bytes of mappings whose checksum failed, of those that a connection keeps one by one. The zero value knows none.
type failed struct {
	base  uint64                // data sequence numbers are counted from here, so that none wraps
	lanes map[failedLane]*spans // by data sequence number
	again spans                 // of them, those that other mappings carry, too
}

// failedLane tells bytes apart that a stream carried under one data sequence number more than once: shift is how far the lower
// halves of the data sequence numbers are behind the subflow's.
type failedLane struct{ stream, shift uint32 }

func failedLaneOf(id uint32, dsn uint64, ssn uint32) failedLane {
	return failedLane{id, ssn - uint32(dsn)}
}

// note takes in the failed mappings of one direction, and says whether there are any.
func (f *failed) note(c *conn.Conn, dest stream.Dest) bool {
	f.base = c.Toward[dest].DSNMin - bias
	for i := range c.BadChecksums {
		m := &c.BadChecksums[i]
		if m.To != dest {
			continue
		}
		if f.lanes == nil {
			f.lanes = map[failedLane]*spans{}
		}
		lane := failedLaneOf(m.Stream, m.DSN, m.SSN)
		if f.lanes[lane] == nil {
			f.lanes[lane] = &spans{}
		}
		from := m.DSN - f.base
		f.lanes[lane].put(from, from+uint64(m.Length))
	}
	return f.any()
}

func (f *failed) any() bool { return f.lanes != nil }

// lookAhead finds which of the bytes come by another mapping as well.
func (f *failed) lookAhead(t *trace.Trace, c *conn.Conn, dest stream.Dest) {
	var all spans
	for _, s := range f.lanes {
		s.each(0, 1<<64-1, func(from, to uint64, _ uint32) { all.put(from, to) })
	}
	var room []trace.Piece
	for _, row := range t.ConnRows(c.ID) {
		if t.ConnDest(row) != dest {
			continue
		}
		room = t.Pieces(row, room[:0])
		for i := range room {
			f.others(failedLaneOf(t.StreamOf(row), room[i].DSN, room[i].SSN), &room[i], &all)
		}
	}
}

// others notes what of all a piece carries by a mapping that did not fail.
func (f *failed) others(lane failedLane, p *trace.Piece, all *spans) {
	end := p.DSN + uint64(p.Len)
	for dsn := p.DSN; dsn != end; {
		n, bad, _ := f.cut(lane, dsn, end-dsn)
		if from := dsn - f.base; !bad {
			all.each(from, from+n, func(from, to uint64, _ uint32) { f.again.put(from, to) })
		}
		dsn += n
	}
}

// cut says of how many of the next n bytes of a lane the same is true: bad, that their mapping failed, and again, that another one
// carries them.
func (f *failed) cut(lane failedLane, dsn, n uint64) (same uint64, bad, again bool) {
	from := dsn - f.base
	if s := f.lanes[lane]; s != nil {
		n, bad = s.first(from, from+n)
	}
	if bad {
		n, again = f.again.first(from, from+n)
	}
	return n, bad, again
}

// put makes [from, to) part of the set.
func (s *spans) put(from, to uint64) {
	s.fill(from, to, 0, func(uint64, uint64, uint32, bool) {})
}

// first is how long the first part of [from, to) is, which is in a range or in none.
func (s *spans) first(from, to uint64) (n uint64, in bool) {
	n = to - from
	found := false
	s.each(from, to, func(a, b uint64, _ uint32) {
		switch {
		case found:
		case a > from:
			n = a - from
		default:
			n, in = b-from, true
		}
		found = true
	})
	return n, in
}
