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

// pending is an HMAC that waits for a key.
type pending struct {
	sub    *sub
	row    uint32
	synACK uint64
	ack    [20]byte
	addr   int // index in the list of announcements
	from   stream.Dest
	option mptcp.AddAddr
	kind   pendingKind
}

type pendingKind uint8

const (
	pendingSYNACK pendingKind = iota
	pendingACK
	pendingAddr
)

// maxPending bounds what a connection remembers for later verification.
const maxPending = 1024

// attach makes a stream a subflow of the connection that has the token at its receiving end, or of an orphan that
// waits for that token's key (wire order: the JOIN may be captured before the handshake, or without it).
func (t *Table) attach(s *sub, token uint32, v *packetView) {
	if o, known := t.tokens[token]; known {
		t.enrol(s, o.conn)
		s.dest = o.end
		return
	}
	c := t.newConn()
	c.orphan = true
	e := &c.end[stream.Server]
	e.Token, e.HasToken = token, true
	t.tokens[token] = owner{conn: c, end: stream.Server}
	t.enrol(s, c)
	t.host.Issue(UnknownToken, v.row)
}

// late brings a stream to the connection that its JOIN names when the SYN stands behind other packets of the stream, as in
// a capture that several queues or interfaces filled: till then it was a connection of its own.
func (t *Table) late(s *sub, v *packetView, m *mptcp.Join) {
	c, end := s.conn, s.toward(v.flow)
	if !m.HasToken || len(c.subs) != 1 || c.orphan || c.end[stream.Client].HasKey || c.end[stream.Server].HasKey {
		return
	}
	if o, known := t.tokens[m.Token]; !known {
		c.orphan = true
		c.end[end].Token, c.end[end].HasToken = m.Token, true
		t.tokens[m.Token] = owner{conn: c, end: end}
		t.host.Issue(UnknownToken, v.row)
	} else if o.conn != c && !o.conn.gone {
		t.adopt(o.conn, o.end, owner{conn: c, end: end})
		t.retry(o.conn)
	}
}

// joining takes in MP_JOIN (RFC 8684 section 3.2).
func (t *Table) joining(s *sub, v *packetView, o mptcp.Option) {
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
		t.late(s, v, &m)
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
		t.verify(s.conn, &pending{sub: s, row: v.row, synACK: m.HMAC64, kind: pendingSYNACK})
	} else {
		s.verdict(pendingSYNACK, NotVerifiable, MissingOption)
	}
}

func (t *Table) joinACK(s *sub, v *packetView, m *mptcp.Join) {
	s.join.acked = true
	if v.PayloadLen == 0 && v.Flags&(stream.SYN|stream.ACK) == stream.ACK {
		s.way(v.flow).fix(v.Seq - 1)
		s.way(1 - v.flow).fix(v.Ack - 1)
	}
	if m.HasHMAC {
		t.verify(s.conn, &pending{sub: s, row: v.row, ack: m.HMAC160, kind: pendingACK})
	} else {
		s.verdict(pendingACK, NotVerifiable, MissingOption)
	}
}

// progressJoin notes when a joined subflow is up: the server answers the third packet, or data flows (RFC 8684 section
// 3.2).
func (t *Table) progressJoin(s *sub, v *packetView) {
	if v.Flags&(stream.SYN|stream.RST) != 0 {
		return
	}
	if v.PayloadLen > 0 || s.join != nil && s.join.acked && v.flow != s.core.Client || s.join == nil {
		s.up, s.stage = true, settled
	}
}

// verify checks an HMAC, or keeps it until a key comes.
func (t *Table) verify(c *state, p *pending) {
	if c.keyed() {
		t.check(c, p)
		return
	}
	if n := c.verdicts(); len(n.pending) < maxPending {
		n.pending = append(n.pending, *p)
		return
	}
	t.unverified(c, p)
}

// retry checks what waited, after a key came.
func (t *Table) retry(c *state) {
	if c.checks == nil || len(c.checks.pending) == 0 || !c.end[stream.Client].HasKey || !c.end[stream.Server].HasKey {
		return
	}
	list := c.checks.pending
	c.checks.pending = nil
	for i := range list {
		t.check(c, &list[i])
	}
}

// unverified counts a check that never had its keys.
func (t *Table) unverified(c *state, p *pending) {
	switch p.kind {
	case pendingSYNACK:
		p.sub.verdict(p.kind, NotVerifiable, MissingKey)
		c.count().SYNACK.NotVerifiable++
	case pendingACK:
		p.sub.verdict(p.kind, NotVerifiable, MissingKey)
		c.count().ACK.NotVerifiable++
	case pendingAddr:
		c.count().AddAddr.NotVerifiable++
		if p.addr < len(c.list) {
			c.list[p.addr].HMAC, c.list[p.addr].Why = NotVerifiable, MissingKey
		}
	}
}

func (t *Table) check(c *state, p *pending) {
	switch p.kind {
	case pendingSYNACK:
		t.checkJoin(c, p, ForgedSYNACK)
	case pendingACK:
		t.checkJoin(c, p, ForgedACK)
	case pendingAddr:
		t.checkAddr(c, p)
	}
}

// checkJoin checks the HMAC of a SYN/ACK or of a third packet.
func (t *Table) checkJoin(c *state, p *pending, forged Issue) {
	s := p.sub
	if s.join.numA == 0 || !s.join.hasB {
		c.count().of(p.kind).NotVerifiable++
		s.verdict(p.kind, NotVerifiable, MissingNonce)
		return
	}
	right := p.fits(c, s.dest)
	if !right {
		if o, found := t.elsewhere(p); found {
			t.move(s, o)
			c, right = o.conn, true
		}
	}
	if right {
		c.count().of(p.kind).Verified++
		s.verdict(p.kind, Verified, NoReason)
		return
	}
	c.count().of(p.kind).Failed++
	s.verdict(p.kind, Failed, NoReason)
	t.host.Issue(forged, p.row)
}

// of is where the HMACs of joins are counted, of SYN/ACKs or of third packets.
func (n *Tally) of(kind pendingKind) *Count {
	if kind == pendingSYNACK {
		return &n.SYNACK
	}
	return &n.ACK
}

// fits compares an HMAC with that of a connection's keys, for each nonce that the SYN was seen with; the opener sends to
// dest.
func (p *pending) fits(c *state, dest stream.Dest) bool {
	j := p.sub.join
	secret := mptcp.JoinSecret{Version: c.version, KeyA: c.end[dest.Other()].Key, KeyB: c.end[dest].Key, NonceB: j.nonceB}
	for _, nonce := range j.nonceA[:j.numA] {
		secret.NonceA = nonce
		if p.kind == pendingSYNACK && secret.SYNACK() == p.synACK || p.kind == pendingACK && secret.ACK() == p.ack {
			return true
		}
	}
	return false
}

// verdict records the outcome for a subflow. A failure is never covered up by a later packet.
func (s *sub) verdict(kind pendingKind, v Verdict, why Reason) {
	if s.join == nil {
		return
	}
	at, reason := &s.join.synACK, &s.join.whySYN
	if kind == pendingACK {
		at, reason = &s.join.ack, &s.join.whyA
	}
	if v > *at {
		*at, *reason = v, why
	}
}
