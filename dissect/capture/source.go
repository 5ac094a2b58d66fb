package capture

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"strings"
)

// chunkLen is how much is read from a source at a time: small enough to stay in a processor's cache while it is
// parsed, large enough to make the calls cheap.
const chunkLen = 512 << 10

// chunk is what one Read of the source gave.
type chunk struct {
	data []byte
	err  error
}

// ReadAll feeds all of src, to its end or until the capture is cut, and finishes. Bytes are taken as they come, so a
// live pipe is followed, and left when ctx ends though nothing comes.
//
// Its error is that of Feed, of src, or of ctx. After an error of src, or of ctx, the frames before it have been
// delivered. A Read of src that is under way when ReadAll returns early ends on its own; its result is dropped.
func (r *Reader) ReadAll(ctx context.Context, src io.Reader) error {
	if r.lent {
		if over, err := r.readMapped(ctx, src); over {
			return err
		}
	}
	if answersAtOnce(src) {
		return r.readHere(ctx, src)
	}
	return r.readBeside(ctx, src)
}

// chunk is how much to read at a time: less where many sources are read at once.
func (r *Reader) chunk() int { return max(chunkLen/max(1, r.share), 16<<10) }

// answersAtOnce tells whether a Read of src cannot block for long: a file, or memory.
func answersAtOnce(src io.Reader) bool {
	switch s := src.(type) {
	case *bytes.Reader, *strings.Reader, *bytes.Buffer:
		return true
	case interface{ Stat() (fs.FileInfo, error) }:
		info, err := s.Stat()
		return err == nil && info.Mode().IsRegular()
	}
	return false
}

// readHere reads in the caller's goroutine. A chunk just read is in the cache of the processor that parses it: reading
// ahead on another one was measured to gain no time and to cost a third more of it.
func (r *Reader) readHere(ctx context.Context, src io.Reader) error {
	buf := make([]byte, r.chunk())
	for {
		if err := ctx.Err(); err != nil {
			return r.abandon(err)
		}
		n, err := src.Read(buf)
		if err := r.Feed(buf[:n]); err != nil {
			return err
		}
		if err == io.EOF || r.Cut() != nil {
			return r.Finish()
		}
		if err != nil {
			return r.abandon(err)
		}
	}
}

// readBeside reads in a goroutine of its own, so that the caller can go while a Read blocks.
func (r *Reader) readBeside(ctx context.Context, src io.Reader) error {
	r.parser.live = true
	chunks, free, quit := make(chan chunk), make(chan []byte, 2), make(chan struct{})
	free <- make([]byte, r.chunk())
	free <- make([]byte, r.chunk())
	go readAhead(src, chunks, free, quit)
	defer close(quit)
	for {
		var c chunk
		select {
		case <-ctx.Done():
			return r.abandon(ctx.Err())
		case c = <-chunks:
		}
		if err := r.Feed(c.data); err != nil {
			return err
		}
		if c.err == io.EOF || r.Cut() != nil {
			return r.Finish()
		}
		if c.err != nil {
			return r.abandon(c.err)
		}
		free <- c.data[:cap(c.data)]
		if err := ctx.Err(); err != nil {
			return r.abandon(err)
		}
	}
}

// abandon ends the Reader for a reason from outside.
func (r *Reader) abandon(err error) error {
	r.release()
	if failed := r.parser.settle(); failed != nil {
		err = failed
	}
	r.err = err
	return err
}

// readAhead reads src into the free buffers until its end, its first error, or quit.
func readAhead(src io.Reader, chunks chan<- chunk, free <-chan []byte, quit <-chan struct{}) {
	for {
		var buf []byte
		select {
		case buf = <-free:
		case <-quit:
			return
		}
		n, err := src.Read(buf)
		select {
		case chunks <- chunk{data: buf[:n], err: err}:
		case <-quit:
			return
		}
		if err != nil {
			return
		}
	}
}
