package trace

import (
	"cmp"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
)

// Options of a loading. The zero value is good.
type Options struct {
	// Progress, if set, is called now and then while Load or Scan reads.
	Progress func(Progress)
	// Start, if set, is the time in ns since the epoch that RelTime counts from, where the source lacks the first frames of
	// the capture that it tells of; else it is that of the first frame.
	Start *int64
	// Ahead, if set, is what LookAhead learnt of the same bytes: for Scan.
	Ahead *Ahead
	// Size, if above 0, is how many bytes the source will have, or about that: memory is then taken at once. Load knows it of a
	// file.
	Size int64
}

// Progress says how far a loading has come.
type Progress struct {
	Bytes   int64  // read from the source
	Frames  uint64 // read
	Kept    uint64 // rows
	Streams int
	Conns   int
}

// Loader builds a Trace from the bytes of a capture as they come. One goroutine uses it.
type Loader struct {
	reader *capture.Reader
	frames framer
}

// NewLoader returns a Loader for one capture.
func NewLoader(o Options) *Loader {
	l := &Loader{}
	l.frames.builder = newBuilder(0)
	l.frames.startAt(o.Start)
	l.reader = capture.NewReader(l.frames.frame)
	l.frames.expect(o.Size, l.reader)
	return l
}

// Feed takes the next bytes, in chunks of any size, and is done with p when it returns. It fails only if the source is
// no capture; the Loader is of no use then.
func (l *Loader) Feed(p []byte) error { return l.reader.Feed(p) }

// Progress says how far the loading has come.
func (l *Loader) Progress() Progress { return l.frames.progress(l.reader.Bytes()) }

// Finish says that there are no more bytes, and returns the Trace. A capture that ends early gives what it holds, see
// Capture.Cut.
func (l *Loader) Finish() (*Trace, error) {
	if err := l.reader.Finish(); err != nil {
		return nil, err
	}
	return l.frames.trace(l.reader), nil
}

// Close drops the capture, finished or not.
func (l *Loader) Close() {
	_ = l.reader.Finish() // what it would say of a capture that is dropped is of no interest
}

// framer decodes frames and gives the TCP segments to a builder.
type framer struct {
	builder *builder
	packet  packet.Packet
	frames  uint64
	first   int64
	last    int64
	timed   bool         // first is set
	skipped [256]uint64  // by packet.Kind
	report  func()       // called every reportEvery frames, nil if nobody wants to know
	full    func() error // called after the last row of a block, nil if nobody wants to know
	calm    uint64       // so many frames to come need no report, see take
}

// startAt sets what relative times count from.
func (f *framer) startAt(start *int64) {
	if start != nil {
		f.first, f.builder.first, f.timed = *start, *start, true
	}
}

// expect has the memory of a source of so many bytes taken at once; how much that is follows from the rows that its first bytes
// gave. A size of 0 is not known.
func (f *framer) expect(size int64, r source) {
	if size <= 0 {
		return
	}
	f.builder.slab.more = func() int {
		read := max(r.Bytes(), 1)
		rows := float64(f.builder.n) * float64(max(size-read, 0)) / float64(read)
		return int(rows/blockLen) + 1
	}
}

// frame takes one frame.
func (f *framer) frame(c *capture.Frame) error {
	p := &f.packet
	p.Number, p.Time, p.Interface = c.Number, c.Time, c.Interface
	if f.calm == 0 || c.NoTime || !packet.DecodeUsual(p, c.Link, c.Data, c.Length) {
		packet.Decode(p, c.Link, c.Data, c.Length)
		return f.take(p, c.NoTime)
	}
	f.calm--
	f.frames++ // and what else take does for a packet of the usual kind
	f.last = max(f.last, p.Time)
	f.builder.add(p)
	return nil
}

// decode makes a packet of a frame.
func decode(p *packet.Packet, c *capture.Frame) {
	p.Number, p.Time, p.Interface = c.Number, c.Time, c.Interface
	packet.Decode(p, c.Link, c.Data, c.Length)
}

// take takes the next frame, decoded.
func (f *framer) take(p *packet.Packet, noTime bool) error {
	if noTime {
		p.Time = max(f.first, f.last) // no analysis may take it for 1970
	} else {
		if !f.timed {
			f.first, f.last, f.builder.first, f.timed = p.Time, p.Time, p.Time, true
			f.builder.begin(p.Time)
		}
		f.last = max(f.last, p.Time)
	}
	f.frames++
	if f.frames%reportEvery == 0 && f.report != nil {
		f.report()
	}
	if f.timed && f.full == nil {
		f.calm = reportEvery - 1 - f.frames%reportEvery
	}
	if p.Kind != packet.TCP {
		f.skip(p)
		return nil
	}
	if noTime {
		setRare(&f.builder.noTimes, f.builder.n, struct{}{})
	}
	f.builder.add(p)
	if f.full != nil && f.builder.n%blockLen == 0 {
		return f.full()
	}
	return nil
}

// begin gives a time to the rows before the first frame that has one.
func (b *builder) begin(time int64) {
	for row := range b.noTimes {
		l := b.line(row)
		l.timeLow, l.timeHigh = uint32(time), uint32(uint64(time)>>32)
	}
	if b.n > 0 {
		b.streams.Begin(time)
	}
}

func (f *framer) skip(p *packet.Packet) {
	f.skipped[p.Kind]++
	faults := p.Faults &^ packet.FirstFragment // of another protocol, whose length nobody misses
	faults.Split(func(layer, what string) {
		f.builder.issues.add(Issue{Frame: uint64(p.Number), Layer: layer, Severity: Warning, What: what, Stream: NoStream})
	})
}

func (f *framer) progress(read int64) Progress {
	return Progress{Bytes: read, Frames: f.frames, Kept: uint64(f.builder.n), Streams: f.builder.streams.Len(),
		Conns: f.builder.conns.Len()}
}

// source is what a capture tells of itself; several merged are one.
type source interface {
	Bytes() int64
	Format() string
	Interfaces() []capture.Interface
	Cut() *capture.Cut
}

// capture describes what was read.
func (f *framer) capture(r source) Capture {
	c := Capture{Format: r.Format(), Bytes: r.Bytes(), Frames: f.frames, Kept: uint64(f.builder.n), First: f.first,
		Last: f.last}
	for kind, n := range f.skipped {
		if n > 0 {
			if c.Skipped == nil {
				c.Skipped = map[string]uint64{}
			}
			c.Skipped[packet.Kind(kind).String()] = n
		}
	}
	if cut := r.Cut(); cut != nil {
		c.Cut = cut
	}
	return c
}

func interfaces(r source) []Interface {
	list := make([]Interface, len(r.Interfaces()))
	for i, in := range r.Interfaces() {
		name := cmp.Or(in.Name, in.Description, in.Hardware)
		if name == "" && strings.Contains(r.Format(), "pcapng") {
			name = "unknown"
		}
		list[i] = Interface{Name: name, Link: in.Link, SnapLen: in.SnapLen}
	}
	return list
}

// trace ends the tables and makes the Trace.
func (f *framer) trace(r source) *Trace {
	b := f.builder
	b.conns.Finish()
	t := &Trace{Capture: f.capture(r), Interfaces: interfaces(r), Conns: b.conns.Conns()}
	for _, l := range [...]*links{&b.also, &b.reinjectedIn, &b.reinjections} {
		l.sort()
	}
	t.Streams = streams(b)
	b.slab, b.last = slab{}, nil // the blocks keep what they use
	t.store = b.store
	t.streamRows = listRows(&t.store)
	b.streams.Seal()
	t.Issues = f.issues(t.Capture.Cut != nil)
	return t
}

// issues lists what was odd about the capture, that it is cut included.
func (f *framer) issues(cut bool) []Issue {
	b := f.builder
	if cut {
		b.issues.add(Issue{Packet: b.n, Frame: f.frames, Layer: "capture", Severity: Error, What: "the capture is cut", Stream: NoStream})
	}
	return b.issues.all()
}
