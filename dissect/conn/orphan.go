package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// An orphan is a connection that is known only by joins: the token that they name belongs to no key seen so far, as their
// packets were captured before the handshake or without it. It is adopted once a key with that token shows up; its ids stay as
// aliases. A connection of which nothing but the key in an MP_FASTCLOSE is known is one, too.

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

// attachLate brings a stream to the connection that its JOIN names when the SYN comes after other packets of the stream, as in
// a capture that several queues or interfaces filled: until then it was a connection of its own.
func (t *Table) attachLate(s *sub, v *packetView, m *mptcp.Join) {
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
		t.adopt(o.conn, o.end, owner{conn: c, end: end}, v.row)
		t.retryHMACs(o.conn)
	}
}

// adopt moves the subflows of an orphan into the connection that they belong to, with all that is known of them. o.end of the
// orphan is the same host as end of c; row tells it.
func (t *Table) adopt(c *state, end stream.Dest, o owner, row uint32) {
	orphan, base := o.conn, len(c.subs)
	flip := o.end != end
	subs := orphan.subs
	orphan.gone, orphan.subs = true, nil
	for _, s := range subs {
		t.enrol(s, c)
		if flip {
			s.dest = s.dest.Other()
		}
		for _, w := range s.ways {
			if w != nil {
				w.space, w.ready = nil, false
			}
		}
	}
	for _, d := range ends {
		to := d
		if flip {
			to = d.Other()
		}
		if sp := orphan.spaces[d]; sp != nil && sp.has {
			t.mergeSpace(c, to, sp, base)
		}
	}
	if orphan.checks != nil {
		c.verdicts().add(orphan.checks, len(c.announcements))
	}
	c.announcements = append(c.announcements, orphan.announcements...)
	c.checksum = c.checksum || orphan.checksum
	if n := orphan.fastclose; n != 0 && (c.fastclose == 0 || n < c.fastclose) {
		c.fastclose = n
	}
	if o := orphan.fallback; c.fallback.Cause == NoFallback && (o.Cause != ChecksumFailed || orphan.failHeard) { // else only a subflow failed
		c.fallback, c.tentative, c.failHeard = o, orphan.tentative, orphan.failHeard
	}
	t.inherit(c, orphan, flip, row)
}

// inherit takes over what an orphan knows of the ends: the tokens that its joins named, the keys that an MP_FASTCLOSE told.
func (t *Table) inherit(c, orphan *state, flip bool, row uint32) {
	for _, d := range ends {
		from := d
		if flip {
			from = d.Other()
		}
		e, o := &c.end[d], &orphan.end[from]
		if k := orphan.closed; k != nil && k.has[from] {
			c.closedWith(d, k.key[from])
		}
		if o.HasKey && !e.HasKey && c.version != mptcp.VersionUnknown {
			t.setKey(c, d, o.Key, o.Source, row)
			continue
		}
		if o.HasToken && !e.HasToken {
			e.Token, e.HasToken = o.Token, true
		}
		if o.HasToken && t.tokens[o.Token].conn == orphan {
			delete(t.tokens, o.Token)
			if e.Token == o.Token {
				t.tokens[o.Token] = owner{conn: c, end: d}
			}
		}
	}
}

// add takes over the verdicts of an orphan, whose announced addresses come behind so many of the connection's own.
func (v *verdicts) add(o *verdicts, announced int) {
	for i := range o.pending {
		o.pending[i].announcement += announced
	}
	v.pending = append(v.pending, o.pending...)
	v.bad = append(v.bad, o.bad...)
	for i, n := range o.noSum {
		v.noSum[i] += n
	}
	v.tally.Add(&o.tally)
}

// mergeSpace takes the payload that an orphan carried into the data sequence space of the connection that adopted it, whose
// subflows from base on are the orphan's.
func (t *Table) mergeSpace(c *state, to stream.Dest, from *space, base int) {
	sp := c.space(to)
	var by uint64
	switch {
	case !sp.has:
		sp.start(from.ref, from.known)
	case !from.known:
		by = mptcp.Expand(sp.ref, uint32(from.ref)) - from.ref
	case !sp.known:
		_, shift, _ := sp.widen(from.ref, true)
		t.shift(c.subs[:base], to, shift)
	}
	t.shift(c.subs[base:], to, by)
	sp.total.Unmapped += from.total.Unmapped
	sp.fin = sp.fin || from.fin
	if sp.unnumbered == nil {
		sp.unnumbered = from.unnumbered
	}
	for ; from != nil; from = from.far {
		for _, l := range from.lanes {
			l.sent.each(func(p *pair) {
				s := c.subs[min(base+int(p.a&0xffff), len(c.subs)-1)]
				w := s.ways[s.flowTo(to)]
				if w.lane == l {
					w.lane = nil
				}
				t.carried(w, sp, from.origin+p.a>>16+by, uint32(p.b), uint32(p.b>>32))
			})
		}
	}
}

// shift adds to the data sequence numbers of what travels to an end on some subflows, and to the data acks of it, when they turn
// out to have been off.
func (t *Table) shift(subs []*sub, to stream.Dest, by uint64) {
	if by == 0 {
		return
	}
	for _, s := range subs {
		for flow := range uint8(2) {
			if s.toward(flow) != to {
				continue
			}
			if w := s.ways[flow]; w != nil {
				t.shiftMaps(w, by)
			}
			if w := s.ways[1-flow]; w != nil {
				w.shiftAcks(by)
			}
		}
	}
}
