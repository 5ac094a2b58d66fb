package main

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
)

// attach makes the stream a subflow of the connection.
func (c *connection) attach(t *tcpStream) {
	t.conn = c
	for _, s := range c.subflows {
		if s == t {
			return
		}
	}
	c.subflows = append([]*tcpStream{t}, c.subflows...)
}

// allocate makes a new connection for the stream. Which meta goes with which direction is arbitrary.
func (v *visit) allocate() *connection {
	c := &connection{number: v.count}
	v.count++
	v.stream.conn = c
	v.fwd.sub.meta = &c.metas[0]
	v.rev.sub.meta = &c.metas[1]
	if v.lacks(unlisted) {
		c.attach(v.stream)
	}
	return c
}

// byToken finds or makes the connection in which the token belongs to what the flow sends. It is false where Wireshark
// gives up. A key, whose initial number base is, may make a new connection of a token that is known; a join, which has none, does not.
func (v *visit) byToken(f *flow, token uint32, base *uint64) bool {
	if f.sub.meta != nil && f.sub.meta.state&hasToken != 0 {
		return true
	}
	c := v.stream.conn
	if base != nil && c != nil && v.lacks(orphansApart) {
		v.adopt(f, token, *base)
	}
	known := v.tokens[token]
	if p := v.stream.proven; p != nil && p.conn != nil {
		known = p.conn
	}
	again := base != nil && known != nil && v.lacks(sharedToken) && (known.master != nil && known.master != v.stream || !v.adopts(f, token, *base, known))
	if known != nil && !again {
		c = known
		c.attach(v.stream)
	} else {
		switch {
		case c == nil:
			c = v.allocate()
			c.attach(v.stream)
		case c.metas[0].state&hasToken != 0:
			f.sub.meta = &c.metas[1]
		case c.metas[1].state&hasToken != 0:
			f.sub.meta = &c.metas[0]
		case v.has&lateToken != 0:
			return false
		}
		f.sub.meta.token = token
		f.sub.meta.state |= hasToken
		v.tokens[token] = c
	}
	first := f.sub.meta == &c.metas[0]
	if first == (f == v.fwd) {
		v.fwd.sub.meta, v.rev.sub.meta = &c.metas[0], &c.metas[1]
	} else {
		v.fwd.sub.meta, v.rev.sub.meta = &c.metas[1], &c.metas[0]
	}
	return true
}

// byKey does the same for the key of what the flow sends.
func (v *visit) byKey(f *flow, version uint8, key uint64) bool {
	if m := f.sub.meta; m != nil && m.state&hasKey != 0 {
		if m.state&hasKey == hasKey && m.key == key {
			m.source = max(m.source, fromHandshake)
		}
		return true
	}
	version = v.versionOf(version)
	token, base := derive(version, key)
	if !v.byToken(f, token, &base) {
		return false
	}
	f.sub.meta.version = version
	f.sub.meta.source = max(f.sub.meta.source, fromHandshake)
	f.sub.meta.key = key
	f.sub.meta.state |= hasKey
	f.sub.meta.base = base
	v.mark(f.sub.meta, base)
	v.adoptClosing(f, key)
	return true
}

// mark notes the initial number that a key told of what a meta's end sends.
func (v *visit) mark(m *meta, base uint64) {
	if v.pass == build {
		m.marks = append(m.marks, mark{frame: v.s.id, number: base, key: true})
	}
}

// rekey takes in the key that an end, or the other one, shows later than its first, if its source is more to be trusted.
func (v *visit) rekey(m *meta, version uint8, key uint64, from source) {
	token, base := derive(v.versionOf(version), key)
	if m.token == token && m.base == base {
		m.source = max(m.source, from)
	}
	if v.pass != build || from <= m.source {
		return
	}
	m.token, m.base, m.source, m.key = token, base, from, key
	v.mark(m, base)
	v.tokens[token] = v.stream.conn
}

// derive is the token and initial data sequence number of a key; 0 for a version that is not known.
func derive(version uint8, key uint64) (token uint32, idsn uint64) {
	b := binary.BigEndian.AppendUint64(nil, key)
	switch version {
	case 0:
		sum := sha1.Sum(b)
		return binary.BigEndian.Uint32(sum[:]), binary.BigEndian.Uint64(sum[12:])
	case 1:
		sum := sha256.Sum256(b)
		return binary.BigEndian.Uint32(sum[:]), binary.BigEndian.Uint64(sum[24:])
	}
	return 0, 0
}

// versionOf is the version by which a key of an option of some version is hashed: that of the option in Wireshark.
func (v *visit) versionOf(option uint8) uint8 {
	if v.lacks(ownVersion) && v.stream.hasAgreed {
		return min(v.stream.agreed, 1)
	}
	return option
}

// showed notes the first key of a flow's sender.
func (f *flow) showed(key uint64) {
	if !f.hasEarly {
		f.early, f.hasEarly = key, true
	}
}

// agree notes the versions that the SYN/ACKs of all streams settled on, or, where none was captured, the packets with
// both keys.
func (m *model) agree(segments []segment) {
	for i := range segments {
		v := m.visit(&segments[i], &cells{})
		probe := *v
		probe.model = &model{has: v.has, pass: settle}
		probe.walk()
		t := probe.stream
		switch s := v.s; {
		case !probe.hasKey:
		case s.syn && s.ack && v.fwd.hasEarly && v.fwd.early != probe.keys[0]: // of another connection
		case s.syn && s.ack && !t.bySYNACK:
			t.agreed, t.hasAgreed, t.bySYNACK = probe.version, true, true
		case !t.hasAgreed, !s.syn && !t.bySYNACK && !t.byKeys && probe.version <= 1:
			t.agreed, t.hasAgreed, t.byKeys = probe.version, true, probe.hasKeys
		}
		if probe.hasKey {
			v.fwd.showed(probe.keys[0])
		}
		if probe.hasKeys {
			v.rev.showed(probe.keys[1])
		}
	}
}
