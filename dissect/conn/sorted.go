package conn

// pair is an entry of a sorted list: ordered by a, b is the owner's.
type pair struct{ a, b uint64 }

// chunkLen is how many pairs a chunk holds at most: an insertion moves half of that at worst.
const chunkLen = 256

// sorted is a list of pairs ordered by a, equal ones in order of insertion. Appending is cheap, inserting anywhere
// takes O(log n) and one short move, whatever the order pairs come in. The zero value is an empty list.
type sorted struct {
	chunks [][]pair // none empty
	n      int
	top    uint64 // a of the last pair
	room   *room  // for chunks, nil if each has memory of its own
}

// place names a pair of a list, or its end. It is valid until the list changes.
type place struct{ chunk, i int }

// search is the place of the first pair with a at or after key. Mostly that is near the end: chunks are looked at from there,
// in steps that double.
func (s *sorted) search(key uint64) place {
	lo, hi := 0, len(s.chunks)
	for step := 1; step <= hi; step *= 2 {
		if c := s.chunks[hi-step]; c[len(c)-1].a < key {
			lo = hi - step + 1
			break
		}
		hi -= step
	}
	for lo < hi { // first chunk whose last pair is at or after key
		m := int(uint(lo+hi) / 2)
		if c := s.chunks[m]; c[len(c)-1].a < key {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if lo == len(s.chunks) {
		return place{chunk: lo}
	}
	c := s.chunks[lo]
	i, j := 0, len(c)
	for i < j {
		m := int(uint(i+j) / 2)
		if c[m].a < key {
			i = m + 1
		} else {
			j = m
		}
	}
	return place{chunk: lo, i: i}
}

// at is the pair at a place, nil at the end.
func (s *sorted) at(p place) *pair {
	if p.chunk >= len(s.chunks) {
		return nil
	}
	return &s.chunks[p.chunk][p.i]
}

func (s *sorted) next(p place) place {
	if p.i++; p.i == len(s.chunks[p.chunk]) {
		return place{chunk: p.chunk + 1}
	}
	return p
}

// prev is the place before p; ok is false at the beginning.
func (s *sorted) prev(p place) (q place, ok bool) {
	if p.i > 0 {
		return place{chunk: p.chunk, i: p.i - 1}, true
	}
	if p.chunk == 0 {
		return p, false
	}
	return place{chunk: p.chunk - 1, i: len(s.chunks[p.chunk-1]) - 1}, true
}

// last is the last pair, nil if there is none.
func (s *sorted) last() *pair {
	if len(s.chunks) == 0 {
		return nil
	}
	c := s.chunks[len(s.chunks)-1]
	return &c[len(c)-1]
}

// add puts a pair in its place, after those with the same a.
func (s *sorted) add(p pair) {
	if p.a >= s.top {
		s.push(p)
		return
	}
	s.insert(s.search(p.a+1), p)
}

// push appends a pair that comes last.
func (s *sorted) push(p pair) {
	s.n++
	s.top = p.a
	if k := len(s.chunks) - 1; k >= 0 {
		last := &s.chunks[k]
		if c := *last; len(c) < cap(c) {
			c = c[:len(c)+1]
			c[len(c)-1] = p
			*last = c
			return
		}
	}
	s.pushSlow(p)
}

// pushSlow does so where the last chunk has no room left.
func (s *sorted) pushSlow(p pair) {
	switch k := len(s.chunks) - 1; {
	case k < 0:
		s.chunks = s.room.head()
		s.chunks[0] = append(s.room.enlarge(nil), p)
	case len(s.chunks[k]) < chunkLen:
		s.chunks[k] = append(s.room.enlarge(s.chunks[k]), p)
	default:
		s.chunks = append(s.chunks, append(s.room.chunk(), p))
	}
}

// insert puts a pair at a place, moving what follows.
func (s *sorted) insert(at place, p pair) {
	if at.chunk == len(s.chunks) {
		s.push(p)
		return
	}
	s.n++
	c := s.chunks[at.chunk]
	if len(c) == chunkLen {
		at, c = s.split(at)
	}
	if len(c) == cap(c) {
		c = s.room.enlarge(c)
	}
	c = append(c, pair{})
	copy(c[at.i+1:], c[at.i:])
	c[at.i] = p
	s.chunks[at.chunk] = c
}

// split makes room in a full chunk, and returns where the place is now.
func (s *sorted) split(at place) (place, []pair) {
	c := s.chunks[at.chunk]
	const half = chunkLen / 2
	right := append(s.room.chunk(), c[half:]...)
	s.chunks = append(s.chunks, nil)
	copy(s.chunks[at.chunk+2:], s.chunks[at.chunk+1:])
	s.chunks[at.chunk], s.chunks[at.chunk+1] = c[:half], right
	if at.i > half {
		at = place{chunk: at.chunk + 1, i: at.i - half}
	}
	return at, s.chunks[at.chunk]
}

// remove takes a pair out and returns the place of the one that followed.
func (s *sorted) remove(at place) place {
	s.n--
	c := s.chunks[at.chunk]
	c = append(c[:at.i], c[at.i+1:]...)
	s.chunks[at.chunk] = c
	if len(c) == 0 {
		s.chunks = append(s.chunks[:at.chunk], s.chunks[at.chunk+1:]...)
		at.i = 0
	} else if at.i == len(c) {
		at = place{chunk: at.chunk + 1}
	}
	s.top = 0
	if l := s.last(); l != nil {
		s.top = l.a
	}
	return at
}

// trim drops the first chunks until at most max pairs are left, or one chunk.
func (s *sorted) trim(max int) {
	for s.n > max && len(s.chunks) > 1 {
		s.n -= len(s.chunks[0])
		s.chunks = s.chunks[1:]
	}
}

// each calls use with every pair, in order, to read or change its b, or to move all a by the same distance.
func (s *sorted) each(use func(p *pair)) {
	for _, c := range s.chunks {
		for i := range c {
			use(&c[i])
		}
	}
}
