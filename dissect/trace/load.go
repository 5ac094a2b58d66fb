package trace

import (
	"context"
	"io"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
)

// Load reads a whole capture. An error is one of the source, of the context, or says that the source is no capture.
func Load(ctx context.Context, src io.Reader, o Options) (*Trace, error) {
	f := &framer{builder: newBuilder(0)}
	r := capture.NewReader(f.frame)
	f.reportTo(o.Progress, r)
	if err := r.ReadAll(ctx, src); err != nil {
		return nil, err
	}
	return f.trace(r), nil
}

// reportEvery is how many frames are read between two calls of a progress function.
const reportEvery = 1 << 16

// reportTo makes frame call the progress function.
func (f *framer) reportTo(progress func(Progress), r source) {
	if progress != nil {
		f.report = func() { progress(f.progress(r)) }
	}
}
