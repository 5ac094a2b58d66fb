package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// watchHandshake looks for a fallback during the handshake (RFC 8684 section 3.7). It sees every packet of a subflow until the
// handshake is settled.
func (t *Table) watchHandshake(s *sub, v *packetView) {
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
		if s.stage == offered && !option && !fromClient {
			t.fallBack(c, NoCapableInSYNACK, v.row, true)
			s.fellBack = true
		}
	case v.Flags&(stream.SYN|stream.RST) != 0:
	case option:
		s.stage = settled
		t.confirmMPTCP(s)
	case v.PayloadLen > 0 && s.fellBack:
		s.stage = settled
		c.tentative = false
	case fromClient && s.stage == answered && !v.BadOption:
		t.fallBack(c, NoCapableInACK, v.row, true)
		s.fellBack = true
	}
}

// checkFirstData looks at the first data of an end after a complete handshake: without any MPTCP option the connection has
// fallen back to TCP (RFC 8684 section 3.7). It has not if that end sent data acks, if its data was acknowledged by data
// acks, or if there is another subflow. If the data does not begin with the first byte, a mapping before it may be missing from the
// capture: then the fallback is tentative.
func (t *Table) checkFirstData(s *sub, v *packetView) {
	c := s.conn
	if v.NumMPTCP > 0 || v.BadOption || v.HeaderCut || !s.master || s.dss[v.flow] || s.dataAcked[v.flow] || s.fellBack || len(c.subs) > 1 ||
		s.stage < settled || !s.core.Pure[s.core.Client] || c.fallback.Cause != NoFallback {
		return
	}
	w := s.way(v.flow)
	t.fallBack(c, NoDSS, v.row, w.offset(v.Seq) != bias+1)
	s.fellBack, s.bareFlow = true, v.flow+1
}

// takeBackNoDSS takes back what checkFirstData concluded: the same end goes on with DSS options, which it would not do after
// a fallback.
func (s *sub) takeBackNoDSS(flow uint8) {
	if c := s.conn; s.bareFlow == flow+1 && c.fallback.Cause == NoDSS {
		c.fallback, s.fellBack = Fallback{}, false
	}
}

// confirmMPTCP notes that a subflow speaks MPTCP. It takes back a tentative fallback, which was concluded from a missing option:
// the packet with that option was not captured.
func (t *Table) confirmMPTCP(s *sub) {
	s.established = true
	if !s.conn.tentative {
		return
	}
	s.conn.fallback, s.conn.tentative = Fallback{}, false
	for _, m := range s.conn.subs {
		m.fellBack = false
	}
}

// fallBack records why the connection fell back; the first cause counts. A tentative one is replaced by a later one, or taken back
// by confirmMPTCP.
func (t *Table) fallBack(c *state, why Cause, row uint32, tentative bool) {
	if c.fallback.Cause != NoFallback && !c.tentative {
		c.failHeard = c.failHeard || why == InfiniteMapping
		return
	}
	c.fallback = Fallback{Cause: why, Packet: row + 1}
	c.tentative = tentative
}

// takeBackFail takes back a fallback at an MP_FAIL that its receiver shows not to have heard: what it sends behind it has
// mappings that end, as before. A subflow that was reset sends no more, whether it heard or not.
func (t *Table) takeBackFail(c *state) {
	if c.fallback.Cause != ChecksumFailed || c.failHeard {
		return
	}
	mapped := false
	for _, s := range c.subs {
		if t.wasReset(s) {
			return
		}
		for flow, w := range s.ways {
			mapped = mapped || w != nil && w.mapping != nil && w.mapping.Row >= c.fallback.Packet && s.toward(uint8(flow)) != c.failedFor
		}
	}
	if mapped {
		c.fallback = Fallback{}
	}
}
