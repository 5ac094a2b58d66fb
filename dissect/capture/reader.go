package capture

// Reader takes the bytes of one capture as they come and hands out its frames. It is used by one goroutine at a time.
type Reader struct {
	parser parser
	inf    *inflater // nil until the source turned out to be compressed
	head   []byte    // first bytes, until it is known whether they are compressed
	plain  bool      // they are not
	fed    int64
	lent   bool  // see Lend
	share  int   // how many Readers are at work, 0 if this is the only one
	err    error // sticky
	closed bool
}

// NewReader returns a Reader that hands each frame to emit, in the goroutine that calls Feed, Finish or ReadAll. The
// frame is valid until emit returns. An error of emit stops the reading and comes back from the call that fed it.
func NewReader(emit func(*Frame) error) *Reader {
	return &Reader{parser: parser{emit: emit}}
}

// Feed takes the next bytes of the source, in chunks of any size; the larger, the less is copied. It is done with p
// when it returns. Its error is a *FormatError or what emit returned, and stays: the Reader is finished then.
func (r *Reader) Feed(p []byte) error {
	if r.err != nil {
		return r.err
	}
	r.fed += int64(len(p))
	switch {
	case r.plain:
		r.err = r.parser.feed(p)
	case r.inf != nil:
		r.err = r.inf.feed(p)
	default:
		r.err = r.start(p)
	}
	if r.err != nil {
		r.release()
	}
	return r.err
}

// Lend lets ReadAll give frames whose data lie in a mapped file, where the system has that: to touch them once the
// callback has returned is a fault then, not only wrong.
func (r *Reader) Lend() { r.lent = true }

// start looks for a compression's magic number, which may come in several chunks.
func (r *Reader) start(p []byte) error {
	if len(r.head) > 0 || len(p) < magicLen {
		r.head = append(r.head, p...)
		p = r.head
	}
	kind, sure := compression(p)
	if !sure {
		return nil
	}
	r.head = nil
	if kind == notCompressed {
		r.plain = true
		return r.parser.feed(p)
	}
	r.parser.inside = kind.String()
	r.inf = newInflater(kind, &r.parser)
	return r.inf.feed(p)
}

// Finish says that there are no more bytes. It must be called once Feed was, also to abandon a capture: a compressed
// one holds a goroutine until then. A file that ends early is no error, see Cut.
func (r *Reader) Finish() error {
	if r.closed || r.err != nil {
		return r.err
	}
	if !r.plain && r.inf == nil {
		r.plain = true
		r.err = r.parser.feed(r.head)
	}
	if r.inf != nil && r.err == nil {
		r.err = r.inf.finish()
	}
	if r.err == nil {
		r.err = r.parser.finish()
	}
	r.release()
	return r.err
}

func (r *Reader) release() {
	r.closed = true
	if r.inf != nil {
		r.inf.stop()
	}
}

// Interfaces lists the interfaces met so far, of all sections in file order; Frame.Interface indexes it. More may
// follow while frames come.
func (r *Reader) Interfaces() []Interface { return r.parser.interfaces }

// Format is "pcap", "pcap (nanoseconds)", "pcapng" …, with "gzip " or "zstd " before it; "" while not yet known.
func (r *Reader) Format() string {
	if r.parser.inside == "" || r.parser.format == "" {
		return r.parser.format
	}
	return r.parser.inside + " " + r.parser.format
}

// Bytes is how many bytes were fed, compressed ones where the source is.
func (r *Reader) Bytes() int64 { return r.fed }

// Frames is the number of the last frame: how many frames the file held so far.
func (r *Reader) Frames() uint32 { return r.parser.frame.Number }

// Cut is nil as long as the capture is whole. Once it is not, further bytes are not looked at.
func (r *Reader) Cut() *Cut { return r.parser.cut }
