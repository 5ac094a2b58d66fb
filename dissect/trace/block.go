package trace

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/memory"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// blockLen is how many rows a block holds. A trace grows by blocks, a whole number of pages each; the first one begins
// with room for firstLen rows, so that a small capture is small.
const (
	blockLen = 8192
	firstLen = 128
)

// line is what every row has. A packet is written in one go, and who looks at one row finds it in one place: that was
// measured to be quicker than a list for each column, both ways.
type line struct {
	timeLow, timeHigh uint32
	ack, seq          uint32 // raw; not in the order of packet.Packet: both would be copied as a word that was stored in halves
	tsVal, tsEcr      uint32 // timestamps with flagTS, else see cutTimestamps
	dack              uint32 // lower half of the data ack
	mapping           uint32 // number of the mapping announced, or else of that which covers the payload
	stream            uint16 // index in block.ids
	length            uint16 // bigLength: see store.lengths
	window            uint16 // unscaled
	flags             uint16 // 12 bits of TCP flags, and those below
	kinds             uint8  // number in store.kinds, see header.go
	marks             uint8  // TCP analysis: number in store.analysis
	bits              uint8  // 5 flags of the first DSS option, and those below
	print             uint8  // see Wire.Print
}

// time is in ns since the epoch. It is stored in halves, as a line with a whole one would be longer.
func (l *line) time() int64 { return int64(uint64(l.timeHigh)<<32 | uint64(l.timeLow)) }

// flow tells which end of the stream's core sent the row.
func (l *line) flow() uint8 { return uint8(l.flags>>12) & 1 }

// block holds up to blockLen rows. What not every capture has is allocated when a row needs it.
type block struct {
	lines []line
	first uint32   // frame number of the first row
	ids   []uint32 // streams, in order of appearance in the block
	iface []uint32
	frame []uint32 // frame numbers, where they are not first, first+1, …
}

// resize makes room for n rows.
func (b *block) resize(n int) {
	b.lines = enlarge(b.lines, n)
	if b.iface != nil {
		b.iface = enlarge(b.iface, n)
	}
	if b.frame != nil {
		b.frame = enlarge(b.frame, n)
	}
}

// enlarge is a copy of a list with room for n rows.
func enlarge[T any](list []T, n int) []T {
	c := make([]T, n)
	copy(c, list)
	return c
}

// id is the stream of row k of the block.
func (b *block) id(k uint32) uint32 { return b.ids[b.lines[k].stream] }

// number is the frame number of row k of the block.
func (b *block) number(k uint32) uint32 {
	if b.frame != nil {
		return b.frame[k]
	}
	return b.first + k
}

// slab hands out the lines of blocks, several blocks' at a time.
type slab struct {
	room  []line // not handed out yet
	spare []line // of a block that was dropped
	large bool   // several blocks at a time: none is dropped
	// more, if set, estimates how many further blocks are to come, where that can be told.
	more func() int
}

// Limits of a slab, in blocks.
const (
	maxSlab     = 12  // 4 MB, where it is not known how many there will be
	maxExpected = 256 // 90 MB, where that was estimated
	// expectFrom is how many blocks there must be for an estimate.
	expectFrom = 4
)

// take is room for a block, where there are so many already. What it holds is of no meaning.
func (s *slab) take(blocks int) []line {
	if s.spare != nil {
		lines := s.spare
		s.spare = nil
		return lines
	}
	if len(s.room) == 0 {
		s.room = make([]line, s.size(blocks)*blockLen)
		memory.AdviseLarge(s.room)
	}
	lines := s.room[:blockLen:blockLen]
	s.room = s.room[blockLen:]
	return lines
}

// size is how many blocks to allocate at once. All that are to come are best: the collector, which runs whenever the heap
// has doubled, has little to do then; memory that is not needed in the end was never touched.
func (s *slab) size(blocks int) int {
	switch {
	case !s.large:
		return 1
	case s.more != nil && blocks >= expectFrom:
		return min(max(s.more(), 1), maxExpected)
	}
	return min(1+blocks/8, maxSlab)
}

// Flags beside those of TCP.
const (
	flagFlow  = 1 << 12 // sent by the second end of the stream's core
	flagTS    = 1 << 13 // has timestamps
	flagExtra = 1 << 14 // its MPTCP options are in store.extra
	flagNoLen = 1 << 15 // is the first fragment of a datagram
	tcpFlags  = 1<<12 - 1
)

const bigLength = 1<<16 - 1

// Bits of line.bits.
const (
	dssFlags     = 0x1f
	bitPlain     = 0x20 // the only MPTCP option is a DSS without oddities, which can be put together again
	bitAnnounced = 0x40 // mapping is announced by it
	bitCovered   = 0x80 // mapping covers the first payload byte
)

// DSS flags, by short names.
const (
	dssAck   = mptcp.FlagDataAck
	dssAck8  = mptcp.FlagDataAck8
	dssMap   = mptcp.FlagMapping
	dssDSN8  = mptcp.FlagDSN8
	dssFIN   = mptcp.FlagDataFIN
	optionDS = uint8(mptcp.SubDSS) << 4 // the third byte of a DSS
)
