package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// pendingHMAC is an HMAC to be checked, now or once the keys are known.
type pendingHMAC struct {
	sub          *sub
	row          uint32
	synACK       uint64
	ack          [20]byte
	announcement int // index in the list of announcements
	from         stream.Dest
	option       mptcp.AddAddr
	kind         hmacKind
}

type hmacKind uint8

const (
	synACKHMAC hmacKind = iota
	ackHMAC
	addAddrHMAC
)

// maxPendingHMACs bounds what a connection remembers for later verification.
const maxPendingHMACs = 1024

// verifyHMAC checks an HMAC, or keeps it until both keys are known.
func (t *Table) verifyHMAC(c *state, p *pendingHMAC) {
	if c.hasKeys() {
		t.checkHMAC(c, p)
		return
	}
	if n := c.verdicts(); len(n.pending) < maxPendingHMACs {
		n.pending = append(n.pending, *p)
		return
	}
	t.giveUpHMAC(c, p)
}

// retryHMACs checks the HMACs that waited, after a key came.
func (t *Table) retryHMACs(c *state) {
	if c.checks == nil || len(c.checks.pending) == 0 || !c.hasKeys() {
		return
	}
	list := c.checks.pending
	c.checks.pending = nil
	for i := range list {
		t.checkHMAC(c, &list[i])
	}
}

// giveUpHMAC counts an HMAC whose keys never came.
func (t *Table) giveUpHMAC(c *state, p *pendingHMAC) {
	switch p.kind {
	case synACKHMAC:
		p.sub.setVerdict(p.kind, NotVerifiable, MissingKey)
		c.count().SYNACK.NotVerifiable++
	case ackHMAC:
		p.sub.setVerdict(p.kind, NotVerifiable, MissingKey)
		c.count().ACK.NotVerifiable++
	case addAddrHMAC:
		c.count().AddAddr.NotVerifiable++
		if p.announcement < len(c.announcements) {
			c.announcements[p.announcement].HMAC, c.announcements[p.announcement].Why = NotVerifiable, MissingKey
		}
	}
}

// checkHMAC checks an HMAC, whose keys are known.
func (t *Table) checkHMAC(c *state, p *pendingHMAC) {
	switch p.kind {
	case synACKHMAC:
		t.checkJoinHMAC(c, p, ForgedSYNACK)
	case ackHMAC:
		t.checkJoinHMAC(c, p, ForgedACK)
	case addAddrHMAC:
		t.checkAddAddrHMAC(c, p)
	}
}

// checkJoinHMAC checks the HMAC of a SYN/ACK or of a third packet.
func (t *Table) checkJoinHMAC(c *state, p *pendingHMAC, forged Issue) {
	s := p.sub
	if s.join.numA == 0 || !s.join.hasB {
		c.count().joinCount(p.kind).NotVerifiable++
		s.setVerdict(p.kind, NotVerifiable, MissingNonce)
		return
	}
	right := p.matches(c, s.dest)
	if !right {
		if o, found := t.ownerByHMAC(p); found {
			t.moveSubflow(s, o)
			c, right = o.conn, true
		}
	}
	if right {
		c.count().joinCount(p.kind).Verified++
		s.setVerdict(p.kind, Verified, NoReason)
		return
	}
	c.count().joinCount(p.kind).Failed++
	s.setVerdict(p.kind, Failed, NoReason)
	t.host.Issue(forged, p.row)
}

// joinCount is where the HMACs of joins are counted, of SYN/ACKs or of third packets.
func (n *Tally) joinCount(kind hmacKind) *Count {
	if kind == synACKHMAC {
		return &n.SYNACK
	}
	return &n.ACK
}

// matches compares an HMAC with that of a connection's keys, for each nonce that the SYN was seen with. The opener of the
// subflow sends to dest.
func (p *pendingHMAC) matches(c *state, dest stream.Dest) bool {
	j := p.sub.join
	secret := mptcp.JoinSecret{Version: c.version, KeyA: c.end[dest.Other()].Key, KeyB: c.end[dest].Key, NonceB: j.nonceB}
	for _, nonce := range j.nonceA[:j.numA] {
		secret.NonceA = nonce
		if p.kind == synACKHMAC && secret.SYNACK() == p.synACK || p.kind == ackHMAC && secret.ACK() == p.ack {
			return true
		}
	}
	return false
}

// setVerdict records the outcome for a subflow. A failure stays, whatever a later packet says.
func (s *sub) setVerdict(kind hmacKind, v Verdict, why Reason) {
	if s.join == nil {
		return
	}
	at, reason := &s.join.synACK, &s.join.whySYN
	if kind == ackHMAC {
		at, reason = &s.join.ack, &s.join.whyA
	}
	if v > *at {
		*at, *reason = v, why
	}
}

// hasKeys reports whether HMACs can be computed: both keys and the version are known.
func (c *state) hasKeys() bool {
	return c.end[stream.Client].HasKey && c.end[stream.Server].HasKey && c.version != mptcp.VersionUnknown
}
