package conn

import (
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
	// sent holds a pair for each piece of payload: key and sender's ordinal, row and length.
	sent   sorted
	maxLen uint32 // longest piece in sent
	total  Direction
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

// carried notes a piece of payload and finds who carried its bytes before.
func (t *Table) carried(s *sub, sp *space, dsn uint64, n, row uint32) {
	if n == 0 || !sp.near(dsn) || !sp.near(dsn+uint64(n)) {
		return
	}
	k := dsn - sp.origin
	fresh := sp.seen.add(k, k+uint64(n))
	sp.total.Unique += fresh
	if fresh != uint64(n) {
		t.overlaps(s, sp, k, n, row)
	}
	sp.sent.add(pair{a: k<<16 | uint64(min(s.ordinal, 1<<16-1)), b: uint64(row)<<32 | uint64(n)})
	sp.maxLen = max(sp.maxLen, n)
	if t.limit > 0 {
		sp.sent.trim(t.limit)
		sp.seen.list.trim(t.limit)
	}
}

// Limits to the work on one piece of payload, far above what occurs: so many pieces are looked at, so many told.
const (
	maxLooked  = 4096
	maxSources = 64
)

// overlaps finds the pieces that carried bytes of [k, k+n) before: on another subflow that is a reinjection, on the
// same one a retransmission.
func (t *Table) overlaps(s *sub, sp *space, k uint64, n, row uint32) {
	var other, own sweep
	told, end := 0, k+uint64(n)
	var from uint64
	if k > uint64(sp.maxLen) {
		from = k - uint64(sp.maxLen)
	}
	ordinal := uint64(min(s.ordinal, 1<<16-1))
	at := sp.sent.search(from << 16)
	for looked := 0; looked < maxLooked; looked++ {
		e := sp.sent.at(at)
		if e == nil || e.a>>16 >= end {
			break
		}
		at = sp.sent.next(at)
		a := e.a >> 16
		b := a + e.b&0xffffffff
		if b <= k {
			continue
		}
		if e.a&0xffff == ordinal {
			own.cover(max(a, k), min(b, end))
			continue
		}
		other.cover(max(a, k), min(b, end))
		if before := uint32(e.b >> 32); before != row && told < maxSources {
			told++
			t.host.Reinjected(max(row, before), min(row, before))
		}
	}
	sp.total.Reinjected += other.n
	sp.total.Retransmitted += own.n
}

// sweep measures a union of ranges that come ordered by their start.
type sweep struct{ end, n uint64 }

func (w *sweep) cover(a, b uint64) {
	if a = max(a, w.end); a < b {
		w.n += b - a
		w.end = b
	}
}
