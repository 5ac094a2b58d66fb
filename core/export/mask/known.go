package mask

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Pair are the ends of a connection, client and server, one at least with its key.
type Pair [2]conn.Endpoint

// Ends lists the connections of a capture of which a key is known.
func Ends(d *trace.Digest) (list []Pair) {
	for i := range d.Conns {
		if c := &d.Conns[i]; c.Client.HasKey || c.Server.HasKey {
			list = append(list, Pair{c.Client, c.Server})
		}
	}
	return list
}

// known is an end whose token was seen, and the other one.
type known struct{ own, peer conn.Endpoint }

// Know takes in the keys of connections, which other captures may show in part.
func (m *Mask) Know(list []Pair) {
	for _, p := range list {
		for i, e := range p {
			if e.HasKey {
				m.Key(e.Key)
			}
			if e.HasToken {
				m.ends[e.Token] = known{e, p[1-i]}
			}
		}
	}
}

// informed adds to two ends what the token of one of them tells of their keys.
func (m *Mask) informed(a, b *conn.Endpoint) (x, y *conn.Endpoint) {
	if a == nil || b == nil || a.HasKey && b.HasKey {
		return a, b
	}
	for _, k := range []struct {
		end  *conn.Endpoint
		swap bool
	}{{a, false}, {b, true}} {
		found, ok := m.ends[k.end.Token]
		if !ok || !k.end.HasToken {
			continue
		}
		if k.swap {
			found.own, found.peer = found.peer, found.own
		}
		return better(a, &found.own), better(b, &found.peer)
	}
	return a, b
}

// better is the end of which the key is known: the one that a capture shows comes first.
func better(shown, other *conn.Endpoint) *conn.Endpoint {
	if shown.HasKey || !other.HasKey {
		return shown
	}
	return other
}
