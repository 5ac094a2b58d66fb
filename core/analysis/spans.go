package analysis

import "github.com/tidwall/btree"

// spans is a set of disjoint ranges of numbers [from, to), each with a value: who carried these bytes, in which row.
// The range put last is kept outside of the tree while it is the highest of all, as bytes mostly come in order. The zero
// value is an empty set.
type spans struct {
	tree btree.Map[uint64, rangeEnd] // by start
	last struct {
		from uint64
		rangeEnd
	}
	has bool // last is set
	hit []rangeAt
}

// rangeEnd is the end of a range and its value.
type rangeEnd struct {
	to    uint64
	value uint32
}

// rangeAt is a range with its beginning.
type rangeAt struct {
	from uint64
	rangeEnd
}

// fill gives the parts of [from, to) that are in no range yet the value, and calls visit with every part in order: old
// says whether it was in a range, and value is the one that it had then.
func (s *spans) fill(from, to uint64, value uint32, visit func(from, to uint64, value uint32, old bool)) {
	if from >= to {
		return
	}
	if s.append(from, to, value) {
		visit(from, to, value, false)
		return
	}
	at := from
	for _, h := range s.overlap(from, to) {
		a, b := max(h.from, from), min(h.to, to)
		if at < a {
			s.insert(at, a, value)
			visit(at, a, value, false)
		}
		visit(a, b, h.value, true)
		at = b
	}
	if at < to {
		s.insert(at, to, value)
		visit(at, to, value, false)
	}
}

// replace gives all of [from, to) the value, and calls old with each part that had one.
func (s *spans) replace(from, to uint64, value uint32, old func(from, to uint64, value uint32)) {
	if from >= to || s.append(from, to, value) {
		return
	}
	for _, h := range s.overlap(from, to) {
		old(max(h.from, from), min(h.to, to), h.value)
		s.tree.Delete(h.from)
		if h.from < from {
			s.tree.Set(h.from, rangeEnd{from, h.value})
		}
		if h.to > to {
			s.tree.Set(to, rangeEnd{h.to, h.value})
		}
	}
	s.tree.Set(from, rangeEnd{to, value})
}

// append is the usual case: the range comes after all others.
func (s *spans) append(from, to uint64, value uint32) bool {
	if s.has && from < s.last.to {
		return false
	}
	if !s.has {
		if _, highest, any := s.tree.Max(); any && from < highest.to {
			return false
		}
	}
	if s.has && from == s.last.to && value == s.last.value {
		s.last.to = to
		return true
	}
	s.settle()
	s.last.from, s.last.rangeEnd, s.has = from, rangeEnd{to, value}, true
	return true
}

// settle puts the last range into the tree.
func (s *spans) settle() {
	if s.has {
		s.tree.Load(s.last.from, s.last.rangeEnd) // the quick way to the end
		s.has = false
	}
}

// insert puts a range where there is none, joined to the one before it if that has the same value.
func (s *spans) insert(from, to uint64, value uint32) {
	at := from
	s.tree.Descend(from, func(key uint64, p rangeEnd) bool {
		if p.to == from && p.value == value {
			at = key
		}
		return false
	})
	s.tree.Set(at, rangeEnd{to, value})
}

// overlap lists the ranges that have a number of [from, to), all of them in the tree. The list is valid until the next
// call.
func (s *spans) overlap(from, to uint64) []rangeAt {
	s.settle()
	s.hit = s.hit[:0]
	s.tree.Descend(from, func(key uint64, p rangeEnd) bool {
		if key < from && p.to > from {
			s.hit = append(s.hit, rangeAt{key, p})
		}
		return key == from
	})
	s.tree.Ascend(from, func(key uint64, p rangeEnd) bool {
		if key >= to {
			return false
		}
		s.hit = append(s.hit, rangeAt{key, p})
		return true
	})
	return s.hit
}

// each calls use with the parts of [from, to) that are in a range, in order.
func (s *spans) each(from, to uint64, use func(from, to uint64, value uint32)) {
	if s.has && from >= s.last.from {
		if a, b := max(from, s.last.from), min(to, s.last.to); a < b {
			use(a, b, s.last.value)
		}
		return
	}
	for _, h := range s.overlap(from, to) {
		use(max(h.from, from), min(h.to, to), h.value)
	}
}

// counter turns 32-bit numbers into 64-bit ones that do not wrap: the nearest to the highest seen. Offsets begin at bias, so
// that those a little before the first stay positive.
type counter struct{ top uint64 }

const bias = 1 << 32

// wide is the number that is nearest to the highest one so far.
func (c *counter) wide(n uint32) uint64 {
	if c.top == 0 {
		c.top = bias + uint64(n)
	}
	return c.top + uint64(int64(int32(n-uint32(c.top))))
}

// reach notes a number.
func (c *counter) reach(n uint64) { c.top = max(c.top, n) }

// lastEnd is the highest range that ends in (from, to]: its value and its end.
func (s *spans) lastEnd(from, to uint64) (value uint32, end uint64, ok bool) {
	if s.has && s.last.to <= to {
		return s.last.value, s.last.to, s.last.to > from
	}
	s.settle()
	s.tree.Descend(to, func(_ uint64, r rangeEnd) bool {
		if r.to > to {
			return true
		}
		value, end, ok = r.value, r.to, r.to > from
		return false
	})
	return value, end, ok
}

// take takes out the range that begins at from.
func (s *spans) take(from uint64) (r rangeAt, ok bool) {
	if s.has && s.last.from == from {
		s.has = false
		return rangeAt{from, s.last.rangeEnd}, true
	}
	end, ok := s.tree.Delete(from)
	return rangeAt{from, end}, ok
}
