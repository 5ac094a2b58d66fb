package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

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
