package stream

import (
	"encoding/binary"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
)

// TCP flags (RFC 9293 section 3.1).
const (
	FIN = 0x01
	SYN = 0x02
	RST = 0x04
	PSH = 0x08
	ACK = 0x10
)

// Core is what is needed to show a packet of a stream: its ends and what its numbers are relative to. Arrays are
// indexed by flow: which of its two ends sent a packet.
type Core struct {
	_ struct{} // named fields only

	// What every packet needs comes first, to lie together.

	// Note and Part are for the owners of tables to link a stream to something of their own, 0 at first: trace has Note,
	// conn.Table has Part.
	Note uint64
	// Ops is the set of MPTCP option subtypes that the stream's connection has shown so far, bit n for subtype n, nil if
	// it has none. conn.Table sets it.
	Ops     *uint8
	Part    uint32
	Scale   [2]int8 // window shift count: -1 unknown, -2 not used
	baseSet [2]bool // Base is set

	Client    uint8 // index of the client's end
	V6        bool
	Role      Role
	Rebased   bool      // Base changed during the stream, see Table.Base
	Interface uint32    // of the first packet
	Base      [2]uint32 // tcp.seq 0 of what that end sends
	tuple     tuple
	SYN       [2]bool // a SYN or SYN/ACK of that end was captured, Base is its sequence number
	Pure      [2]bool // a SYN without ACK of that end was captured
	seen      uint8   // seenFIN, seenRST, and those of what began last
}

const (
	seenFIN = 1 << iota
	seenRST
	lastFIN // since Begin
	lastRST
)

// Begin says that another connection began on the stream, with a packet of those flags.
func (c *Core) Begin(flags uint16) {
	c.seen &= seenFIN | seenRST
	c.end(flags)
}

// end notes what ends a connection.
func (c *Core) end(flags uint16) {
	now := uint8(flags&FIN) | uint8(flags&RST)>>1
	c.seen |= now | now<<2
}

// Ended reports whether a FIN or an RST was seen, of either end, since Begin if that was called.
func (c *Core) Ended() (fin, rst bool) { return c.seen&lastFIN != 0, c.seen&lastRST != 0 }

// End is the end that sends packets of that flow. Ends are in no particular order, see Client.
func (c *Core) End(flow uint8) Endpoint { return c.tuple.end(flow) }

// Dest is the end that a packet of that flow travels to.
func (c *Core) Dest(flow uint8) Dest {
	if flow == c.Client {
		return Server
	}
	return Client
}

// Position says where a packet belongs.
type Position struct {
	core  *Core
	state *state
	ID    uint32 // tcp.stream
	Flow  uint8  // index of the sender's end
	easy  bool   // a usual packet that follows may take the short way, see Take
	New   bool   // it is the stream's first packet
	// Reused: the packet is a SYN that opens a new stream on a known 4-tuple, or a SYN/ACK with a new sequence number.
	Reused bool
}

// Core is the stream's, as Table.Core gives it.
func (at *Position) Core() *Core { return at.core }

// blockLen is how many streams are allocated at once.
const blockLen = 256

// Table is the table of streams. It is used by one goroutine at a time; the zero value is not ready, see NewTable.
type Table struct {
	cores  []*[blockLen]Core
	states []*[blockLen]state
	n      uint32
	lookup lookup
	tuple  tuple // of the packet that is being added
	at     Position
	recent *[1 << recentBits]recent // apart, so that each lies in one line of a processor's cache; nil once sealed
	moves  map[key][]move
	latest map[key]moved
}

// key names a flow of a stream.
type key struct {
	id   uint32
	flow uint8
}

// move is a change of a flow's Base, from a row on.
type move struct {
	row  uint32
	base uint32
}

// moved is the latest change of a flow's Base: in which row, from what, and what the stream's flows had sent until then.
type moved struct {
	row  uint32
	from uint32
	sent [2]Direction
}

// NewTable returns an empty table.
func NewTable() *Table {
	return &Table{lookup: newLookup(), recent: new([1 << recentBits]recent)}
}

// Len is the number of streams so far; their ids are below it.
func (t *Table) Len() int { return int(t.n) }

// Core is the stream of that id, valid as long as the table; it changes while packets are added.
func (t *Table) Core(id uint32) *Core { return &t.cores[id/blockLen][id%blockLen] }

func (t *Table) state(id uint32) *state { return &t.states[id/blockLen][id%blockLen] }

// Take is Add, then Analyze. Most packets are usual, of a direction that was seen lately, and the next ones of it: all that they need
// is done in one go.
func (t *Table) Take(p *packet.Packet, row uint32) (*Position, Analysis) {
	if p.Usual != packet.NotUsual {
		if n := t.near(p); n.at.easy && n.is(p) {
			if a, ok := n.at.next(p); ok {
				return &n.at, a
			}
		}
	}
	at := t.Add(p, row)
	return at, t.Analyze(at, p)
}

// Add finds the stream of a packet of kind TCP, or opens one, and notes what the packet tells of it. row is the number
// of the packet among those added, from 0. The position is valid until the next packet.
func (t *Table) Add(p *packet.Packet, row uint32) *Position {
	at := t.find(p)
	c, s := at.core, at.state
	switch p.Flags & (SYN | ACK) {
	case SYN:
		if c.baseSet[at.Flow] && p.Seq != c.Base[at.Flow] {
			t.reopen(p)
			at = &t.at
			at.Reused = true
			c, s = at.core, at.state
		}
		c.syn(at.Flow)
	case SYN | ACK:
		t.at = *at
		at = &t.at
		at.Reused = t.rebase(c, s, at, p.Seq, row)
		c.synACK(at.Flow)
	}
	if (p.Flags&SYN != 0 || !c.baseSet[0] || !c.baseSet[1]) && p.Faults&(packet.FirstFragment|packet.TCPLength) == 0 {
		c.setBase(at.Flow, p)
	}
	if p.HasWScale && p.Flags&SYN != 0 { // elsewhere it is to be ignored (RFC 7323 section 2.2)
		c.Scale[at.Flow] = int8(min(p.WScale, 14))
	}
	if p.Flags&SYN != 0 && !p.HeaderCut {
		c.checkScale(at.Flow, p.Flags&ACK != 0)
	}
	if p.Flags&(FIN|RST) != 0 {
		c.end(p.Flags)
	}
	s.sum(at.Flow, p)
	at.easy = c.baseSet[0] && c.baseSet[1]
	return at
}

// find is the newest stream of the packet's 4-tuple, opened if there is none.
func (t *Table) find(p *packet.Packet) *Position {
	n := t.near(p)
	if n.at.core != nil && n.is(p) {
		return &n.at
	}
	at := &t.at
	flow := t.tuple.set(p)
	s := t.slot(&t.tuple)
	if s.id != 0 {
		t.move(s.id-1, flow)
	} else {
		t.move(t.openAt(s, p, flow), flow)
		at.New = true
	}
	n.src, n.dst, n.ports, n.at = p.Src, p.Dst, bothPorts(p), *at
	n.at.New = false
	return at
}

// move sets the position to a packet of a stream.
func (t *Table) move(id uint32, flow uint8) {
	t.at = Position{ID: id, Flow: flow, core: t.Core(id), state: t.state(id)}
}

// reopen starts a new stream on the 4-tuple of the packet, which was found to have one.
func (t *Table) reopen(p *packet.Packet) {
	flow := t.tuple.set(p)
	t.move(t.openAt(t.slot(&t.tuple), p, flow), flow)
	t.at.New = true
	*t.near(p) = recent{}
	back := packet.Packet{Src: p.Dst, Dst: p.Src, SrcPort: p.DstPort, DstPort: p.SrcPort}
	*t.near(&back) = recent{}
}

// recent is a direction of a stream that was seen lately: found without a hash. It is 64 bytes long.
type recent struct {
	src, dst packet.Addr
	at       Position // of a packet that is not new, and nothing else
	ports    uint32
}

// is reports whether a packet travels that way.
func (n *recent) is(p *packet.Packet) bool {
	return n.ports == bothPorts(p) && n.src == p.Src && n.dst == p.Dst
}

func bothPorts(p *packet.Packet) uint32 { return uint32(p.SrcPort)<<16 | uint32(p.DstPort) }

// recentBits is the width of an index of Table.recent: many times more places than most captures have directions, so
// that few share one.
const recentBits = 11

// near is the place where the packet's direction is remembered, if it is.
func (t *Table) near(p *packet.Packet) *recent {
	le := binary.LittleEndian
	x := uint64(le.Uint32(p.Src[12:]))<<32 | uint64(le.Uint32(p.Dst[12:]))
	x ^= uint64(p.SrcPort)<<16 | uint64(p.DstPort)<<40
	return &t.recent[x*0x9e3779b97f4a7c15>>(64-recentBits)]
}

// slot is the slot of the hash table that holds the tuple, or the empty one where it belongs.
func (t *Table) slot(tp *tuple) *slot {
	h := t.lookup.seeds.hash(tp)
	mask := uint32(len(t.lookup.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := &t.lookup.slots[i]
		if s.id == 0 {
			s.hash = h
			return s
		}
		if s.hash == h && t.Core(s.id-1).tuple.is(tp) {
			return s
		}
	}
}

// openAt starts a new stream on the 4-tuple that was found last, whose slot it takes.
func (t *Table) openAt(sl *slot, p *packet.Packet, flow uint8) uint32 {
	id := t.n
	if id%blockLen == 0 {
		t.cores = append(t.cores, new([blockLen]Core))
		t.states = append(t.states, new([blockLen]state))
	}
	t.n++
	t.lookup.set(sl, id)
	c := t.Core(id)
	c.tuple = t.tuple
	c.V6, c.Interface = p.V6, p.Interface
	c.Scale = [2]int8{-1, -1}
	c.Client = guessClient(p, flow)
	t.state(id).init()
	return id
}

// guessClient takes the end on the well-known port for the server, else that below the ephemeral ports, else the
// receiver of the first packet.
func guessClient(p *packet.Packet, flow uint8) uint8 {
	for _, limit := range [...]uint16{1024, 32768} {
		if low := p.SrcPort < limit; low != (p.DstPort < limit) {
			if low {
				return 1 - flow
			}
			return flow
		}
	}
	return flow
}

// Stream is the summary of a stream as it stands.
func (t *Table) Stream(id uint32) Stream {
	c, s := t.Core(id), t.state(id)
	cl, sv := c.Client, 1-c.Client
	client, server := c.End(cl), c.End(sv)
	return Stream{
		ID:          id,
		Client:      client.AddrPort(c.V6),
		Server:      server.AddrPort(c.V6),
		Role:        c.Role,
		Interface:   c.Interface,
		SYN:         c.Pure[cl],
		SYNACK:      c.SYN[sv],
		ClientISN:   c.Base[cl],
		ServerISN:   c.Base[sv],
		FIN:         c.seen&seenFIN != 0,
		RST:         c.seen&seenRST != 0,
		ClientScale: c.Scale[cl],
		ServerScale: c.Scale[sv],
		Toward:      [3]Direction{Server: s.direction(cl), Client: s.direction(sv)},
	}
}

// Sent sums up what one end of a stream has sent so far.
func (t *Table) Sent(id uint32, flow uint8) Direction { return t.state(id).direction(flow) }

// Seal frees what only adding packets needs. The table is read only from then on.
func (t *Table) Seal() {
	t.states = nil
	t.lookup, t.recent = lookup{}, nil
}
