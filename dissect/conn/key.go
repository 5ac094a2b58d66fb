package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// setKey takes in the key of an end, from a source. A contradiction is settled by the order of trust.
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
	c.orphan = false
	t.derive(c, end, row)
	if another {
		c.rebegin(end)
	}
}

// setVersion settles on a version. Keys known by then are derived again.
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
			c.rebegin(end)
		}
	}
}

// rebegin counts on from the initial number of an end whose key, or version, turned out to be another one: that is what 32-bit
// numbers to come are near to.
func (c *state) rebegin(end stream.Dest) {
	if sp := c.spaces[end.Other()]; sp != nil && sp.known {
		sp.ref = c.end[end].IDSN
	}
}

// derive computes what a key stands for, and makes the end known by its token.
func (t *Table) derive(c *state, end stream.Dest, row uint32) {
	e := &c.end[end]
	token, idsn := e.Key.Derive(c.version)
	e.Token, e.HasToken, e.IDSN = token, true, idsn
	if o, known := t.tokens[token]; known && o.conn != c {
		t.meet(c, end, o, row)
	}
	t.tokens[token] = owner{conn: c, end: end}
	if sp := c.spaces[end.Other()]; sp != nil {
		t.shift(c.subs, end.Other(), sp.learn(idsn))
	}
	t.retry(c)
}

// meet deals with a token that is known already: that of orphans, which are adopted, or a collision.
func (t *Table) meet(c *state, end stream.Dest, o owner, row uint32) {
	switch other := &o.conn.end[o.end]; {
	case o.conn.gone:
	case o.conn.orphan:
		t.adopt(c, end, o)
	case other.HasKey && other.Key == c.end[end].Key:
		t.host.Issue(KeyRepeated, row)
		t.yield(c.end[end].Token, o)
	default:
		t.host.Issue(TokenCollision, row)
		t.yield(c.end[end].Token, o)
	}
}

// adopt moves the subflows of an orphan into the connection they belong to. o.end of the orphan is end of c.
func (t *Table) adopt(c *state, end stream.Dest, o owner) {
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
			t.merge(c, to, sp, base)
		}
	}
	if orphan.checks != nil {
		c.verdicts().add(orphan.checks, len(c.list))
	}
	c.list = append(c.list, orphan.list...)
	c.checksum = c.checksum || orphan.checksum
}

// add takes over what an orphan had, whose announcements come behind so many others.
func (v *verdicts) add(o *verdicts, announced int) {
	for i := range o.pending {
		o.pending[i].addr += announced
	}
	v.pending = append(v.pending, o.pending...)
	v.bad = append(v.bad, o.bad...)
	for i, n := range o.noSum {
		v.noSum[i] += n
	}
	v.tally.Add(&o.tally)
}

// ends are the two ends of a connection, to loop over.
var ends = [...]stream.Dest{stream.Client, stream.Server}

// merge takes the payload that an orphan carried into the space of the connection that adopted it, whose subflows from
// base on are the orphan's.
func (t *Table) merge(c *state, to stream.Dest, from *space, base int) {
	sp := c.space(to)
	var by uint64
	switch {
	case !sp.has:
		sp.start(from.ref, from.known)
	case !from.known:
		by = mptcp.Expand(sp.ref, uint32(from.ref)) - from.ref
	}
	t.shift(c.subs[base:], to, by)
	sp.total.Unmapped += from.total.Unmapped
	sp.fin = sp.fin || from.fin
	if sp.plain == nil {
		sp.plain = from.plain
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

// shift moves the numbers of what travels to an end on some subflows, and of the acks of it.
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
