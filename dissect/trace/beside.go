package trace

import (
	"context"
	"errors"
	"io"
	"runtime"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
)

// Where there are two processors and the capture is long, one goroutine reads and decodes while another one, the
// caller's, fills the tables. Packets go from one to the other in batches, in order, so that the Trace is the same.

const (
	// besideChunk is how much a batch reads: packets and bytes of a batch stay in a processor's cache.
	besideChunk = 128 << 10
	// besideBatches is how many there are: one on each side, and one on its way.
	besideBatches = 3
)

// batch is a chunk of the capture and the frames that end in it, decoded.
type batch struct {
	bytes   []byte
	packets []packet.Packet
	n       int   // packets in use
	noTimes []int // those whose frames have no time of their own
	read    int64 // bytes of the capture up to here
}

// beside is a loading by two goroutines.
type beside struct {
	src    io.Reader
	reader *capture.Reader
	filled *batch // being filled
	ready  chan *batch
	free   chan *batch
	quit   chan struct{} // closed when the tables are given up
	err    error         // valid once ready is closed
	panic  any           // likewise: what the reading goroutine panicked with
}

// begin starts a loading by two goroutines, if the source is one that gains by it. It is nil where not, and nothing has
// been read.
func begin(src io.Reader) *beside {
	if runtime.GOOS == "js" || runtime.GOMAXPROCS(0) < 2 || !capture.AnswersAtOnce(src) {
		return nil
	}
	seeker, ok := src.(io.ReadSeeker)
	if !ok {
		return nil
	}
	head := make([]byte, 4)
	start, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil
	}
	end, err := seeker.Seek(0, io.SeekEnd)
	if err == nil && end-start > 2*besideChunk {
		_, err = seeker.Seek(start, io.SeekStart)
	} else {
		err = errors.Join(err, io.ErrUnexpectedEOF)
	}
	if err == nil {
		_, err = io.ReadFull(src, head)
	}
	if _, back := seeker.Seek(start, io.SeekStart); err != nil || back != nil || capture.Compressed(head) {
		return nil
	}
	b := &beside{src: src, ready: make(chan *batch, besideBatches), free: make(chan *batch, besideBatches),
		quit: make(chan struct{})}
	b.reader = capture.NewReader(b.frame)
	b.reader.Keep()
	for range besideBatches {
		b.free <- &batch{bytes: make([]byte, besideChunk)}
	}
	return b
}

// load fills the tables with what the other goroutine reads.
func (b *beside) load(ctx context.Context, f *framer, o Options) (*Trace, error) {
	var at *batch
	if o.Progress != nil {
		f.report = func() { o.Progress(f.progress(at.read)) }
	}
	defer close(b.quit)
	go b.read(ctx)
	for at = range b.ready {
		if err := f.takeAll(at); err != nil {
			return nil, err
		}
		b.free <- at
	}
	if b.panic != nil {
		panic(b.panic)
	}
	if b.err != nil {
		return nil, b.err
	}
	return f.trace(b.reader), nil
}

// takeAll takes the frames of a batch.
func (f *framer) takeAll(b *batch) error {
	noTimes := b.noTimes
	for i := range b.packets[:b.n] {
		noTime := len(noTimes) > 0 && noTimes[0] == i
		if noTime {
			noTimes = noTimes[1:]
		}
		if err := f.take(&b.packets[i], noTime); err != nil {
			return err
		}
	}
	return nil
}

// read is the reading goroutine: it fills batches until the end of the capture.
func (b *beside) read(ctx context.Context) {
	defer close(b.ready)
	defer func() { b.panic = recover() }()
	for more := true; more && b.err == nil; {
		select {
		case b.filled = <-b.free:
		case <-b.quit:
			return
		}
		more, b.err = b.fill(ctx)
		b.ready <- b.filled // has room for all of them
	}
}

// fill reads one batch. There is no more after an error, the end, or where the capture is cut.
func (b *beside) fill(ctx context.Context) (more bool, err error) {
	at := b.filled
	at.n, at.noTimes = 0, at.noTimes[:0]
	if err := ctx.Err(); err != nil {
		return false, err
	}
	n, err := b.src.Read(at.bytes)
	if fed := b.reader.Feed(at.bytes[:n]); fed != nil {
		return false, fed
	}
	at.read = b.reader.Bytes()
	if err == io.EOF || b.reader.Cut() != nil {
		return false, b.reader.Finish()
	}
	return err == nil, err
}

// frame puts a frame into the batch, decoded.
func (b *beside) frame(c *capture.Frame) error {
	at := b.filled
	if at.n == len(at.packets) {
		at.packets = append(at.packets, make([]packet.Packet, max(64, at.n/2))...)
	}
	decode(&at.packets[at.n], c)
	if c.NoTime {
		at.noTimes = append(at.noTimes, at.n)
	}
	at.n++
	return nil
}
