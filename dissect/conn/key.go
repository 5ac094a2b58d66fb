package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// setKey takes in the key of an end. Of two that contradict each other the one whose source is trusted more stays, see KeySource.
func (t *Table) setKey(c *state, end stream.Dest, key mptcp.Key, from KeySource, row uint32) {
	e := &c.end[end]
	if e.HasKey && e.Key == key {
		e.Source = max(e.Source, from)
		return
	}
	if e.HasKey {
		t.host.Issue(KeyChanged, row)
		if from <= e.Source {
			return
		}
	}
	another := e.HasKey
	e.Key, e.HasKey, e.Source = key, true, from
	c.orphan = c.orphan && from == FromFastclose
	t.derive(c, end, row)
	if another {
		c.restartNumbers(end)
	}
}

// setVersion sets the connection's version. Tokens and initial numbers of keys that are known already are derived again.
func (t *Table) setVersion(c *state, v mptcp.Version, row uint32) {
	if v > 1 {
		t.host.Issue(WrongVersion, row)
	}
	if c.version == v {
		return
	}
	c.version = v
	for _, end := range ends {
		if e := &c.end[end]; e.HasKey {
			if t.tokens[e.Token].conn == c {
				delete(t.tokens, e.Token) // no token in this version
			}
			t.derive(c, end, row)
			c.restartNumbers(end)
		}
	}
}

// restartNumbers makes the initial number of an end, whose key or version turned out to be another one, the number that 32-bit
// ones to come are near to.
func (c *state) restartNumbers(end stream.Dest) {
	if sp := c.spaces[end.Other()]; sp != nil && sp.known {
		sp.ref = c.end[end].IDSN
	}
}

// derive computes token and initial data sequence number of a key (see mptcp.Key.Derive), and makes the end known by its token.
func (t *Table) derive(c *state, end stream.Dest, row uint32) {
	e := &c.end[end]
	token, idsn := e.Key.Derive(c.version)
	e.Token, e.HasToken, e.IDSN = token, true, idsn
	if o, known := t.tokens[token]; known && o.conn != c {
		t.resolveToken(c, end, o, row)
	}
	t.tokens[token] = owner{conn: c, end: end}
	if sp := c.spaces[end.Other()]; sp != nil {
		t.shift(c.subs, end.Other(), sp.learn(idsn))
	}
	t.retryHMACs(c)
}

// resolveToken deals with a token that is known already: joins that waited for it are adopted, else two connections share it.
func (t *Table) resolveToken(c *state, end stream.Dest, o owner, row uint32) {
	switch other := &o.conn.end[o.end]; {
	case o.conn.gone:
	case o.conn.orphan && c.agrees(end, o):
		t.adopt(c, end, o, row)
	case other.HasKey && other.Key == c.end[end].Key:
		t.host.Issue(KeyRepeated, row)
		t.rememberOwner(c.end[end].Token, o)
	default:
		t.host.Issue(TokenCollision, row)
		t.rememberOwner(c.end[end].Token, o)
	}
}

// closingKey takes in the receiver's key of an MP_FASTCLOSE. It is false if the receiver has another one, as far as it is known.
// Without a handshake the key tells what the stream is part of: the connection that has it, or whose joins wait for it.
func (t *Table) closingKey(s *sub, to stream.Dest, key mptcp.Key, row uint32) bool {
	e := &s.conn.end[to]
	if e.HasKey {
		return e.Key == key || e.Source == FromFastclose
	}
	if s.conn.orphan || s.conn.bare() {
		if o, known := t.ownerOf(s.conn, to, key); known {
			t.adopt(o.conn, o.end, owner{conn: s.conn, end: to}, row)
			t.retryHMACs(o.conn)
			return true
		}
	}
	version, known := t.closingVersion(s.conn, to, key)
	if known && e.HasToken && key.Token(version) != e.Token {
		return false
	}
	if known {
		c := s.conn
		c.orphan, c.version = c.orphan || c.bare(), version
		t.setKey(c, to, key, FromFastclose, row)
	}
	return known || !e.HasToken
}

// closingVersion is the version in which the key of an end that shows none is to be hashed.
func (t *Table) closingVersion(c *state, to stream.Dest, key mptcp.Key) (v mptcp.Version, known bool) {
	if c.version != mptcp.VersionUnknown {
		return c.version, true
	}
	e := &c.end[to]
	for v = 0; v <= 1; v++ {
		token := key.Token(v)
		if e.HasToken && token == e.Token { // a JOIN told the token
			return v, true
		}
		if o, waits := t.tokens[token]; !e.HasToken && waits && o.conn != c && o.conn.orphan && !o.conn.end[o.end].HasKey && c.agrees(to, o) {
			return v, true
		}
	}
	for _, side := range [...]stream.Dest{to, to.Other()} { // a SYN, which has no key in version 1, or a SYN/ACK
		if v := c.end[side].Version; v == 0 || v == 1 {
			return mptcp.Version(v), true
		}
	}
	return v, false
}

// ownerOf is another connection that has the key, and may be the one that c is part of.
func (t *Table) ownerOf(c *state, to stream.Dest, key mptcp.Key) (o owner, known bool) {
	for v := mptcp.Version(0); v <= 1; v++ {
		o = t.tokens[key.Token(v)]
		if o.conn == nil || o.conn == c || o.conn.gone || o.conn.version != v {
			continue
		}
		if e := &o.conn.end[o.end]; e.HasKey && e.Key == key && o.conn.agrees(o.end, owner{conn: c, end: to}) {
			return o, true
		}
	}
	return owner{}, false
}

// bare reports whether nothing of the handshake was seen, nor a key: what the connection is part of is not known.
func (c *state) bare() bool {
	for _, end := range ends {
		if e := &c.end[end]; e.HasKey || e.Version >= 0 {
			return false
		}
	}
	for _, s := range c.subs {
		if s.master {
			return false
		}
	}
	return true
}

// agrees reports whether what is known of both ends of an orphan fits what is known of the connection's: its end o.end is end.
func (c *state) agrees(end stream.Dest, o owner) bool {
	if v := o.conn.version; v != c.version && v != mptcp.VersionUnknown && c.version != mptcp.VersionUnknown {
		return false
	}
	for _, d := range ends {
		a, b := &c.end[d], &o.conn.end[d]
		if o.end != end {
			b = &o.conn.end[d.Other()]
		}
		if a.HasKey && b.HasKey && a.Key != b.Key || a.HasToken && b.HasToken && a.Token != b.Token {
			return false
		}
	}
	return true
}
