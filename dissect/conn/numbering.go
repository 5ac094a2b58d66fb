package conn

import (
	"encoding/binary"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// numbering gives mptcp.stream numbers as Wireshark 4.0.17 does (epan/dissectors/packet-tcp.c): its own notion of
// which streams belong together, kept beside ours only for the ids. A number is taken at the first MPTCP option of a
// stream that cannot be attached to a known connection; tokens are never forgotten or replaced; a packet is shown with
// the number that its stream has in the end.
type numbering struct {
	next   uint32
	tokens map[uint32]*flock
}

// flock is a connection as Wireshark sees it, with its two directions.
type flock struct {
	id   uint32
	meta [2]meta
	ops  uint8
}

// meta is one direction of a flock.
type meta struct {
	flags   uint8
	version uint8
	token   uint32
}

// Flags of a meta: what is known of it.
const (
	metaDSN   = 0x01 // upper half of numbers
	metaKey   = 0x03
	metaToken = 0x04
)

// member is a stream's part in a flock: which of its directions each flow is, -1 none yet.
type member struct {
	flock *flock
	meta  [2]int8
}

// learn adds the subtype of an option to those the flock has shown.
func (m *member) learn(core *stream.Core, sub mptcp.Subtype) {
	if m.flock == nil {
		return
	}
	core.Ops = &m.flock.ops
	if sub < 8 {
		m.flock.ops |= 1 << sub
	}
}

// of is the direction of a flow, nil if it has none.
func (m *member) of(flow uint8) *meta {
	if m.flock == nil || m.meta[flow] < 0 {
		return nil
	}
	return &m.flock.meta[m.meta[flow]]
}

func (n *numbering) alloc(m *member, flow uint8) {
	m.flock = &flock{id: n.next}
	n.next++
	m.meta[flow], m.meta[1-flow] = 0, 1
}

// renumbered makes the short way tell the numbering anew of what it has seen.
func (s *sub) renumbered() {
	for _, w := range s.ways {
		if w != nil {
			w.wide = false
		}
	}
}

// option does what an option does to the numbering.
func (n *numbering) option(m *member, flow uint8, o mptcp.Option) {
	sub := o.Subtype()
	if m.flock == nil && sub > mptcp.SubJoin {
		n.alloc(m, flow)
	}
	switch sub {
	case mptcp.SubCapable:
		n.capable(m, flow, o)
	case mptcp.SubJoin:
		if o.Stated() != 12 && m.flock == nil {
			n.alloc(m, flow)
		}
		if o.Stated() == 12 && len(o) >= 8 {
			n.join(m, flow, binary.BigEndian.Uint32(o[4:]))
		}
	case mptcp.SubDSS:
		if len(o) >= 4 && o[3]&0x0c == 0x0c {
			if d := m.of(flow); d != nil {
				d.flags |= metaDSN
			}
		}
	}
}

func (n *numbering) capable(m *member, flow uint8, o mptcp.Option) {
	size := o.Stated()
	if size != 12 && size != 20 && size != 22 && size != 24 || len(o) < 12 {
		return
	}
	version := o[2] & 0x0f
	if !n.key(m, flow, version, mptcp.Key(binary.BigEndian.Uint64(o[4:]))) || size < 20 || len(o) < 20 {
		return
	}
	n.key(m, 1-flow, version, mptcp.Key(binary.BigEndian.Uint64(o[12:])))
}

// key takes in a key of the sender of a flow. It is false where Wireshark gives the packet up.
func (n *numbering) key(m *member, flow uint8, version uint8, key mptcp.Key) bool {
	if d := m.of(flow); d != nil && d.flags&metaKey != 0 {
		return true
	}
	var token uint32
	if version <= 1 {
		token = key.Token(mptcp.Version(version))
	}
	if !n.token(m, flow, flow, token) {
		return false
	}
	d := m.of(flow)
	d.version, d.flags = version, d.flags|metaKey
	return true
}

func (n *numbering) join(m *member, flow uint8, token uint32) {
	if !n.token(m, flow, 1-flow, token) {
		return
	}
	if d := m.of(flow); d.version == 1 {
		m.meta[0], m.meta[1] = m.meta[1], m.meta[0]
	}
}

// token attaches a stream to the flock of a token, which names the sender of the flow target; flow is the packet's.
func (n *numbering) token(m *member, flow, target uint8, token uint32) bool {
	if d := m.of(target); d != nil && d.flags&metaToken != 0 {
		return true
	}
	side := int8(1)
	if known := n.tokens[token]; known != nil {
		if m.flock == known && m.meta[target] == 0 {
			side = 0
		}
		m.flock = known
	} else {
		if m.flock == nil {
			n.alloc(m, flow)
		} else {
			switch f := m.flock; {
			case f.meta[0].flags&metaToken != 0:
				m.meta[target] = 1
			case f.meta[1].flags&metaToken != 0:
				m.meta[target] = 0
			default:
				return false // an assertion of Wireshark's fails
			}
		}
		d := m.of(target)
		d.token, d.flags = token, d.flags|metaToken
		if n.tokens == nil {
			n.tokens = map[uint32]*flock{}
		}
		n.tokens[token] = m.flock
		side = m.meta[target]
	}
	if target != flow {
		side = 1 - side
	}
	m.meta[flow], m.meta[1-flow] = side, 1-side
	return true
}
