package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// SoFar lists the first connections, at most so many and in the order of their appearance, as they look before Finish:
// for looking on while a capture is read. Ids may still change, and what only the end settles is missing: a connection
// that nobody answered is not told yet, nor the data sequence numbers and the checks of what was announced.
func (t *Table) SoFar(most int) []Conn {
	list := make([]Conn, 0, min(most, len(t.conns)))
	named, unnamed := map[uint32]bool{}, t.ids.next
	for _, c := range t.conns {
		if len(list) == most {
			break
		}
		if c.gone {
			continue
		}
		r := t.soFar(c)
		if f := c.first(len(c.subs)); f != nil && !named[f.id] { // as number does
			r.ID, named[f.id] = f.id, true
		} else {
			r.ID = unnamed
			unnamed++
		}
		list = append(list, r)
	}
	return list
}

func (t *Table) soFar(c *state) Conn {
	r := Conn{Version: c.version, Client: c.end[stream.Client], Server: c.end[stream.Server], Fallback: c.fallback, Fastclose: c.fastclose,
		Subflows: make([]Subflow, len(c.subs))}
	r.Handshake = c.hasKeys()
	for i, s := range c.subs {
		r.Subflows[i] = Subflow{Stream: s.stream, ID: -1, Master: s.master, Dest: s.dest, Established: s.established, Joined: s.joined}
	}
	for _, d := range ends {
		n := &r.Toward[d]
		if sp := c.spaces[d]; sp != nil {
			*n = sp.sum(len(c.subs) == 1)
		}
		for _, s := range c.subs {
			n.count(t.sent(s, s.flowTo(d)))
		}
	}
	return r
}
