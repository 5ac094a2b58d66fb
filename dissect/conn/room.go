package conn

import (
	"math/bits"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/memory"
)

// room gives what every connection has its memory, many at a time: there may be a million connections, of a few packets
// each. Chunks of lists come out of large pieces of memory, which the kernel hands out quicker than many small ones; they
// are free again when no list uses any of them: it is for lists that end together. A nil room gives each memory of its own.
type room struct {
	left   []pair
	given  int // whole chunks
	spare  [chunkBits][][]pair
	ways   batch[way]
	spaces batch[space]
	lanes  batch[lane]
}

// A list's first chunk grows from firstChunk pairs to chunkLen, which is 1<<chunkBits, by doubling.
const (
	firstChunk = 4
	chunkBits  = 8
)

// maxRoom is how many chunks a piece of memory has at most: 2 MB.
const maxRoom = 512

// chunk is an empty chunk.
func (r *room) chunk() []pair {
	if r == nil {
		return make([]pair, 0, chunkLen)
	}
	return r.take(chunkLen)
}

// take cuts n pairs off the memory.
func (r *room) take(n int) []pair {
	if len(r.left) < n {
		r.left = make([]pair, min(1+r.given/8, maxRoom)*chunkLen)
		memory.AdviseLarge(r.left)
		r.given += len(r.left) / chunkLen
	}
	c := r.left[:0:n]
	r.left = r.left[n:]
	return c
}

// enlarge is a chunk with twice the room and what is in c, which is used no more.
func (r *room) enlarge(c []pair) []pair {
	n := min(max(2*cap(c), firstChunk), chunkLen)
	if r == nil {
		return append(make([]pair, 0, n), c...)
	}
	var to []pair
	if s := &r.spare[bits.Len(uint(n-1))%chunkBits]; n < chunkLen && len(*s) > 0 {
		to, *s = (*s)[len(*s)-1], (*s)[:len(*s)-1]
	} else {
		to = r.take(n)
	}
	to = append(to, c...)
	if cap(c) > 0 {
		s := &r.spare[bits.Len(uint(cap(c)-1))%chunkBits]
		*s = append(*s, c[:0])
	}
	return to
}

func (r *room) way() *way {
	if r == nil {
		return &way{}
	}
	return r.ways.one()
}

func (r *room) space() *space {
	if r == nil {
		return &space{}
	}
	return r.spaces.one()
}

func (r *room) lane() *lane {
	if r == nil {
		return &lane{}
	}
	return r.lanes.one()
}

// close lets go of what was not given.
func (r *room) close() {
	if r != nil {
		*r = room{}
	}
}

// batch gives values of one kind that are made several at a time.
type batch[T any] struct {
	left  []T
	given int
}

// maxBatch is how many are made at once at most.
const maxBatch = 64

// one is the next value, which is zero.
func (b *batch[T]) one() *T {
	if len(b.left) == 0 {
		b.left = make([]T, min(1+b.given/8, maxBatch))
	}
	v := &b.left[0]
	b.left = b.left[1:]
	b.given++
	return v
}
