package trace

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// Digest is what a capture holds beside its rows.
type Digest struct {
	Capture    Capture
	Interfaces []Interface
	Streams    []stream.Stream // index is tcp.stream
	Conns      []conn.Conn     // ascending mptcp.stream
	Issues     []Issue
	parts      []aheadPart // by TCP stream: index in Conns, made when it is asked for
}

// Digest is what the trace holds beside its rows. Do not change it.
func (t *Trace) Digest() *Digest {
	return &Digest{Capture: t.Capture, Interfaces: t.Interfaces, Streams: t.Streams, Conns: t.Conns, Issues: t.Issues}
}

// OfStream is the connection and the subflow that a TCP stream is; nil if it is none.
func (d *Digest) OfStream(id uint32) (*conn.Conn, *conn.Subflow) {
	if d.parts == nil {
		d.parts = make([]aheadPart, len(d.Streams))
		for i := range d.Conns {
			for k := range d.Conns[i].Subflows {
				d.parts[d.Conns[i].Subflows[k].Stream] = aheadPart{id: uint32(i), ordinal: k, member: true}
			}
		}
	}
	if int(id) >= len(d.parts) || !d.parts[id].member {
		return nil, nil
	}
	c := &d.Conns[d.parts[id].id]
	return c, &c.Subflows[d.parts[id].ordinal]
}

// digest sums up what was read, once the tables are finished.
func (f *framer) digest(r source) *Digest {
	b := f.builder
	d := &Digest{Capture: f.capture(r), Interfaces: interfaces(r), Conns: b.conns.Conns(), Streams: streams(b)}
	d.Issues = f.issues(d.Capture.Cut != nil)
	return d
}
