package main

import (
	"cmp"
	"slices"
)

// Payload is placed byte by byte: the mapping that was announced last when the segment came maps each; one that has none then waits
// for the first one that covers it.

// candidate is a mapping that meets a segment, as it stood when that came.
type candidate struct {
	*mapping
	high   uint32 // last byte
	number uint32 // the frame that announced it last
}

// part is a piece of a segment that one mapping maps.
type part struct {
	from, to uint32 // subflow sequence numbers, both within
	by       candidate
}

// place maps the segment that has the subflow sequence numbers from one to another by the mappings that meet it, notes which ones it
// used and what the segment carries, and gives the data sequence number of its first byte.
func (v *visit) place(found []*mapping, seq, last uint32) (dsn uint64, ok bool) {
	all := v.candidates(found, seq, last)
	if v.s.length == 0 && len(all) == 0 {
		return v.onFIN(found, seq)
	}
	var parts []part
	for at := seq; ; {
		c := newest(all, at, v.s.id)
		if c == nil {
			c = first(all, at)
		}
		to := last
		for i := range all {
			if o := &all[i]; o.low > at {
				to = min(to, o.low-1)
			} else if o.high >= at {
				to = min(to, o.high)
			}
		}
		if c != nil {
			parts = append(parts, part{from: at, to: to, by: *c})
		}
		if to == last {
			break
		}
		at = to + 1
	}
	return v.spread(parts, seq)
}

// spread is what the parts of a segment come to.
func (v *visit) spread(parts []part, seq uint32) (dsn uint64, ok bool) {
	v.parts = v.parts[:0]
	var frames []uint32
	for _, p := range parts {
		n, known := v.widened(p.by.mapping, p.from)
		low := n
		if !known { // the upper half, which is the same for all
			low = p.by.dsn + uint64(p.from-p.by.low)
		}
		if known || v.lacks(pasteHigh) {
			v.parts = append(v.parts, piece{low: low, high: low + uint64(p.to-p.from), frame: v.s.id})
		}
		if p.from == seq {
			dsn, ok = n, known
		}
		if v.s.length > 0 && !slices.Contains(frames, p.by.number) {
			frames = append(frames, p.by.number)
		}
	}
	if v.lacks(treeOrder) && len(frames) > 0 {
		behind := frames
		if parts[0].from == seq {
			behind = frames[1:]
		}
		slices.Sort(behind)
	}
	for _, f := range frames {
		v.out.related = list(v.out.related, f)
	}
	return dsn, ok
}

// candidates are the mappings that meet a segment, in order of appearance.
func (v *visit) candidates(found []*mapping, seq, last uint32) []candidate {
	var all []candidate
	for _, head := range found {
		for m := head; m != nil; m = m.under {
			c := candidate{mapping: m, high: m.high, number: m.frame}
			if m.fin && v.lacks(finAsByte) {
				c.high--
			}
			for _, e := range m.ends {
				if e.frame <= v.s.id {
					c.high = min(c.high, e.high)
				}
			}
			if m.low > last || c.high < seq || c.high < m.low {
				continue
			}
			for o := head; o != m; o = o.under {
				if o.is(m) {
					c.number = o.frame
					break
				}
			}
			if v.has&changesPast != 0 {
				c.mapping = &mapping{frame: 0, dsn: m.dsn, wide: m.wide, low: m.low, high: m.high, order: m.order}
			}
			all = append(all, c)
			if v.has&keptEnd != 0 {
				break
			}
		}
	}
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Compare(a.order, b.order) })
	return all
}

// newest is the mapping of a byte that was announced last, no later than by a frame.
func newest(all []candidate, at, frame uint32) *candidate {
	for i := len(all) - 1; i >= 0; i-- {
		if c := &all[i]; c.frame <= frame && c.low <= at && at <= c.high {
			return c
		}
	}
	return nil
}

// first is the one that was announced first.
func first(all []candidate, at uint32) *candidate {
	for i := range all {
		if c := &all[i]; c.low <= at && at <= c.high {
			return c
		}
	}
	return nil
}

// onFIN maps a packet without payload by the DATA_FIN that it points to.
func (v *visit) onFIN(found []*mapping, seq uint32) (dsn uint64, ok bool) {
	for _, head := range found {
		for m := head; m != nil; m = m.under {
			if m.fin && m.high == seq {
				return v.widened(m, seq)
			}
		}
	}
	return 0, false
}
