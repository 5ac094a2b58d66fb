package conn

import "slices"

// An infinite mapping (RFC 8684 section 3.7) has no length: it maps all behind its beginning, up to where a finite one begins that
// comes after it. A way has one at a time, way.endless, beside the list of the others; one that is replaced goes there.

// announceEndless makes a mapping the infinite one. One before it goes on to map what lies before the new one, and what came before.
func (t *Table) announceEndless(s *sub, flow uint8, w *way, from uint64, number uint32) {
	if w.endless != 0 {
		t.retire(w, from)
	}
	if from < w.mapEnd {
		w.overlapAll()
	}
	w.endless, w.endFrom, w.endTo = number, from, 1<<64-1
	w.loose = append(w.loose, number)
	t.settle(s, flow, w)
}

// againEndless is again for the infinite mapping: same tells whether it is announced again, kin whether another one begins
// with the same byte and number. A finite one behind its beginning ends it.
func (t *Table) againEndless(w *way, from uint64, a *announcement, row uint32) (same, kin bool) {
	m := t.maps.at(w.endless)
	kin = m != nil && from == w.endFrom && m.DSN() == a.dsn
	if kin {
		m.Row = row
	}
	if same = kin && m.same(a); same {
		w.endTo = 1<<64 - 1
	} else if a.length > 0 {
		w.endTo = min(w.endTo, from)
	}
	return same, kin
}

// overlapAll notes that the infinite mapping may overlap any other.
func (w *way) overlapAll() {
	w.overlapEnd = max(w.overlapEnd, w.mapEnd)
	w.from, w.to, w.mapping = 0, 0, nil
}

// retire puts the infinite mapping among the others, as far as it is used: up to another one, if that begins behind it.
func (t *Table) retire(w *way, next uint64) {
	to := min(w.endTo, w.endFrom+stretch)
	if next > w.endFrom {
		to = min(to, next)
	}
	n := uint32(to - w.endFrom)
	if entry := uint64(w.endless)<<32 | uint64(n); !w.replaceEntry(w.endFrom, 0, entry) {
		w.maps.add(pair{a: w.endFrom, b: entry})
	}
	w.longest, w.mapEnd = max(w.longest, n), max(w.mapEnd, to)
	w.loose = slices.DeleteFunc(w.loose, func(number uint32) bool { return number == w.endless })
}

// replaceEntry puts an entry in the place of that of a mapping that begins at an offset; of 0 if there is an empty one. It is false if
// there is none.
func (w *way) replaceEntry(from uint64, number uint32, entry uint64) bool {
	at := w.maps.search(from)
	for range maxBack {
		e := w.maps.at(at)
		if e == nil || e.a != from {
			break
		}
		if uint32(e.b>>32) == number {
			e.b = entry
			return true
		}
		at = w.maps.next(at)
	}
	return false
}

// beforeEndless is an end of what begins at an offset: the beginning of the infinite mapping, if that comes first.
func (w *way) beforeEndless(offset, end uint64) uint64 {
	if w.endless != 0 && offset < w.endFrom {
		return min(end, w.endFrom)
	}
	return end
}

// stretch is how far from its beginning an infinite mapping is used before it is continued by another: rows compute the
// distance in 32 bits.
const stretch = 1 << 30

// extend gives the infinite mapping for an offset behind its beginning.
func (t *Table) extend(w *way, offset uint64) (number uint32, from, to uint64) {
	for offset-w.endFrom >= stretch {
		m := t.maps.at(w.endless)
		if m == nil {
			return 0, 0, 1<<64 - 1
		}
		next := t.maps.add()
		*next = *m
		next.SSN += stretch
		next.setDSN(m.DSN() + stretch)
		t.retire(w, w.endFrom+stretch)
		w.endless = t.maps.n
		w.loose = append(w.loose, w.endless)
		w.endFrom += stretch
	}
	return w.endless, w.endFrom, min(w.endFrom+stretch, w.endTo)
}
