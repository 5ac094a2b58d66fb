package match

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"

// extent is what one end of a stream sent: raw sequence numbers and timestamps from the lowest to the highest, modulo
// 2³².
type extent struct {
	any, ts    bool
	lo, hi     uint32
	tsLo, tsHi uint32
}

// extentKey names one direction of one stream of one capture.
type extentKey struct {
	ofB  bool
	id   uint32
	dest stream.Dest
}

// extent reads the packets of one direction of a stream, once.
func (r *ranker) extent(s *side, id uint32, towards stream.Dest) extent {
	key := extentKey{s == &r.b, id, towards}
	if e, done := r.extents[key]; done {
		return e
	}
	var e extent
	for _, row := range s.t.StreamRows(id) {
		if s.t.Dest(row) != towards || s.t.Flags(row)&stream.RST != 0 {
			continue
		}
		w := s.t.Wire(row)
		if !e.any {
			e.any, e.lo, e.hi = true, w.Seq, w.Seq+w.Len
		}
		e.lo, e.hi = earlier(e.lo, w.Seq), later(e.hi, w.Seq+w.Len)
		if w.HasTS {
			if !e.ts {
				e.ts, e.tsLo, e.tsHi = true, w.TSVal, w.TSVal
			}
			e.tsLo, e.tsHi = earlier(e.tsLo, w.TSVal), later(e.tsHi, w.TSVal)
		}
	}
	r.extents[key] = e
	return e
}

// earlier and later compare numbers modulo 2³².
func earlier(a, b uint32) uint32 {
	if int32(a-b) < 0 {
		return a
	}
	return b
}

func later(a, b uint32) uint32 {
	if int32(a-b) > 0 {
		return a
	}
	return b
}

// overlap compares what one end sent in both captures, where the handshake is missing in one of them.
func (r *ranker) overlap(c *Candidate, x, y extent, name string) {
	if !x.any || !y.any {
		return
	}
	if int32(y.lo-x.hi) <= 0 && int32(x.lo-y.hi) <= 0 {
		c.add(pointsRange, "%s's sequence numbers overlap", name)
	} else {
		c.add(-pointsRange, "%s's sequence numbers have nothing in common", name)
	}
	if x.ts && y.ts && int32(y.tsLo-x.tsHi) <= 0 && int32(x.tsLo-y.tsHi) <= 0 {
		c.add(pointsTime, "%s's timestamps overlap", name)
	}
}
