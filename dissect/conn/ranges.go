package conn

// ranges is a set of numbers kept as disjoint ranges [a, b) that do not touch.
type ranges struct{ list sorted }

// add puts [from, to) into the set and returns how many numbers of it are new.
func (r *ranges) add(from, to uint64) (fresh uint64) {
	if from >= to {
		return 0
	}
	l := r.list.last()
	if l == nil || from > l.b {
		r.list.push(pair{a: from, b: to})
		return to - from
	}
	if from >= l.a {
		if to <= l.b {
			return 0
		}
		fresh, l.b = to-l.b, to
		return fresh
	}
	return r.merge(from, to)
}

// hint is a place, in half the room, that is kept while the list changes: it may name another range by now, or none; who uses it looks.
type hint struct{ chunk, i uint32 }

// grow is add for a caller who mostly continues a range of its own: h names the one that it added to last. Whether another
// one follows in its chunk is a matter of chance, so that no branch depends on it.
func (r *ranges) grow(h *hint, from, to uint64) (fresh uint64) {
	if chunk, last := int(h.chunk), r.list.lastChunk(); chunk <= last {
		c := r.list.chunk(chunk)
		i := int(h.i)
		more := uint64(i+1-len(c)) >> 63 // 1 if one follows, 0 if not
		if i < len(c) && c[i].b == from && from < to && (chunk == last || more != 0) {
			behind := i + int(more)
			limit := c[behind].a | (more - 1) // where it begins, or nowhere
			if to < limit {
				c[i].b = to
				return to - from
			}
			if to == limit { // up to where another subflow went on
				c[i].b = c[behind].b
				r.list.remove(place{chunk: chunk, i: behind})
				return to - from
			}
		}
	}
	fresh = r.add(from, to)
	at := place{chunk: r.list.lastChunk(), i: len(r.list.tail) - 1}
	if from < r.list.top {
		at, _ = r.list.prev(r.list.search(from + 1))
	}
	*h = hint{chunk: uint32(at.chunk), i: uint32(at.i)}
	return fresh
}

// merge adds a range that is not behind the last one.
func (r *ranges) merge(from, to uint64) (fresh uint64) {
	fresh = to - from
	at := r.list.search(from)
	if p, ok := r.list.prev(at); ok && r.list.at(p).b >= from {
		at = p
	}
	first := r.list.at(at)
	if first == nil || first.a > to {
		r.list.insert(at, pair{a: from, b: to})
		return fresh
	}
	fresh -= common(from, to, first.a, first.b)
	a, b := min(from, first.a), max(to, first.b)
	next := r.list.next(at)
	for n := r.list.at(next); n != nil && n.a <= b; n = r.list.at(next) {
		fresh -= common(from, to, n.a, n.b)
		b = max(b, n.b)
		next = r.list.remove(next)
	}
	*r.list.at(at) = pair{a: a, b: b}
	r.list.top = r.list.last().a
	return fresh
}

// gaps calls use with each part of [from, to) that is not in the set, in order.
func (r *ranges) gaps(from, to uint64, use func(a, b uint64)) {
	at := r.list.search(from)
	if p, ok := r.list.prev(at); ok {
		from = max(from, r.list.at(p).b)
	}
	for e := r.list.at(at); e != nil && e.a < to && from < to; e = r.list.at(at) {
		if from < e.a {
			use(from, e.a)
		}
		from = max(from, e.b)
		at = r.list.next(at)
	}
	if from < to {
		use(from, to)
	}
}

// common is how many numbers [a, b) and [c, d) share.
func common(a, b, c, d uint64) uint64 {
	lo, hi := max(a, c), min(b, d)
	if lo >= hi {
		return 0
	}
	return hi - lo
}
