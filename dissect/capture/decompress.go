package capture

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// decompressor reads one compressed source to its end. fill has the contract of io.Reader.Read.
type decompressor struct {
	fill  func([]byte) (int, error)
	close func()
}

func newDecompressor(k kind, src io.Reader) decompressor {
	if k == gzipKind {
		g := &gunzip{src: bufio.NewReaderSize(src, 64<<10)}
		return decompressor{fill: g.Read, close: func() {}}
	}
	// One goroutine is enough: the caller's. Memory is what the frames need, up to the largest window.
	z, err := zstd.NewReader(src, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return decompressor{fill: func([]byte) (int, error) { return 0, err }, close: func() {}}
	}
	read := func(p []byte) (int, error) {
		n, err := z.Read(p)
		// Bytes behind the last frame that are no frame are not of the capture; the first frame's magic was checked.
		if errors.Is(err, zstd.ErrMagicMismatch) {
			err = io.EOF
		}
		return n, err
	}
	return decompressor{fill: read, close: z.Close}
}

// gunzip reads all members of a gzip file. As gzip(1), it passes over what follows the last one if that is no member:
// tapes and block devices pad with zeros.
type gunzip struct {
	src *bufio.Reader
	z   *gzip.Reader
}

func (g *gunzip) Read(p []byte) (int, error) {
	if g.z == nil {
		z, err := gzip.NewReader(g.src)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF // the magic number was there
		}
		if err != nil {
			return 0, err
		}
		g.z = z
		g.z.Multistream(false)
	}
	for {
		n, err := g.z.Read(p)
		if n > 0 && err == io.EOF {
			err = nil
		}
		if n > 0 || err != io.EOF {
			return n, err
		}
		if magic, _ := g.src.Peek(2); len(magic) < 2 || magic[0] != 0x1f || magic[1] != 0x8b {
			return 0, io.EOF
		}
		if err := g.z.Reset(g.src); err != nil {
			return 0, err
		}
		g.z.Multistream(false)
	}
}
