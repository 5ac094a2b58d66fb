package conn

// pair is an entry of a sorted list: ordered by a, b is the owner's.
type pair struct{ a, b uint64 }

// chunkLen is how many pairs a chunk holds at most: an insertion moves half of that at worst.
const chunkLen = 256

// sorted is a list of pairs ordered by a, equal ones in order of insertion. Appending is cheap, inserting anywhere
// takes O(log n) and one short move, whatever the order pairs come in. The zero value is an empty list.
type sorted struct {
	tail   []pair // the last chunk, which is all that an appended pair needs; empty only if the list is
	top    uint64 // a of the last pair
	before *older // nil if there is but one chunk
	room   *room  // for chunks, nil if each has memory of its own
}

// older are the chunks before the last one, none of them empty.
type older struct {
	chunks [][]pair
	n      int // pairs in them
}

// place names a pair of a list, or its end. It is valid until the list changes.
type place struct{ chunk, i int }

// lastChunk is the number of the last chunk.
func (s *sorted) lastChunk() int {
	if s.before == nil {
		return 0
	}
	return len(s.before.chunks)
}

// chunk is the chunk of a number from 0 to that of the last.
func (s *sorted) chunk(k int) []pair {
	if s.before == nil || k == len(s.before.chunks) {
		return s.tail
	}
	return s.before.chunks[k]
}

// len is the number of pairs.
func (s *sorted) len() int {
	if s.before == nil {
		return len(s.tail)
	}
	return s.before.n + len(s.tail)
}

// search is the place of the first pair with a at or after key. Mostly that is near the end: chunks are looked at from there,
// in steps that double.
func (s *sorted) search(key uint64) place {
	lo, hi := 0, s.lastChunk()
	if n := len(s.tail); n == 0 || s.tail[n-1].a < key {
		return place{chunk: hi, i: n}
	}
	for step := 1; step <= hi; step *= 2 {
		if c := s.chunk(hi - step); c[len(c)-1].a < key {
			lo = hi - step + 1
			break
		}
		hi -= step
	}
	for lo < hi { // first chunk whose last pair is at or after key
		m := int(uint(lo+hi) / 2)
		if c := s.chunk(m); c[len(c)-1].a < key {
			lo = m + 1
		} else {
			hi = m
		}
	}
	c := s.chunk(lo)
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
	if c := s.chunk(p.chunk); p.i < len(c) {
		return &c[p.i]
	}
	return nil
}

func (s *sorted) next(p place) place {
	if p.i++; p.i == len(s.chunk(p.chunk)) && p.chunk < s.lastChunk() {
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
	return place{chunk: p.chunk - 1, i: len(s.chunk(p.chunk-1)) - 1}, true
}

// last is the last pair, nil if there is none.
func (s *sorted) last() *pair {
	if len(s.tail) == 0 {
		return nil
	}
	return &s.tail[len(s.tail)-1]
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
	s.top = p.a
	if n := len(s.tail); n < cap(s.tail) {
		s.tail = s.tail[:n+1]
		s.tail[n] = p
		return
	}
	s.pushSlow(p)
}

// pushSlow does so where the last chunk has no room left.
func (s *sorted) pushSlow(p pair) {
	if len(s.tail) < chunkLen {
		s.tail = append(s.room.enlarge(s.tail), p)
		return
	}
	s.close(s.lastChunk(), s.tail)
	s.tail = append(s.room.chunk(), p)
}

// close puts a chunk among those before the last one.
func (s *sorted) close(k int, c []pair) {
	if s.before == nil {
		s.before = &older{}
	}
	o := s.before
	o.chunks = append(o.chunks, nil)
	copy(o.chunks[k+1:], o.chunks[k:])
	o.chunks[k] = c
	o.n += len(c)
}

// replace changes a chunk, whose number of pairs is so many more than before.
func (s *sorted) replace(k int, c []pair, more int) {
	if k == s.lastChunk() {
		s.tail = c
		return
	}
	s.before.chunks[k] = c
	s.before.n += more
}

// insert puts a pair at a place, moving what follows.
func (s *sorted) insert(at place, p pair) {
	c := s.chunk(at.chunk)
	if at.i == len(c) {
		s.push(p)
		return
	}
	if len(c) == chunkLen {
		at, c = s.split(at)
	}
	if len(c) == cap(c) {
		c = s.room.enlarge(c)
	}
	c = append(c, pair{})
	copy(c[at.i+1:], c[at.i:])
	c[at.i] = p
	s.replace(at.chunk, c, 1)
}

// split makes room in a full chunk, and returns where the place is now.
func (s *sorted) split(at place) (place, []pair) {
	c := s.chunk(at.chunk)
	const half = chunkLen / 2
	s.replace(at.chunk, append(s.room.chunk(), c[half:]...), -half)
	s.close(at.chunk, c[:half])
	if at.i > half {
		at = place{chunk: at.chunk + 1, i: at.i - half}
	}
	return at, s.chunk(at.chunk)
}

// remove takes a pair out and returns the place of the one that followed.
func (s *sorted) remove(at place) place {
	c := s.chunk(at.chunk)
	c = append(c[:at.i], c[at.i+1:]...)
	s.replace(at.chunk, c, -1)
	switch last := s.lastChunk(); {
	case len(c) == 0 && at.chunk < last:
		s.before.chunks = append(s.before.chunks[:at.chunk], s.before.chunks[at.chunk+1:]...)
	case len(c) == 0 && last > 0: // the one before is the last now
		o := s.before
		s.tail = o.chunks[last-1]
		o.chunks, o.n = o.chunks[:last-1], o.n-len(s.tail)
		at = place{chunk: last - 1, i: len(s.tail)}
	case at.i == len(c) && at.chunk < last:
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
	for s.before != nil && len(s.before.chunks) > 0 && s.len() > max {
		s.before.n -= len(s.before.chunks[0])
		s.before.chunks = s.before.chunks[1:]
	}
}

// each calls use with every pair, in order, to read or change its b, or to move all a by the same distance.
func (s *sorted) each(use func(p *pair)) {
	for k := range s.lastChunk() + 1 {
		c := s.chunk(k)
		for i := range c {
			use(&c[i])
		}
	}
}
