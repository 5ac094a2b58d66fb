package main

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// Connections without a handshake: Wireshark leaves them what they are. The model without these defects takes them into the
// connection whose key comes later, or is told by MP_FASTCLOSE.

// adopt takes the joins that wait for the token of what the flow sends into the stream's connection; base is the initial number.
func (v *visit) adopt(f *flow, token uint32, base uint64) {
	c, orphan := v.stream.conn, v.tokens[token]
	if orphan == nil || orphan == c || orphan.master != nil || !v.adopts(f, token, base, orphan) {
		return
	}
	own := orphan.of(token)
	v.move(orphan, c, own, f.sub.meta)
	f.sub.meta.token, f.sub.meta.state = token, f.sub.meta.state|hasToken
	v.tokens[token] = c
}

// of is the meta that has a token, or else the first one.
func (c *connection) of(token uint32) *meta {
	if m := &c.metas[1]; m.state&hasToken != 0 && m.token == token {
		return m
	}
	return &c.metas[0]
}

// peer is the other meta.
func (c *connection) peer(m *meta) *meta {
	if m == &c.metas[0] {
		return &c.metas[1]
	}
	return &c.metas[0]
}

// move makes all subflows of a connection those of another one. One meta of the former is one of the latter.
func (v *visit) move(from, to *connection, own, is *meta) {
	other, others := from.peer(own), to.peer(is)
	for _, id := range v.ids() {
		t := v.streams[id]
		if t.conn != from {
			continue
		}
		to.attach(t)
		for i := range t.flows {
			if s := t.flows[i].sub; s.meta == own {
				s.meta = is
			} else {
				s.meta = others
			}
		}
	}
	from.subflows = nil
	v.inherit(own, is, to)
	v.inherit(other, others, to)
}

// ids lists the streams, ascending.
func (m *model) ids() (list []uint32) {
	for id := range m.streams {
		list = append(list, id)
	}
	slices.Sort(list)
	return list
}

// inherit takes over what is known of an end.
func (v *visit) inherit(from, to *meta, c *connection) {
	if from.hasClosed && !to.hasClosed {
		to.closed, to.hasClosed = from.closed, true
	}
	if from.state&hasToken != 0 && to.state&hasToken == 0 {
		to.token, to.state = from.token, to.state|hasToken
		v.tokens[from.token] = c
	}
	if from.state&hasKey == hasKey && to.state&hasKey != hasKey {
		to.key, to.base, to.version, to.state = from.key, from.base, from.version, to.state|hasKey
	}
	to.marks = append(to.marks, from.marks...)
	slices.SortStableFunc(to.marks, func(a, b mark) int { return cmp.Compare(a.frame, b.frame) })
}

// agrees tells whether another connection, whose token is that of what the flow sends, may be that of the stream; base is the initial
// number of that key.
func (v *visit) agrees(f *flow, token uint32, base uint64, o *connection) bool {
	c, own := v.stream.conn, o.of(token)
	return own.may(base) && (c == nil || c == o || f.sub.meta.agrees(own) && c.peer(f.sub.meta).agrees(o.peer(own)))
}

// adopts tells whether the stream's connection may adopt another one, as agrees does. What an MP_FASTCLOSE told of the other end
// counts for less.
func (v *visit) adopts(f *flow, token uint32, base uint64, o *connection) bool {
	c, own := v.stream.conn, o.of(token)
	if c == nil || c == o {
		return own.may(base)
	}
	other := o.peer(own)
	return own.may(base) && f.sub.meta.fits(own) &&
		(other.state&hasKey == hasKey && other.source == fromClose || c.peer(f.sub.meta).fits(other))
}

// may tells whether an end may have the key of an initial number.
func (m *meta) may(base uint64) bool {
	return m.state&(hasKey|hasToken) != hasKey|hasToken || m.base == base
}

// agrees tells whether nothing that is known of one end, also by the keys that it was closed with, contradicts what is known of another
// one.
func (m *meta) agrees(o *meta) bool {
	return m.fits(o) && m.mayBe(o) && o.mayBe(m) && !(m.hasClosed && o.hasClosed && m.closed != o.closed)
}

// mayBe tells whether an end was not closed with another key than that of another one.
func (m *meta) mayBe(o *meta) bool {
	return !m.hasClosed || o.state&hasKey != hasKey || o.key == m.closed
}

// fits tells whether no key or token of one end contradicts those of another one.
func (m *meta) fits(o *meta) bool {
	both := m.state & o.state
	return (both&hasToken == 0 || m.token == o.token) && (both&hasKey != hasKey || m.base == o.base && m.version == o.version)
}

// closing takes the receiver's key from MP_FASTCLOSE, where no other packet tells it. The version is that of the other
// key, that of an MP_CAPABLE whose keys were cut, or the one in which the key gives the token of a join. Without a handshake, the
// stream is of the connection that has the key, if there is one.
func (v *visit) closing(o *option) {
	m := v.rev.sub.meta
	if v.has&keptOpen != 0 || v.pass != build || o.size != 12 || len(o.b) < 12 || m == nil || m.state&hasKey == hasKey {
		return
	}
	key := binary.BigEndian.Uint64(o.b[4:])
	if v.bare() && v.partOf(key) {
		return
	}
	other := v.fwd.sub.meta
	for _, told := range [...]func(version uint8, token uint32) bool{
		func(version uint8, _ uint32) bool { return other.state&hasKey == hasKey && other.version == version },
		func(_ uint8, token uint32) bool { return m.state&hasToken != 0 && m.token == token },
		func(_ uint8, token uint32) bool { return m.state&hasToken == 0 && v.waits(token) },
		func(version uint8, _ uint32) bool { return v.stream.hasVersion && v.stream.version == version },
	} {
		for version := uint8(0); version <= 1; version++ {
			if token, base := derive(version, key); told(version, token) {
				v.closed(m, version, token, key, base)
				v.adoptClosing(v.rev, key)
				return
			}
		}
	}
	if m.state&hasToken == 0 {
		v.noteClosing(key)
	}
}

// noteClosing keeps a key of unknown version, and where it was told: subflows that are closed with one key are of one connection.
func (v *visit) noteClosing(key uint64) {
	m := v.rev.sub.meta
	if m.hasClosed && m.closed != key {
		return
	}
	m.closed, m.hasClosed = key, true
	if o := v.closers[key]; o == nil {
		v.closers[key] = v.rev
	} else if c := v.connOf(o); c != v.stream.conn && v.bare() && o.sub.meta.agrees(m) && c.peer(o.sub.meta).agrees(v.fwd.sub.meta) {
		v.move(v.stream.conn, c, m, o.sub.meta)
	}
}

// adoptClosing takes in what was closed with the key of what the flow sends, before its version was known.
func (v *visit) adoptClosing(f *flow, key uint64) {
	o := v.closers[key]
	if o == nil || v.has&keptOpen != 0 || v.pass != build {
		return
	}
	c := v.connOf(o)
	if c == v.stream.conn || !v.bareConn(c) || !f.sub.meta.agrees(o.sub.meta) || !v.stream.conn.peer(f.sub.meta).agrees(c.peer(o.sub.meta)) {
		return
	}
	delete(v.closers, key)
	v.move(c, v.stream.conn, o.sub.meta, f.sub.meta)
}

// connOf is the connection of a flow.
func (v *visit) connOf(f *flow) *connection {
	for _, t := range v.streams {
		if f == &t.flows[0] || f == &t.flows[1] {
			return t.conn
		}
	}
	return nil
}

// closed sets the key that MP_FASTCLOSE told, unless the token of the end is another one.
func (v *visit) closed(m *meta, version uint8, token uint32, key, base uint64) {
	if m.state&hasToken != 0 && m.token != token {
		return
	}
	v.adopt(v.rev, token, base)
	m.version, m.token, m.key, m.base, m.state = version, token, key, base, hasKey|hasToken
	v.tokens[token] = v.stream.conn
	v.mark(m, base)
}

// bare tells whether nothing of the handshake of the stream's connection was seen.
func (v *visit) bare() bool { return v.bareConn(v.stream.conn) }

func (v *visit) bareConn(c *connection) bool {
	for _, t := range v.streams {
		if t.conn == c && t.hasVersion {
			return false
		}
	}
	return c.master == nil
}

// partOf makes the stream's connection a part of the one where what the other end sends has a key.
func (v *visit) partOf(key uint64) bool {
	for version := uint8(0); version <= 1; version++ {
		token, base := derive(version, key)
		c := v.tokens[token]
		if c == nil || c == v.stream.conn || !v.agrees(v.rev, token, base, c) {
			continue
		}
		if m := c.of(token); m.state&hasKey == hasKey && m.version == version && m.base == base && m.token == token {
			v.move(v.stream.conn, c, v.rev.sub.meta, m)
			return true
		}
	}
	return false
}

// waits tells whether joins wait for the key of a token.
func (v *visit) waits(token uint32) bool {
	c := v.tokens[token]
	return c != nil && c != v.stream.conn && c.master == nil && c.of(token).state&hasKey != hasKey && v.agrees(v.rev, token, 0, c)
}
