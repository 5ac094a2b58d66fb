package stream

import (
	"sort"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
)

// syn notes that the end of that flow sent a SYN. The first one tells who is the client.
func (c *Core) syn(flow uint8) {
	c.Pure[flow] = true
	if c.Role < FromSYN {
		c.Role, c.Client = FromSYN, flow
	}
}

func (c *Core) synACK(flow uint8) {
	if c.Role < FromSYNACK {
		c.Role, c.Client = FromSYNACK, 1-flow
	}
}

// setBase gives the packet's flow its base sequence number, and a guess to the other one, as Wireshark does: a SYN
// has relative number 0, the first packet seen otherwise 1, and the first ack of a flow not seen yet is 1.
func (c *Core) setBase(flow uint8, p *packet.Packet) {
	if !c.baseSet[flow] {
		c.baseSet[flow] = true
		c.Base[flow] = p.Seq - 1
		if p.Flags&SYN != 0 {
			c.Base[flow] = p.Seq
		}
	}
	if p.Flags&SYN != 0 && p.Seq == c.Base[flow] {
		c.SYN[flow] = true
	}
	if !c.baseSet[1-flow] && p.Flags&ACK != 0 {
		c.baseSet[1-flow] = true
		c.Base[1-flow] = p.Ack - 1
	}
}

// rebase moves the base of a flow to the number of a SYN/ACK that differs from it, as Wireshark does where it opens no
// new stream. Shown in two passes, packets before the first SYN/ACK are relative to the last one: see Base.
func (t *Table) rebase(c *Core, s *state, at *Position, seq, row uint32) bool {
	saw := &s.sawSYNACK[at.Flow]
	if !c.baseSet[at.Flow] || seq == c.Base[at.Flow] {
		if !*saw {
			*saw, s.synACKRow[at.Flow] = true, row
		}
		return false
	}
	if t.moves == nil {
		t.moves, t.latest = map[key][]move{}, map[key]moved{}
	}
	k := key{id: at.ID, flow: at.Flow}
	if *saw && len(t.moves[k]) == 0 {
		t.moves[k] = append(t.moves[k], move{row: s.synACKRow[at.Flow], base: c.Base[at.Flow]})
	}
	t.moves[k] = append(t.moves[k], move{row: row, base: seq})
	t.latest[k] = moved{row: row, from: c.Base[at.Flow], sent: [2]Direction{s.direction(0), s.direction(1)}}
	*saw = true
	c.Base[at.Flow], c.Rebased = seq, true
	return true
}

// Base is what the numbers of a flow are relative to at a row of the stream. It is Core.Base unless the core is
// Rebased.
func (t *Table) Base(id uint32, flow uint8, row uint32) uint32 {
	moves := t.moves[key{id: id, flow: flow}]
	if k := sort.Search(len(moves), func(k int) bool { return moves[k].row > row }); k > 0 {
		return moves[k-1].base
	}
	return t.Core(id).Base[flow]
}

// Before tells what a SYN/ACK of a flow in a row found, if it was the latest to move the flow's base: the base, and what the stream's
// flows had sent.
func (t *Table) Before(id uint32, flow uint8, row uint32) (base uint32, sent [2]Direction, moved bool) {
	m, found := t.latest[key{id: id, flow: flow}]
	if !found || m.row != row {
		return 0, sent, false
	}
	return m.from, m.sent, true
}

// checkScale settles the window scales after a SYN or SYN/ACK: without the option in it no scaling is used (RFC 7323
// section 2.2: both ends must send it).
func (c *Core) checkScale(flow uint8, synACK bool) {
	switch {
	case c.Scale[flow] == -1:
		c.Scale[0], c.Scale[1] = -2, -2
	case synACK && c.Scale[1-flow] == -2:
		c.Scale[flow] = -2
	}
}

// Window is the window of a packet with the flow's scale applied, as tcp.window_size: a SYN is never scaled.
func (c *Core) Window(flow uint8, flags, window uint16) uint32 {
	if flags&SYN != 0 || c.Scale[flow] < 0 {
		return uint32(window)
	}
	return uint32(window) << c.Scale[flow]
}
