package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

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
		return true
	}
	if !e.HasToken {
		t.noteClosing(s, to, key, row)
	}
	return !e.HasToken
}

// closing is an end of a subflow to which MP_FASTCLOSE was sent.
type closing struct {
	sub  *sub
	flow uint8
}

// closed is the keys of unknown version that the ends of a connection were closed with, by stream.Dest.
type closed struct {
	key [3]mptcp.Key
	has [3]bool
}

// closedWith notes such a key. It is false if the end was closed with another one.
func (c *state) closedWith(to stream.Dest, key mptcp.Key) bool {
	if c.closed == nil {
		c.closed = &closed{}
	}
	k := c.closed
	if k.has[to] {
		return k.key[to] == key
	}
	k.key[to], k.has[to] = key, true
	return true
}

// may reports whether an end may have a key, by those that it was closed with.
func (k *closed) may(d stream.Dest, key mptcp.Key) bool {
	return k == nil || !k.has[d] || k.key[d] == key
}

// noteClosing keeps a key of unknown version. Subflows of which nothing else is known, and that are closed with one key, are of one
// connection.
func (t *Table) noteClosing(s *sub, to stream.Dest, key mptcp.Key, row uint32) {
	if !s.conn.closedWith(to, key) {
		return
	}
	if o, known := t.closing[key]; known && o.sub.conn != s.conn {
		if c, end := o.sub.conn, o.sub.toward(o.flow); s.conn.bare() && c.agrees(end, owner{conn: s.conn, end: to}) {
			t.adopt(c, end, owner{conn: s.conn, end: to}, row)
		}
		return
	}
	if t.closing == nil {
		t.closing = map[mptcp.Key]closing{}
	}
	t.closing[key] = closing{sub: s, flow: s.flowTo(to)}
}

// adoptClosing adopts what was closed with a key before its version was known.
func (t *Table) adoptClosing(c *state, end stream.Dest, row uint32) {
	o, known := t.closing[c.end[end].Key]
	if !known || o.sub.conn == c {
		return
	}
	if other := (owner{conn: o.sub.conn, end: o.sub.toward(o.flow)}); other.conn.bare() && c.agrees(end, other) {
		delete(t.closing, c.end[end].Key)
		t.adopt(c, end, other, row)
	}
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
	return !c.led && !c.end[stream.Client].HasKey && !c.end[stream.Server].HasKey
}

// agrees reports whether what is known of both ends of an orphan, also by MP_FASTCLOSE, fits what is known of the connection's: its end
// o.end is end.
func (c *state) agrees(end stream.Dest, o owner) bool {
	return c.fits(end, o, end) && c.fits(end.Other(), o, end) && c.closedAs(o.conn, end == o.end)
}

// adopts reports whether a connection may adopt an orphan whose joins name the token of its end. What an MP_FASTCLOSE told of the other
// end of that counts for less.
func (c *state) adopts(end stream.Dest, o owner) bool {
	return c.fits(end, o, end) && (o.conn.end[o.end.Other()].Source == FromFastclose || c.fits(end.Other(), o, end))
}

// fits compares version, key and token of an end, where o.end is end.
func (c *state) fits(d stream.Dest, o owner, end stream.Dest) bool {
	from := d
	if o.end != end {
		from = d.Other()
	}
	a, b := &c.end[d], &o.conn.end[from]
	v := o.conn.version
	return (v == c.version || v == mptcp.VersionUnknown || c.version == mptcp.VersionUnknown) &&
		(!a.HasKey || !b.HasKey || a.Key == b.Key) && (!a.HasToken || !b.HasToken || a.Token == b.Token)
}

// closedAs reports whether the keys that two connections were closed with are not others than those of the other one.
func (c *state) closedAs(o *state, same bool) bool {
	for _, d := range ends {
		from := d
		if !same {
			from = d.Other()
		}
		if e := &o.end[from]; e.HasKey && !c.closed.may(d, e.Key) {
			return false
		}
		if e := &c.end[d]; e.HasKey && !o.closed.may(from, e.Key) {
			return false
		}
		if k := o.closed; k != nil && k.has[from] && !c.closed.may(d, k.key[from]) {
			return false
		}
	}
	return true
}
