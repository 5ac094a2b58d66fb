package conn

import (
	"cmp"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// keyBits is the width of the keys of a space: how far from the first number seen the data sequence numbers of one
// direction may lie (256 TB, half of it on each side). What is farther is not of this connection.
const keyBits = 48

// space is the data sequence space of one direction of a connection: what is known of its 64-bit numbers, and which
// bytes were carried by which rows.
type space struct {
	ref    uint64 // the last number, as far as it is known
	origin uint64 // number with key 0
	known  bool   // the upper half of ref is certain, not only assumed to be 0
	has    bool   // ref is set
	fin    bool
	seen   ranges
	total  Direction
	lanes  []*lane // of the subflows that carried payload, the last one shared by those beyond maxLanes
}

// lane is what one subflow carried in one direction: a pair for each piece of payload, its key and its sender's ordinal,
// its row and length. Mostly they come in order.
type lane struct {
	sent    sorted
	longest uint32 // piece
	hint    place  // in space.seen: the range that grew last
}

// maxLanes is how many subflows have a lane of their own.
const maxLanes = 64

// lane is the lane of a subflow, opened if need be.
func (sp *space) lane(w *way) *lane {
	if w.lane == nil {
		if len(sp.lanes) == maxLanes {
			w.lane = sp.lanes[maxLanes-1]
		} else {
			w.lane = &lane{}
			sp.lanes = append(sp.lanes, w.lane)
		}
	}
	return w.lane
}

// start sets the first number of the space.
func (sp *space) start(dsn uint64, known bool) {
	sp.ref, sp.has, sp.known = dsn, true, known
	sp.origin = dsn - 1<<(keyBits-1)
}

// near reports whether a number may belong to the space.
func (sp *space) near(dsn uint64) bool {
	return !sp.has || dsn-sp.origin < 1<<keyBits
}

// widen gives the 64-bit number of one seen on the wire, and by how much the numbers before it turn out to have been
// off, when it is the first one that shows its upper half. A far number is given back as it is, with ok false.
func (sp *space) widen(v uint64, wide bool) (dsn, shift uint64, ok bool) {
	switch {
	case !wide && !sp.has:
		sp.start(v, false)
		return v, 0, true
	case !wide:
		sp.ref = mptcp.Expand(sp.ref, uint32(v))
		return sp.ref, 0, true
	case !sp.has:
		sp.start(v, true)
		return v, 0, true
	case !sp.known:
		shift = v - mptcp.Expand(sp.ref, uint32(v))
		sp.ref, sp.known, sp.origin = v, true, sp.origin+shift
		return v, shift, true
	case !sp.near(v):
		return v, 0, false
	}
	sp.ref = v
	return v, 0, true
}

// learn takes in the initial data sequence number, once the key is known, and gives the shift as widen does. Numbers
// are taken to lie ahead of it, by less than 4 GB if their upper half was not known.
func (sp *space) learn(idsn uint64) (shift uint64) {
	switch {
	case !sp.has:
		sp.start(idsn, true)
	case !sp.known:
		dsn := idsn + uint64(uint32(sp.ref)-uint32(idsn))
		if uint32(sp.ref)-uint32(idsn) > 1<<32-1<<20 { // a keep-alive lies just before
			dsn -= 1 << 32
		}
		shift = dsn - sp.ref
		sp.ref, sp.known, sp.origin = dsn, true, sp.origin+shift
	}
	return shift
}

// carried notes a piece of payload of a way and finds who carried its bytes before.
func (t *Table) carried(s *sub, w *way, sp *space, dsn uint64, n, row uint32) {
	k := dsn - sp.origin
	if n == 0 || k >= 1<<keyBits || k+uint64(n) > 1<<keyBits {
		return
	}
	l := sp.lane(w)
	fresh := sp.seen.grow(&l.hint, k, k+uint64(n))
	sp.total.Unique += fresh
	if fresh != uint64(n) {
		t.overlaps(s, sp, k, n, row)
	}
	l.sent.add(pair{a: k<<16 | uint64(min(s.ordinal, 1<<16-1)), b: uint64(row)<<32 | uint64(n)})
	l.longest = max(l.longest, n)
	if t.limit > 0 {
		l.sent.trim(t.limit)
		sp.seen.list.trim(t.limit)
	}
}

// Limits to the work on one piece of payload, far above what occurs: so many pieces of a lane are looked at, so many
// are told.
const (
	maxLooked  = 4096
	maxSources = 64
)

// overlaps finds the pieces that carried bytes of [k, k+n) before: on another subflow that is a reinjection, on the
// same one a retransmission.
func (t *Table) overlaps(s *sub, sp *space, k uint64, n, row uint32) {
	var room [16]pair
	var more [16]pair
	own, other := more[:0], room[:0]
	told, end := 0, k+uint64(n)
	ordinal := uint64(min(s.ordinal, 1<<16-1))
	for _, l := range sp.lanes {
		from := k - min(k, uint64(l.longest))
		at := l.sent.search(from << 16)
		for range maxLooked {
			e := l.sent.at(at)
			if e == nil || e.a>>16 >= end {
				break
			}
			at = l.sent.next(at)
			a := e.a >> 16
			b := a + e.b&0xffffffff
			if b <= k {
				continue
			}
			if e.a&0xffff == ordinal {
				own = append(own, pair{a: max(a, k), b: min(b, end)})
				continue
			}
			other = append(other, pair{a: max(a, k), b: min(b, end)})
			if before := uint32(e.b >> 32); before != row && told < maxSources {
				told++
				t.host.Reinjected(max(row, before), min(row, before))
			}
		}
	}
	// Bytes that this subflow had carried are its own retransmission, whoever else carried them.
	again := union(own)
	sp.total.Retransmitted += again
	sp.total.Reinjected += union(append(own, other...)) - again
}

// union measures what ranges [a, b) have together. It sorts them.
func union(list []pair) (n uint64) {
	if len(list) > 1 {
		slices.SortFunc(list, func(p, q pair) int { return cmp.Compare(p.a, q.a) })
	}
	end := uint64(0)
	for _, p := range list {
		if a := max(p.a, end); a < p.b {
			n += p.b - a
			end = p.b
		}
	}
	return n
}
