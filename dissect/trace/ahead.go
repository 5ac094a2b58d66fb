package trace

import (
	"context"
	"io"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
)

// Ahead is what a first pass over a capture learnt for the rows of a second one: which packets repeat their bytes later,
// and the final numbers of their connections.
type Ahead struct {
	reinjectedIn links
	subflows     []subflowRef // by TCP stream
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
	a.subflows = subflowsByStream(f.builder.conns.Conns(), f.builder.streams.Len())
	return a, nil
}

// take moves the builder's links to later rows here: the builder forgets its rows.
func (a *Ahead) take(b *builder) {
	a.reinjectedIn.list = append(a.reinjectedIn.list, b.reinjectedIn.list...)
	b.reinjectedIn.list = b.reinjectedIn.list[:0]
}

// complete sets what of a row the first pass knew better.
func (a *Ahead) complete(r *Row) {
	r.ReinjectedIn = a.reinjectedIn.of(r.ID-1, r.ReinjectedIn[:0], 1, &r.near.ahead)
	if int(r.Stream) < len(a.subflows) && r.InConn && a.subflows[r.Stream].exists {
		r.ConnID, r.Ordinal = a.subflows[r.Stream].id, int(a.subflows[r.Stream].ordinal)
	}
}
