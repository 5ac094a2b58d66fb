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
	tokens map[uint32]*wiresharkConn
}

// wiresharkConn is a connection as Wireshark sees it (its struct mptcp_analysis), with its two directions.
type wiresharkConn struct {
	id    uint32
	flows [2]wiresharkFlow
	ops   uint8
}

// wiresharkFlow is one direction of it (Wireshark's mptcp_meta_flow_t).
type wiresharkFlow struct {
	flags   uint8
	version uint8
	token   uint32
}

// Flags of a wiresharkFlow: what is known of it.
const (
	metaDSN   = 0x01 // upper half of numbers
	metaKey   = 0x03
	metaToken = 0x04
)

// wiresharkSubflow is a stream's part in a wiresharkConn: which of its directions each flow is, -1 none yet.
type wiresharkSubflow struct {
	conn  *wiresharkConn
	flows [2]int8
}

// addSubtype adds the subtype of an option to those that the connection has shown.
func (m *wiresharkSubflow) addSubtype(core *stream.Core, sub mptcp.Subtype) {
	if m.conn == nil {
		return
	}
	core.Ops = &m.conn.ops
	if sub < 8 {
		m.conn.ops |= 1 << sub
	}
}

// of is the direction of a flow, nil if it has none.
func (m *wiresharkSubflow) of(flow uint8) *wiresharkFlow {
	if m.conn == nil || m.flows[flow] < 0 {
		return nil
	}
	return &m.conn.flows[m.flows[flow]]
}

func (n *numbering) newConn(m *wiresharkSubflow, flow uint8) {
	m.conn = &wiresharkConn{id: n.next}
	n.next++
	m.flows[flow], m.flows[1-flow] = 0, 1
}

// renumbered makes the short way (steady.go) tell the numbering again of 8-byte numbers: the subflow's connection may be another.
func (s *sub) renumbered() {
	for _, w := range s.ways {
		if w != nil {
			w.wide = false
		}
	}
}

// option takes in an MPTCP option as Wireshark does.
func (n *numbering) option(m *wiresharkSubflow, flow uint8, o mptcp.Option) {
	sub := o.Subtype()
	if m.conn == nil && sub > mptcp.SubJoin {
		n.newConn(m, flow)
	}
	switch sub {
	case mptcp.SubCapable:
		n.capable(m, flow, o)
	case mptcp.SubJoin:
		if o.Stated() != 12 && m.conn == nil {
			n.newConn(m, flow)
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

func (n *numbering) capable(m *wiresharkSubflow, flow uint8, o mptcp.Option) {
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
func (n *numbering) key(m *wiresharkSubflow, flow uint8, version uint8, key mptcp.Key) bool {
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

func (n *numbering) join(m *wiresharkSubflow, flow uint8, token uint32) {
	if !n.token(m, flow, 1-flow, token) {
		return
	}
	if d := m.of(flow); d.version == 1 {
		m.flows[0], m.flows[1] = m.flows[1], m.flows[0]
	}
}

// token attaches a stream to the connection of a token, which names the sender of the flow target; flow is the packet's.
func (n *numbering) token(m *wiresharkSubflow, flow, target uint8, token uint32) bool {
	if d := m.of(target); d != nil && d.flags&metaToken != 0 {
		return true
	}
	side := int8(1)
	if known := n.tokens[token]; known != nil {
		if m.conn == known && m.flows[target] == 0 {
			side = 0
		}
		m.conn = known
	} else {
		if m.conn == nil {
			n.newConn(m, flow)
		} else {
			switch f := m.conn; {
			case f.flows[0].flags&metaToken != 0:
				m.flows[target] = 1
			case f.flows[1].flags&metaToken != 0:
				m.flows[target] = 0
			default:
				return false // an assertion of Wireshark's fails
			}
		}
		d := m.of(target)
		d.token, d.flags = token, d.flags|metaToken
		if n.tokens == nil {
			n.tokens = map[uint32]*wiresharkConn{}
		}
		n.tokens[token] = m.conn
		side = m.flows[target]
	}
	if target != flow {
		side = 1 - side
	}
	m.flows[flow], m.flows[1-flow] = side, 1-side
	return true
}
