package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// join is what a joining subflow's handshake told.
type join struct {
	nonceA       [2]uint32 // of the SYN, the newest first: a repeated SYN may have another
	nonceB       uint32    // of the SYN/ACK
	numA         uint8
	hasB         bool
	acked        bool // the third packet was seen
	token        uint32
	hasToken     bool
	syns         uint32
	synACK, ack  Verdict
	whySYN, whyA Reason
}

// mpJoin takes in MP_JOIN (RFC 8684 section 3.2).
func (t *Table) mpJoin(s *sub, v *packetView, o mptcp.Option) {
	m, f := mptcp.ParseJoin(o)
	if !t.fault(f, v.row) {
		return
	}
	if s.join == nil {
		s.join = &join{}
	}
	switch m.Form {
	case mptcp.JoinSYN:
		s.joinSYN(v, &m)
		t.attachLate(s, v, &m)
	case mptcp.JoinSYNACK:
		t.joinSYNACK(s, v, &m)
	case mptcp.JoinACK:
		t.joinACK(s, v, &m)
	}
}

func (s *sub) joinSYN(v *packetView, m *mptcp.Join) {
	j := s.join
	s.backup = s.backup || m.Backup
	s.addrID[v.flow], s.hasAddr = m.AddrID, true
	if m.HasToken {
		j.token, j.hasToken = m.Token, true
		j.syns++
	}
	if m.HasNonce && (j.numA == 0 || j.nonceA[0] != m.Nonce) {
		j.nonceA[1], j.nonceA[0] = j.nonceA[0], m.Nonce
		j.numA = min(j.numA+1, 2)
	}
	s.stage = max(s.stage, offered)
}

func (t *Table) joinSYNACK(s *sub, v *packetView, m *mptcp.Join) {
	j := s.join
	s.backup = s.backup || m.Backup
	s.addrID[v.flow], s.hasAddr = m.AddrID, true
	if m.HasNonce {
		j.nonceB, j.hasB = m.Nonce, true
	}
	s.stage = max(s.stage, answered)
	if m.HasHMAC {
		t.verifyHMAC(s.conn, &pendingHMAC{sub: s, row: v.row, synACK: m.HMAC64, kind: synACKHMAC})
	} else {
		s.setVerdict(synACKHMAC, NotVerifiable, MissingOption)
	}
}

func (t *Table) joinACK(s *sub, v *packetView, m *mptcp.Join) {
	s.join.acked = true
	if v.PayloadLen == 0 && v.Flags&(stream.SYN|stream.ACK) == stream.ACK {
		t.fix(s, v.flow, v.Seq-1)
		t.fix(s, 1-v.flow, v.Ack-1)
	}
	if m.HasHMAC {
		t.verifyHMAC(s.conn, &pendingHMAC{sub: s, row: v.row, ack: m.HMAC160, kind: ackHMAC})
	} else {
		s.setVerdict(ackHMAC, NotVerifiable, MissingOption)
	}
}

// progressJoin records when a joined subflow is up: the server answers the third packet, or data flows (RFC 8684 section
// 3.2).
func (t *Table) progressJoin(s *sub, v *packetView) {
	if v.Flags&(stream.SYN|stream.RST) != 0 {
		return
	}
	if v.PayloadLen > 0 || s.join != nil && s.join.acked && v.flow != s.core.Client || s.join == nil {
		s.established, s.stage = true, settled
	}
}
