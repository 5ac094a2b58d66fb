package trace

import (
	"cmp"
	"context"
	"io"
	"io/fs"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
)

// Load reads a whole capture. An error is one of the source, of the context, or says that the source is no capture.
func Load(ctx context.Context, src io.Reader, o Options) (*Trace, error) {
	f := &framer{builder: newBuilder(0)}
	f.startAt(o.Start)
	r := capture.NewReader(func(c *capture.Frame) error { return f.frame(c) }) // f.frame would be called through a wrapper
	r.Lend()
	f.reportTo(o.Progress, r)
	f.expect(cmp.Or(o.Size, fileSize(src)), r)
	if err := r.ReadAll(ctx, src); err != nil {
		return nil, err
	}
	return f.trace(r), nil
}

// fileSize is how long a source is, 0 where it is no file.
func fileSize(src io.Reader) int64 {
	f, ok := src.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return 0
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	return info.Size()
}

// LoadMerged reads several captures into one Trace, their frames ordered by time and numbered anew: the files of a
// rotation, or one file an interface.
func LoadMerged(ctx context.Context, sources []io.Reader, o Options) (*Trace, error) {
	f := &framer{builder: newBuilder(0)}
	f.startAt(o.Start)
	m := capture.NewMerge(f.frame)
	f.reportTo(o.Progress, m)
	if err := m.ReadAll(ctx, sources...); err != nil {
		return nil, err
	}
	return f.trace(m), nil
}

// reportEvery is how many frames are read between two calls of a progress function.
const reportEvery = 1 << 16

// reportTo makes frame call the progress function.
func (f *framer) reportTo(progress func(Progress), r source) {
	if progress != nil {
		f.report = func() { progress(f.progress(r.Bytes())) }
	}
}
