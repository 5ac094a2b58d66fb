package trace

// blockLen is how many rows a block holds. A trace grows by blocks, whose columns are a whole number of pages; only those
// of the first block grow by themselves, from firstLen on, so that a small capture is small.
const (
	blockLen = 8192
	firstLen = 128
)

// block holds the columns of up to blockLen rows. What not every capture has is allocated when a row needs it.
type block struct {
	size   int      // rows that fit now
	first  uint32   // frame number of the first row
	ids    []uint32 // streams, in order of appearance in the block
	time   []int64
	stream []uint16 // index in ids
	seq    []uint32 // raw
	ack    []uint32
	length []uint16 // bigLength: see store.lengths
	window []uint16 // unscaled
	flags  []uint16 // 12 bits of TCP flags, and those below
	kinds  []uint8  // number in store.kinds, see header.go
	marks  []uint8  // TCP analysis: number in store.analysis
	prints []uint8  // see Wire.Print

	tsVal, tsEcr []uint32 // timestamps
	iface        []uint32
	frame        []uint32 // frame numbers, where they are not first, first+1, …

	// What packets of a subflow have.
	dack    []uint32 // lower half of the data ack
	mapping []uint32 // number of the mapping announced, or else of that which covers the payload
	bits    []uint8  // 5 flags of the first DSS option, and those below
}

// resize makes room for n rows.
func (b *block) resize(n int) {
	b.size = n
	b.time = enlarge(b.time, n)
	b.stream, b.length = enlarge(b.stream, n), enlarge(b.length, n)
	b.seq, b.ack = enlarge(b.seq, n), enlarge(b.ack, n)
	b.window, b.flags = enlarge(b.window, n), enlarge(b.flags, n)
	b.kinds, b.marks, b.prints = enlarge(b.kinds, n), enlarge(b.marks, n), enlarge(b.prints, n)
	if b.tsVal != nil {
		b.addTimestamps()
	}
	if b.iface != nil {
		b.iface = enlarge(b.iface, n)
	}
	if b.frame != nil {
		b.frame = enlarge(b.frame, n)
	}
	if b.bits != nil {
		b.addMPTCP()
	}
}

func (b *block) addTimestamps() {
	b.tsVal, b.tsEcr = enlarge(b.tsVal, b.size), enlarge(b.tsEcr, b.size)
}

func (b *block) addMPTCP() {
	b.dack, b.mapping, b.bits = enlarge(b.dack, b.size), enlarge(b.mapping, b.size), enlarge(b.bits, b.size)
}

// enlarge is a copy of a column with room for n rows.
func enlarge[T any](column []T, n int) []T {
	c := make([]T, n)
	copy(c, column)
	return c
}

// id is the stream of row k of the block.
func (b *block) id(k uint32) uint32 { return b.ids[b.stream[k]] }

// number is the frame number of row k of the block.
func (b *block) number(k uint32) uint32 {
	if b.frame != nil {
		return b.frame[k]
	}
	return b.first + k
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

// Bits of block.bits.
const (
	dssFlags     = 0x1f
	bitPlain     = 0x20 // the only MPTCP option is a DSS without oddities, which can be put together again
	bitAnnounced = 0x40 // mapping is announced by it
	bitCovered   = 0x80 // mapping covers the first payload byte
)

// DSS flags (RFC 8684 section 3.3).
const (
	dssAck   = 0x01
	dssAck8  = 0x02
	dssMap   = 0x04
	dssDSN8  = 0x08
	dssFIN   = 0x10
	optionDS = 0x20 // subtype 2 in the high nibble
)
