package conn

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"

// keyBits is the width of the keys of a space: how far from the first number seen the data sequence numbers of one
// direction may lie (256 TB, half of it on each side). What is farther is told, and its bytes are kept in a space of their
// own: a key that was changed on the way makes the first numbers wrong ones.
const keyBits = 48

// maxFar is how many spaces there are for far numbers. Bytes that are in none of them are not accounted for.
const maxFar = 16

// space is the data sequence space of one direction of a connection: what is known of its 64-bit numbers, and which
// bytes were carried by which rows.
type space struct {
	// What every packet with payload needs comes first.
	ref        uint64 // the last number, as far as it is known
	origin     uint64 // number with key 0
	seen       ranges
	total      totals
	known      bool // the upper half of ref is certain, not only assumed to be 0
	has        bool // ref is set
	fin        bool
	told       uint32      // earlier carriers, see maxTold
	lanes      []*lane     // of the subflows that carried payload, the last one shared by those beyond maxLanes
	one        [1]*lane    // room of lanes: many have one only
	far        *space      // of numbers that are far from those of this one; it has one lane, for all subflows
	unnumbered *unnumbered // nil until there is anything in it
}

// unnumbered is data that has no data sequence numbers: it is kept by stream offset, in spaces that have one lane, too.
type unnumbered struct {
	fallback space  // carried by regular TCP, after a fallback
	unmapped space  // covered by no mapping, while there is one subflow
	synData  uint32 // length of the SYN's data, which is in fallback
}

// totals are what a space adds up for the Direction.
type totals struct{ Unique, Reinjected, Retransmitted, Unmapped uint64 }

// lane is what one subflow carried in one direction: a pair for each piece of payload, its key and its sender's ordinal,
// its row and length. Mostly they come in order.
type lane struct {
	sent    sorted
	hint    hint   // in space.seen: the range that grew last
	longest uint32 // piece
	shared  bool   // by several subflows
	_       [3]byte
}

// sum is what is accounted for, far numbers included; alone says that there is one subflow.
func (sp *space) sum(alone bool) Direction {
	n := Direction{Unique: sp.total.Unique, Reinjected: sp.total.Reinjected, Retransmitted: sp.total.Retransmitted,
		Unmapped: sp.total.Unmapped}
	for far := sp.far; far != nil; far = far.far {
		n.add(&far.total)
	}
	b := sp.unnumbered
	if b == nil {
		return n
	}
	n.add(&b.fallback.total)
	n.Plain, n.Early = b.fallback.total.Unique-uint64(b.synData), b.synData
	if alone {
		n.add(&b.unmapped.total)
		n.Plain += b.unmapped.total.Unique
		n.Unmapped = 0
	}
	return n
}

func (n *Direction) add(t *totals) {
	n.Unique += t.Unique
	n.Reinjected += t.Reinjected
	n.Retransmitted += t.Retransmitted
}

// withoutDSN is where data without data sequence numbers is kept.
func (sp *space) withoutDSN() *unnumbered {
	if sp.unnumbered == nil {
		one := func() space { return space{lanes: []*lane{{shared: true}}} }
		sp.unnumbered = &unnumbered{fallback: one(), unmapped: one()}
	}
	return sp.unnumbered
}

// maxLanes is how many subflows have a lane of their own.
const maxLanes = 64

// lane is the lane of a subflow, opened if need be.
func (sp *space) lane(w *way) *lane {
	if w.lane == nil {
		if len(sp.lanes) == maxLanes {
			w.lane = sp.lanes[maxLanes-1]
			w.lane.shared = true
		} else {
			w.lane = sp.seen.list.room.lane()
			w.lane.sent.room = sp.seen.list.room
			if sp.lanes == nil {
				sp.lanes = sp.one[:0]
			}
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
func (sp *space) near(dsn uint64) bool { return !sp.has || sp.reaches(dsn) }

// reaches is near where the space has numbers.
func (sp *space) reaches(dsn uint64) bool { return dsn-sp.origin < 1<<keyBits }

// widen gives the 64-bit number of one seen on the wire, and by how much the numbers before it turn out to have been
// off, when it is the first one that shows its upper half. A far number is given back as it is, with ok false; 32-bit numbers
// that follow are near to it all the same.
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
		sp.ref = v
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
func (t *Table) carried(w *way, sp *space, dsn uint64, n, row uint32) {
	if k := dsn - sp.origin; k <= 1<<keyBits-uint64(n) {
		t.noted(w, sp, sp.lane(w), k, n, row)
		return
	}
	for range maxFar {
		if sp.far == nil {
			sp.far = &space{lanes: []*lane{{shared: true}}}
			sp.far.start(dsn, true)
		}
		sp = sp.far
		if k := dsn - sp.origin; k <= 1<<keyBits-uint64(n) {
			t.noted(w, sp, sp.lanes[0], k, n, row)
			return
		}
	}
}

// noted does so for the n bytes from key k on.
func (t *Table) noted(w *way, sp *space, l *lane, k uint64, n, row uint32) {
	if n == 0 {
		return
	}
	fresh := sp.seen.grow(&l.hint, k, k+uint64(n))
	sp.total.Unique += fresh
	if fresh != uint64(n) {
		t.overlaps(w, sp, l, k, n, fresh, row)
	}
	l.sent.add(pair{a: k<<16 | uint64(w.ordinal), b: uint64(row)<<32 | uint64(n)})
	if n > l.longest {
		l.longest = n
	}
	if t.limit > 0 {
		l.sent.trim(t.limit)
		sp.seen.list.trim(t.limit)
	}
}

// Limits to the work on one piece of payload, far above what occurs: so many pieces are looked at, so many are told. Of a space so
// many are told that are not made up for by pieces that overlap, each of which makes up for toldEach.
const (
	maxLooked  = 4096
	maxSources = 64
	maxTold    = 4096
	toldEach   = 16
)

// overlaps accounts for a piece of n bytes at k that is not all fresh: what the subflow itself had carried is its own
// retransmission, whoever else carried it; the rest is a reinjection. It tells who carried bytes of it before.
func (t *Table) overlaps(w *way, sp *space, own *lane, k uint64, n uint32, fresh uint64, row uint32) {
	sp.told -= min(sp.told, toldEach)
	c := copies{sp: sp, k: k, end: k + uint64(n), mine: k, ordinal: uint64(w.ordinal), row: row}
	c.look(t.host, own, !own.shared)
	c.looked = 0
	for _, l := range sp.lanes {
		if l != own {
			c.look(t.host, l, false)
		}
	}
	if c.capped {
		t.host.Issue(ManyCopies, row)
	}
	sp.total.Retransmitted += c.again
	sp.total.Reinjected += uint64(n) - fresh - c.again
}

// copies is a search for who carried the bytes [k, end) before.
type copies struct {
	sp      *space
	k, end  uint64
	mine    uint64 // the subflow's own bytes are counted up to here
	again   uint64 // so many
	ordinal uint64 // of the subflow
	row     uint32
	looked  int
	told    int
	capped  bool // there are more than are told
}

// look goes through a lane, until nothing in it can matter any more. Pieces come by where they begin; own says that all
// are the subflow's.
func (c *copies) look(host Host, l *lane, own bool) {
	from := c.k - min(c.k, uint64(max(l.longest, 1)-1))
	at := l.sent.search(from << 16)
	for e := l.sent.at(at); e != nil && e.a>>16 < c.end; e = l.sent.at(at) {
		if own && c.mine >= c.end || c.capped && (!l.shared || c.mine >= c.end) && !own {
			return
		}
		if c.looked++; c.looked > maxLooked {
			c.capped = true
			return
		}
		at = l.sent.next(at)
		a, b := e.a>>16, e.a>>16+e.b&0xffffffff
		if b <= c.k {
			continue
		}
		if e.a&0xffff == c.ordinal {
			c.count(max(a, c.mine), min(b, c.end))
			continue
		}
		if before := uint32(e.b >> 32); before != c.row {
			c.tell(host, before)
		}
	}
}

// count takes in bytes that the subflow itself had carried.
func (c *copies) count(a, b uint64) {
	if a < b {
		c.again += b - a
		c.mine = b
	}
}

func (c *copies) tell(host Host, before uint32) {
	if c.told == maxSources || c.sp.told == maxTold {
		c.capped = true
		return
	}
	c.told++
	c.sp.told++
	host.Reinjected(max(c.row, before), min(c.row, before))
}
