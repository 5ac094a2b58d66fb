package capture

import (
	"errors"
	"io"
)

// kind is a compression.
type kind uint8

const (
	notCompressed kind = iota
	gzipKind
	zstdKind
)

func (k kind) String() string {
	return [...]string{notCompressed: "", gzipKind: "gzip", zstdKind: "zstd"}[k]
}

// magicLen is how many bytes tell a compression, or a pcap file.
const magicLen = 4

// compression tells whether the source is compressed, from its first bytes; not sure if they are too few.
func compression(b []byte) (k kind, sure bool) {
	if len(b) < magicLen {
		return notCompressed, false
	}
	switch o := (order{}).u32(b); {
	case o&0xffff == 0x8b1f:
		return gzipKind, true
	case o == 0xfd2fb528, o&^0xf == 0x184d2a50: // a frame, a skippable frame
		return zstdKind, true
	}
	return notCompressed, true
}

// maxWindow bounds what a zstd stream may demand to look back at: what `zstd --long` writes, and zstd -d takes. The claim
// alone takes no memory: the window grows with what was decompressed.
const maxWindow = 128 << 20

// inflater runs a decompressor, which pulls, against input that is pushed. The decompressor has a goroutine, and a
// buffer to fill while the last one is being parsed, so that both go on at once where there are two processors. feed
// returns when the decompressor has asked for more than it was given: the goroutine then waits in its Read, on nothing
// but the next feed. That needs no thread, and so works in a browser as well.
type inflater struct {
	kind   kind
	parser *parser
	input  chan []byte // what was pushed; closed at the end of the source
	output chan block
	free   chan []byte
	quit   chan struct{}
	over   bool // the decompressor has ended, or nobody wants its output
}

// block is what the decompressor's goroutine reports: decompressed bytes, that it has used up its input, or its end.
type block struct {
	data []byte
	more bool
	end  bool
	err  error // with end: nil if the compressed data was whole
}

// inflateBuffer is the size of one of the two buffers that go between the decompressor and the parser.
const inflateBuffer = 256 << 10

func newInflater(k kind, p *parser) *inflater {
	inf := &inflater{
		kind:   k,
		parser: p,
		input:  make(chan []byte),
		output: make(chan block),
		free:   make(chan []byte, 2),
		quit:   make(chan struct{}),
	}
	inf.free <- make([]byte, inflateBuffer)
	inf.free <- make([]byte, inflateBuffer)
	go inf.run()
	return inf
}

// feed hands p to the decompressor and parses what comes out until it wants more.
func (inf *inflater) feed(p []byte) error {
	if inf.over || len(p) == 0 {
		return nil
	}
	inf.input <- p
	return inf.drain()
}

// finish is the end of the source.
func (inf *inflater) finish() error {
	if inf.over {
		return nil
	}
	close(inf.input)
	return inf.drain()
}

// stop lets the goroutine go.
func (inf *inflater) stop() {
	inf.over = true
	if inf.quit != nil {
		close(inf.quit)
		inf.quit = nil
	}
}

// drain parses until the decompressor wants input or has ended.
func (inf *inflater) drain() error {
	for {
		b := <-inf.output
		switch {
		case b.more:
			return nil
		case b.end:
			inf.stop()
			return inf.ended(b.err)
		}
		err := inf.parser.feed(b.data)
		if err != nil || inf.parser.cut != nil {
			inf.stop()
			return err
		}
		inf.free <- b.data[:cap(b.data)]
	}
}

// ended judges how the decompression ended; err is nil if well.
func (inf *inflater) ended(err error) error {
	p := inf.parser
	if err := p.settle(); err != nil {
		return err
	}
	short := errors.Is(err, io.ErrUnexpectedEOF)
	switch {
	case err == nil || p.cut != nil:
	case p.dec != nil && short:
		p.stop(0, true, "the %s data ends early", inf.kind)
	case p.dec != nil:
		p.stop(0, false, "the %s data is damaged: %v", inf.kind, err)
	case len(p.carry) > 0:
		return p.tooShort(p.carry)
	case short:
		return &FormatError{Problem: TooShort, Inside: inf.kind.String()}
	default:
		return &FormatError{Problem: Unsupported, Looks: inf.kind.String() + " data: " + err.Error()}
	}
	return nil
}

// run is the decompressor's goroutine. Each of its channel operations also ends when quit is closed.
func (inf *inflater) run() {
	input, output, free, quit := inf.input, inf.output, inf.free, inf.quit
	src := &pushed{input: input, output: output, quit: quit}
	d := newDecompressor(inf.kind, src)
	defer d.close()
	for {
		var buf []byte
		select {
		case buf = <-free:
		case <-quit:
			return
		}
		n, err := d.fill(buf)
		if n > 0 && !src.report(block{data: buf[:n]}) {
			return
		}
		if n == 0 {
			free <- buf
		}
		if err != nil {
			if err == io.EOF {
				err = nil
			}
			src.report(block{end: true, err: err})
			return
		}
	}
}

// pushed is the io.Reader that the decompressor pulls from.
type pushed struct {
	input  <-chan []byte
	output chan<- block
	quit   <-chan struct{}
	rest   []byte
	taken  bool
}

func (s *pushed) report(b block) bool {
	select {
	case s.output <- b:
		return true
	case <-s.quit:
		return false
	}
}

func (s *pushed) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		if s.taken && !s.report(block{more: true}) {
			return 0, io.EOF
		}
		var ok bool
		select {
		case s.rest, ok = <-s.input:
		case <-s.quit:
		}
		if !ok {
			return 0, io.EOF
		}
		s.taken = true
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}
