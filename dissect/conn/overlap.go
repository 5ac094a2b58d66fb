package conn

// Mappings may overlap: two that cover the same byte, and are not one that got longer. There the one that was announced last maps
// the byte. Elsewhere, which is nearly always, the one that begins nearest before a byte is the only one that can cover it.

// noteOverlap notes where a mapping of [from, to) to dsn, which is about to be added, overlaps others: way.overlapEnd.
func (t *Table) noteOverlap(w *way, from, to, dsn uint64) {
	upto := uint64(0)
	if w.endless != 0 && from < w.endTo && to > w.endFrom {
		upto = to
	}
	for e := range w.before(w.maps.search(to), from) {
		if m := t.maps.at(uint32(e.b >> 32)); e.end() > from && (e.a != from || m == nil || m.DSN() != dsn) {
			upto = max(upto, e.end(), to)
		}
	}
	if upto > w.overlapEnd {
		w.overlapEnd = upto
		w.from, w.to, w.mapping = 0, 0, nil
	}
}

// lookupOverlapping is lookup where mappings overlap.
func (t *Table) lookupOverlapping(w *way, offset uint64) (number uint32, from, to uint64) {
	var best *Mapping
	to = 1<<64 - 1
	if w.endless != 0 && offset >= w.endFrom && offset < w.endTo {
		number, from, to = t.extend(w, offset)
		best = t.maps.at(number)
	}
	at := w.maps.search(offset + 1)
	for e := range w.before(at, offset) {
		if n := uint32(e.b >> 32); e.end() > offset && t.isLater(n, number, best) {
			number, from, to, best = n, e.a, e.end(), t.maps.at(n)
		}
	}
	if t.isLater(w.endless, number, best) {
		to = w.beforeEndless(offset, to)
	}
	for range maxBack {
		e := w.maps.at(at)
		if e == nil || e.a >= to {
			break
		}
		if t.isLater(uint32(e.b>>32), number, best) {
			return number, from, e.a
		}
		at = w.maps.next(at)
	}
	return number, from, to
}

// isLater reports whether mapping n was announced after another one, or whether there is no other.
func (t *Table) isLater(n, other uint32, best *Mapping) bool {
	m := t.maps.at(n)
	return m != nil && (best == nil || m.Row > best.Row || m.Row == best.Row && n > other)
}
