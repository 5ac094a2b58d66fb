package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// stage is how far a subflow's handshake has come.
type stage uint8

const (
	fresh    stage = iota
	offered        // SYN with the option
	answered       // SYN/ACK with the option
	settled        // nothing of the handshake is left to watch
)

// progress watches the packets of a handshake for the end of MPTCP (RFC 8684 section 3.7). It sees every packet of a
// subflow until the handshake is settled.
func (t *Table) progress(s *sub, v *packetView) {
	if !s.master {
		t.progressJoin(s, v)
		return
	}
	c, fromClient := s.conn, v.flow == s.core.Client
	option := v.NumMPTCP > 0
	switch {
	case v.Flags&stream.RST != 0 && !fromClient && s.stage == offered:
		t.fallBack(c, Refused, v.row, false)
		s.stage = settled
	case v.Flags&(stream.SYN|stream.ACK) == stream.SYN|stream.ACK:
		if !fromClient {
			t.opened(s, s.core.Client, v.Ack)
		}
		if s.stage == offered && !option && !fromClient {
			t.fallBack(c, NoCapableInSYNACK, v.row, true)
			s.plain = true
		}
	case v.Flags&(stream.SYN|stream.RST) != 0:
	case option:
		s.stage = settled
		t.standing(s)
	case v.PayloadLen > 0 && s.plain:
		s.stage = settled
		c.tentative = false
	case fromClient && s.stage == answered && !v.BadOption:
		t.fallBack(c, NoCapableInACK, v.row, true)
		s.plain = true
	}
}

// bare watches for the first data of an end of a complete handshake: without any option the connection is plain TCP
// (RFC 8684 section 3.7). Data acks of that end, data acks of its data, or another subflow show that it is not. Where it is
// not the first byte, a mapping before it may not have been captured.
func (t *Table) bare(s *sub, v *packetView) {
	c := s.conn
	if v.NumMPTCP > 0 || v.BadOption || v.HeaderCut || !s.master || s.dss[v.flow] || s.taken[v.flow] || s.plain || len(c.subs) > 1 ||
		s.stage < settled || !s.core.Pure[s.core.Client] || c.fallback.Cause != NoFallback {
		return
	}
	w := s.way(v.flow)
	t.fallBack(c, NoDSS, v.row, w.offset(v.Seq) != bias+1)
	s.plain, s.bare = true, v.flow+1
}

// speaks takes back what bare concluded: the same end goes on with DSS options, which after a fallback it would not.
func (s *sub) speaks(flow uint8) {
	if c := s.conn; s.bare == flow+1 && c.fallback.Cause == NoDSS {
		c.fallback, s.plain = Fallback{}, false
	}
}

// standing takes back a fallback that was only told from an option that was missing: the packet with it was not
// captured.
func (t *Table) standing(s *sub) {
	s.up = true
	if !s.conn.tentative {
		return
	}
	s.conn.fallback, s.conn.tentative = Fallback{}, false
	for _, m := range s.conn.subs {
		m.plain = false
	}
}

// fallBack records the first cause. A tentative one may be taken back by standing.
func (t *Table) fallBack(c *state, why Cause, row uint32, tentative bool) {
	if c.fallback.Cause != NoFallback && !c.tentative {
		return
	}
	c.fallback = Fallback{Cause: why, Packet: row + 1}
	c.tentative = tentative
}
