package conn

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"

// checks follows the DSS checksums of one way (RFC 8684 section 3.3): each needs all bytes of its mapping. Where the capture holds
// no whole payload none is ever done: what is kept of so many must not be gone through for each packet.
type checks struct {
	open   []check     // in the order of their announcement
	room   []check     // memory of open, once some were given up
	spare  [][]pair    // memory of what was seen out of order
	newest uint32      // mapping, of all so far
	closed [64]outcome // of mappings that are announced again
	next   int
	// recent are the last pieces of payload, for mappings that are announced after some of their bytes; none goes beyond end.
	recent []piece
	oldest int
	end    uint64
	// late are those that have all of their bytes, but not the upper half of their number; shifted is by how much numbers of that way
	// turned out to be off, in all, in upper halves.
	late    []summed
	shifted uint32
	// unplaced says that the initial sequence number is not known: recent has TCP sequence numbers instead of offsets, and checks wait.
	unplaced bool
}

// piece is the sum of a segment's payload.
type piece struct {
	from uint64 // stream offset, see checks.unplaced
	n    uint32
	sum  uint16 // ones' complement sum, as if at an even offset
}

// maxRecent is how many segments a way remembers the sums of.
const maxRecent = 512

// summed is a checksum and the sum that it is compared with.
type summed struct {
	sum      mptcp.Checksum
	options  uint64 // that carried it
	number   uint32 // of the mapping
	row      uint32 // that announced it first
	last     uint32 // that carried of its bytes, as far as seen
	high     uint32 // upper half of the data sequence number in the sum
	shifted  uint32 // checks.shifted as it was then
	received uint16
	low      bool // that half was not known
}

// check is a checksum whose mapping's bytes are coming in.
type check struct {
	summed
	from, to uint64 // stream offsets of the bytes it covers
	reach    uint64 // how far this one goes, or one before it
	upTo     uint64 // all before this were seen,
	got      ranges // and these
	left     uint64 // bytes missing
}

// outcome is what came of a check: while there is no verdict, it is the one of number late-1 in checks.late.
type outcome struct {
	number  uint32
	late    uint16
	verdict Verdict
}

// maxLate is how many checks of a way may wait for the upper half of their numbers.
const maxLate = 1024

// maxOpen is how many mappings of one way may wait for their bytes at a time.
const maxOpen = 64

// wait puts a check among those that wait; where there are too many, the first one is given up.
func (k *checks) wait(c check) {
	if len(k.open) == maxOpen {
		if k.room == nil {
			k.room = make([]check, 0, 2*maxOpen)
		}
		if k.open = k.open[1:]; len(k.open) == cap(k.open) {
			k.open = append(k.room, k.open...)
		}
	}
	if n := len(k.spare); n > 0 && c.got.list.tail == nil {
		c.got.list.tail, k.spare = k.spare[n-1], k.spare[:n-1]
	}
	k.open = append(k.open, c)
	k.reach(len(k.open) - 1)
}

// free keeps the memory of a check that is done.
func (k *checks) free(c *check) {
	if l := &c.got.list; l.tail != nil && len(k.spare) < maxOpen {
		k.spare = append(k.spare, l.tail[:0])
		l.tail = nil
	}
}

// reach sets how far checks go, from one on.
func (k *checks) reach(from int) {
	before := uint64(0)
	if from > 0 {
		before = k.open[from-1].reach
	}
	for i := from; i < len(k.open); i++ {
		before = max(before, k.open[i].to)
		k.open[i].reach = before
	}
}

// reaching is the first check such that none before it goes beyond an offset.
func (k *checks) reaching(offset uint64) int {
	first := len(k.open)
	for first > 0 && k.open[first-1].reach > offset {
		first--
	}
	return first
}

// feed gives payload at a stream offset to the checks from one on, and reports whether one of them has all of its bytes.
func (k *checks) feed(first int, offset uint64, payload []byte, row uint32) (done bool) {
	if len(payload) == 0 {
		return false
	}
	p, end := k.remember(offset, payload), offset+uint64(len(payload))
	for i := first; i < len(k.open); i++ {
		c := &k.open[i]
		a, b := max(c.from, offset), min(c.to, end)
		if a >= b {
			continue
		}
		if a != offset || b != end || !c.addPiece(p) {
			c.add(a, payload[a-offset:b-offset])
		}
		c.last = row
		done = done || c.left == 0
	}
	return done
}

// add sums up those of the bytes that were not seen before.
func (c *check) add(offset uint64, p []byte) {
	end := offset + uint64(len(p))
	c.got.gaps(max(offset, min(c.upTo, end)), end, func(a, b uint64) {
		c.sum.AddAt(int(a-c.from), p[a-offset:b-offset])
		c.left -= b - a
	})
	c.saw(offset, end)
}

// saw notes that bytes were seen.
func (c *check) saw(from, to uint64) {
	if from <= c.upTo {
		c.upTo = max(c.upTo, to)
	} else {
		c.got.add(from, to)
	}
}

// remember keeps the sum of a payload, for mappings that are announced after it.
func (k *checks) remember(offset uint64, p []byte) *piece {
	c := mptcp.NewChecksum(0, 0, 0)
	c.AddAt(0, p)
	next := piece{from: offset, n: uint32(len(p)), sum: ^c.Sum()}
	k.end = max(k.end, offset+uint64(len(p)))
	if len(k.recent) < maxRecent {
		k.recent = append(k.recent, next)
		return &k.recent[len(k.recent)-1]
	}
	at := k.oldest
	k.recent[at] = next
	k.oldest = (at + 1) % maxRecent
	return &k.recent[at]
}

// addPiece adds a whole segment by its sum. It is false, and nothing has changed, if not all of it is the mapping's, or bytes of it were
// seen before.
func (c *check) addPiece(p *piece) bool {
	to := p.from + uint64(p.n)
	if p.n == 0 || p.from < c.upTo || to > c.to {
		return false
	}
	whole := true
	if c.got.list.len() > 0 {
		whole = false
		c.got.gaps(p.from, to, func(a, b uint64) { whole = a == p.from && b == to })
	}
	if !whole {
		return false
	}
	c.sum.AddAt(int(p.from-c.from), []byte{byte(p.sum >> 8), byte(p.sum)})
	c.left -= uint64(p.n)
	c.saw(p.from, to)
	return true
}
