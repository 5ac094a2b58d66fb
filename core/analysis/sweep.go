package analysis

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// sweptRows is how many packets a connection must have on average for a sweep to be worth its memory.
const sweptRows = 64

// sweep goes once through all packets of a capture, in their order, and makes the examinations of all its connections, as
// examineRows does for one: the packets of one connection lie far apart in memory.
func sweep(t *trace.Trace, options *optionIndex) []*examination {
	list := make([]*examination, len(t.Conns))
	inquiries := make([]inquiry, len(t.Conns))
	parts := make([]sweptPart, len(t.Streams))
	for i := range t.Conns {
		c := &t.Conns[i]
		e := &examination{t: t, c: c, lives: make([]life, len(c.Subflows)), controls: controls(t, c, options.of(i))}
		for k := range c.Subflows {
			id := c.Subflows[k].Stream
			e.lives[k] = newLife(k, t.SubflowStream(c, k))
			parts[id] = sweptPart{life: &e.lives[k], inquiry: &inquiries[i], shared: t.Shared(id)}
		}
		list[i], inquiries[i] = e, inquiry{t: t, c: c, seen: e.controls}
		inquiries[i].handshakes()
		inquiries[i].begin()
	}
	var r trace.Row
	var g trace.Glance
	pass := t.NewPass()
	for row := range uint32(t.Len()) {
		pass.At(row, &g)
		p := &parts[g.Stream]
		if p.shared {
			i := t.ConnOf(row)
			if i < 0 {
				continue
			}
			p = &sweptPart{life: &list[i].lives[t.OrdinalOf(row)], inquiry: &inquiries[i]}
		}
		if p.life != nil {
			p.life.take(t, row, &g)
			p.inquiry.packet(row, p.life.ordinal, &g, &r)
		}
	}
	for i, e := range list {
		for k := range e.lives {
			e.lives[k].end(t)
		}
		inquiries[i].closing()
		e.failed = indexed(inquiries[i].list)
		e.gather()
	}
	return list
}

// sweptPart is what takes in the packets of a stream.
type sweptPart struct {
	life    *life
	inquiry *inquiry
	shared  bool // with other connections
}
