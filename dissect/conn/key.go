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
	if t.closing != nil {
		t.adoptClosing(c, end, row)
	}
	if sp := c.spaces[end.Other()]; sp != nil {
		t.shift(c.subs, end.Other(), sp.learn(idsn))
	}
	t.retryHMACs(c)
}

// resolveToken deals with a token that is known already: joins that waited for it are adopted, else two connections share it.
func (t *Table) resolveToken(c *state, end stream.Dest, o owner, row uint32) {
	switch other := &o.conn.end[o.end]; {
	case o.conn.gone:
	case o.conn.orphan && c.adopts(end, o):
		t.adopt(c, end, o, row)
	case other.HasKey && other.Key == c.end[end].Key:
		t.host.Issue(KeyRepeated, row)
		t.rememberOwner(c.end[end].Token, o)
	default:
		t.host.Issue(TokenCollision, row)
		t.rememberOwner(c.end[end].Token, o)
	}
}
