package trace

import (
	"context"
	"io"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
)

// Limits of Scan.
const (
	// scanLag is how many rows are held back, so that what the packets after a row tell of it is in.
	scanLag = 1 << 16
	// scanMemory is how many entries of each growing list a connection keeps.
	scanMemory = 1 << 15
)

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
