package conn

import (
	"slices"
)

// Tokens of 32 bits are unique on one host only (RFC 8684 section 3.1), and a capture may show many: a join goes to the
// newest connection with its token, until its HMAC tells that it is of an older one.

// maxOlderOwners bounds the connections that are remembered of a token, beside the newest.
const maxOlderOwners = 16

// rememberOwner keeps an end that had a token before a newer connection took it over.
func (t *Table) rememberOwner(token uint32, o owner) {
	list := slices.DeleteFunc(t.olderOwners[token], func(r owner) bool { return r.conn == o.conn })
	if len(list) == maxOlderOwners {
		list = slices.Delete(list, 0, 1)
	}
	if t.olderOwners == nil {
		t.olderOwners = map[uint32][]owner{}
	}
	t.olderOwners[token] = append(list, o)
}

// ownerByHMAC finds the older connection whose keys the HMAC of a join was made with, trying the newest first. Once the
// subflow has carried something it stays where it is.
func (t *Table) ownerByHMAC(p *pendingHMAC) (o owner, found bool) {
	s := p.sub
	if !s.join.hasToken || s.inUse() {
		return owner{}, false
	}
	for _, o := range slices.Backward(t.olderOwners[s.join.token]) {
		e := &o.conn.end[o.end]
		if o.conn != s.conn && !o.conn.gone && o.conn.hasKeys() && e.Token == s.join.token && p.matches(o.conn, o.end) {
			return o, true
		}
	}
	return owner{}, false
}

// inUse reports whether the subflow has carried data or data acks.
func (s *sub) inUse() bool {
	for _, w := range s.ways {
		if w != nil && (w.dss || w.hasAck || w.lane != nil || len(w.waiting) > 0) {
			return true
		}
	}
	return false
}

// moveSubflow takes a subflow out of its connection and puts it into that of o. The subflow's opener sends to o.end.
func (t *Table) moveSubflow(s *sub, o owner) {
	from := s.conn
	from.subs = slices.DeleteFunc(from.subs, func(m *sub) bool { return m == s })
	t.enrol(s, o.conn)
	s.dest = o.end
	for _, w := range s.ways {
		if w != nil {
			w.space, w.ready = nil, false
		}
	}
}
