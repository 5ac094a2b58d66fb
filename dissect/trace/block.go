package trace

// blockLen is how many rows are allocated at once. Columns grow by blocks and are never moved.
const blockLen = 4096

// block holds the columns of so many rows. What not every capture has is allocated when a row needs it. Pointers come
// first, so that the garbage collector need not look at the columns.
type block struct {
	ts       *timestamps
	mptcp    *mptcpPart
	iface    *[blockLen]uint32
	frame    *[blockLen]uint32 // frame numbers, where they are not firstFrame, firstFrame+1, …
	first    uint32            // firstFrame
	time     [blockLen]int64
	stream   [blockLen]uint32
	seq, ack [blockLen]uint32 // raw
	length   [blockLen]uint16 // bigLength: see store.lengths
	window   [blockLen]uint16 // unscaled
	flags    [blockLen]uint16 // 12 bits of TCP flags, and those below
	kinds    [blockLen]uint8  // number in store.kinds
	analysis [blockLen]uint8  // number in store.analysis
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

type timestamps struct {
	val, ecr [blockLen]uint32
}

// mptcpPart is what packets of a subflow have.
type mptcpPart struct {
	dack    [blockLen]uint32 // lower half of the data ack
	mapping [blockLen]uint32 // number of the mapping announced, or else of that which covers the payload
	bits    [blockLen]uint8  // 5 flags of the first DSS option, and those below
}

// Bits of mptcpPart.
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
