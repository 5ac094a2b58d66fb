package conn

import (
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// Tokens of 32 bits are unique on one host only (RFC 8684 section 3.1), and a capture may show many: a join goes to the
// newest connection with its token, until its HMAC tells that it is of an older one.

// maxRivals bounds the connections that are remembered of a token, beside the newest.
const maxRivals = 16

// yield notes that an end had a token before another one was known by it.
func (t *Table) yield(token uint32, o owner) {
	list := slices.DeleteFunc(t.rivals[token], func(r owner) bool { return r.conn == o.conn })
	if len(list) == maxRivals {
		list = slices.Delete(list, 0, 1)
	}
	if t.rivals == nil {
		t.rivals = map[uint32][]owner{}
	}
	t.rivals[token] = append(list, o)
}

// elsewhere finds the older connection whose keys the HMAC of a join was made with, the newest first. It does not look if
// the subflow carried something already.
func (t *Table) elsewhere(p *pending) (o owner, found bool) {
	s := p.sub
	if !s.join.hasToken || s.busy() {
		return owner{}, false
	}
	for _, o := range slices.Backward(t.rivals[s.join.token]) {
		e := &o.conn.end[o.end]
		if o.conn != s.conn && !o.conn.gone && o.conn.keyed() && e.Token == s.join.token && p.fits(o.conn, o.end) {
			return o, true
		}
	}
	return owner{}, false
}

// keyed reports whether HMACs can be computed.
func (c *state) keyed() bool {
	return c.end[stream.Client].HasKey && c.end[stream.Server].HasKey && c.version != mptcp.VersionUnknown
}

// busy reports whether there are data or acks of the subflow.
func (s *sub) busy() bool {
	for _, w := range s.ways {
		if w != nil && (w.dss || w.hasAck || w.lane != nil || len(w.waiting) > 0) {
			return true
		}
	}
	return false
}

// move takes a subflow out of its connection and puts it into another one. Its opener sends to o.end of that.
func (t *Table) move(s *sub, o owner) {
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
