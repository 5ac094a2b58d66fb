package trace

import (
	"context"
	"io"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// Limits of Scan.
const (
	// scanLag is how many rows are held back, so that what the packets after a row tell of it is in.
	scanLag = 1 << 16
	// scanMemory is how many entries of each growing list a connection keeps.
	scanMemory = 1 << 15
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

// Scan streams the rows of a capture to a sink, in memory bounded by its streams and connections, not by its length. A
// row is handed out some sixty thousand rows after it was read, with what was known by then; what comes out later (a
// key, a reinjection far behind) is missing unless Options.Ahead tells it, and bytes sent again after very many segments
// are not recognised. Load has everything. It returns what was read, also with an error; an error of the sink stops it.
func Scan(ctx context.Context, src io.Reader, sink Sink, o Options) (*Digest, error) {
	f := &framer{builder: newBuilder(scanMemory)}
	r := capture.NewReader(f.frame)
	r.Lend()
	s := &scan{builder: f.builder, sink: sink, source: r, ahead: o.Ahead}
	f.full = s.pass
	f.reportTo(o.Progress, r)
	err := r.ReadAll(ctx, src)
	if err == nil {
		f.builder.conns.Finish()
		f.builder.conns.Conns()
		err = s.rest()
	}
	if err != nil {
		return &Digest{Capture: f.capture(r)}, err
	}
	return f.digest(r), nil
}

// digest sums up what was read, once the tables are finished.
func (f *framer) digest(r source) *Digest {
	b := f.builder
	d := &Digest{Capture: f.capture(r), Interfaces: interfaces(r), Conns: b.conns.Conns(), Streams: streams(b)}
	d.Issues = f.issues(d.Capture.Cut != nil)
	return d
}

// Ahead is what a first pass over a capture learnt for the rows of a second one: which packets repeat their bytes later,
// and the final numbers of their connections.
type Ahead struct {
	reinjectedIn links
	parts        []aheadPart // by TCP stream
}

// aheadPart is a stream's part in a connection, in the end.
type aheadPart struct {
	id      uint32
	ordinal int
	member  bool
}

// LookAhead reads a capture for a second pass over the same bytes, in the memory that Scan takes and 8 bytes for each
// reinjected packet.
func LookAhead(ctx context.Context, src io.Reader, o Options) (*Ahead, error) {
	f := &framer{builder: newBuilder(scanMemory)}
	r := capture.NewReader(f.frame)
	r.Lend()
	a := &Ahead{}
	f.full = func() error {
		a.take(f.builder)
		f.builder.drop((f.builder.n - 1) / blockLen * blockLen)
		return nil
	}
	f.reportTo(o.Progress, r)
	if err := r.ReadAll(ctx, src); err != nil {
		return nil, err
	}
	a.take(f.builder)
	a.reinjectedIn.sort()
	f.builder.conns.Finish()
	a.parts = make([]aheadPart, f.builder.streams.Len())
	for i, c := range f.builder.conns.Conns() {
		for k := range c.Subflows {
			a.parts[c.Subflows[k].Stream] = aheadPart{id: f.builder.conns.Conns()[i].ID, ordinal: k, member: true}
		}
	}
	return a, nil
}

func (a *Ahead) take(b *builder) {
	a.reinjectedIn.list = append(a.reinjectedIn.list, b.reinjectedIn.list...)
	b.reinjectedIn.list = b.reinjectedIn.list[:0]
}

// complete sets what of a row the first pass knew better.
func (a *Ahead) complete(r *Row) {
	r.ReinjectedIn = a.reinjectedIn.of(r.ID-1, r.ReinjectedIn[:0], 1, &r.near.ahead)
	if int(r.Stream) < len(a.parts) && r.InConn && a.parts[r.Stream].member {
		r.ConnID, r.Ordinal = a.parts[r.Stream].id, a.parts[r.Stream].ordinal
	}
}

// scan hands rows to a sink and forgets them.
type scan struct {
	builder *builder
	sink    Sink
	source  source
	context Context
	row     Row
	ahead   *Ahead
	next    uint32 // row to be handed out next
}

// pass is called whenever a block is full. It hands out the block that is old enough.
func (s *scan) pass() error {
	if s.builder.n-s.next <= scanLag {
		return nil
	}
	return s.emit(s.next + blockLen)
}

// rest hands out what is left, once everything is known.
func (s *scan) rest() error { return s.emit(s.builder.n) }

func (s *scan) emit(to uint32) error {
	b := s.builder
	b.reinjections.sort()
	b.reinjectedIn.sort()
	b.also.sort()
	if len(s.context.Interfaces) != len(s.source.Interfaces()) {
		s.context.Interfaces = interfaces(s.source)
	}
	for ; s.next < to; s.next++ {
		b.row(s.next, &s.row)
		if s.ahead != nil {
			s.ahead.complete(&s.row)
		}
		if err := s.sink.Add(&s.context, &s.row); err != nil {
			return err
		}
	}
	b.drop(to)
	return nil
}

// drop forgets the rows before one, a multiple of blockLen or the end.
func (s *store) drop(before uint32) {
	for i, b := range s.blocks[:before/blockLen] {
		if b != nil && len(b.lines) == blockLen {
			s.slab.spare = b.lines
		}
		s.blocks[i] = nil
	}
	s.extra.drop(before)
	s.sacks.drop(before)
	for _, l := range [...]*links{&s.also, &s.reinjectedIn, &s.reinjections} {
		l.drop(before)
	}
	dropBefore(s.lengths, before)
	dropBefore(s.moreKinds, before)
	dropBefore(s.moreFlags, before)
	dropBefore(s.announced, before)
	dropBefore(s.noTimes, before)
	dropBefore(s.ipHeaders, before)
}

func dropBefore[V any](m map[uint32]V, before uint32) {
	for row := range m {
		if row < before {
			delete(m, row)
		}
	}
}
