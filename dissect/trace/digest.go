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
	subflows   []subflowRef // by TCP stream, made when it is asked for
}

// Digest is what the trace holds beside its rows. Do not change it.
func (t *Trace) Digest() *Digest {
	return &Digest{Capture: t.Capture, Interfaces: t.Interfaces, Streams: t.Streams, Conns: t.Conns, Issues: t.Issues}
}

// SubflowStream is a subflow's stream, or what is its own of one that is several subflows.
func (d *Digest) SubflowStream(s *conn.Subflow) *stream.Stream {
	return s.Part.Stream(&d.Streams[s.Stream])
}

// OfStream is the connection and the subflow that a TCP stream is; nil if it is none.
func (d *Digest) OfStream(id uint32) (*conn.Conn, *conn.Subflow) {
	if d.subflows == nil {
		d.subflows = subflowsByStream(d.Conns, len(d.Streams))
	}
	if int(id) >= len(d.subflows) || !d.subflows[id].exists {
		return nil, nil
	}
	at := d.subflows[id]
	c := &d.Conns[at.conn]
	return c, &c.Subflows[at.ordinal]
}

// subflowRef says which subflow a TCP stream is, if it is one.
type subflowRef struct {
	conn    uint32 // index among the connections
	id      uint32 // the connection's
	ordinal uint32
	exists  bool
}

// subflowsByStream lists the subflows of connections by their TCP streams, of which there are so many.
func subflowsByStream(conns []conn.Conn, streams int) []subflowRef {
	list := make([]subflowRef, streams)
	for i := range conns {
		for k := range conns[i].Subflows {
			list[conns[i].Subflows[k].Stream] = subflowRef{conn: uint32(i), id: conns[i].ID, ordinal: uint32(k), exists: true}
		}
	}
	return list
}

// digest sums up what was read, once the tables are finished.
func (f *framer) digest(r source) *Digest {
	b := f.builder
	d := &Digest{Capture: f.capture(r), Interfaces: interfaces(r), Conns: b.conns.Conns(), Streams: streams(b)}
	d.Issues = f.issues(d.Capture.Cut != nil)
	return d
}
