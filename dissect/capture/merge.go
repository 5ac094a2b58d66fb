package capture

import (
	"container/heap"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

// Merge reads several captures at once and hands out their frames ordered by time, as mergecap does: always the frame
// with the earliest time among those that come next in their sources, the last such source first if several have it.
// Frames are numbered anew; interfaces are those of all sources, one source after the other.
type Merge struct {
	emit       func(*Frame) error
	sources    []*source
	interfaces []Interface
	frame      Frame // the one handed out
	queue      mergeQueue
}

// source is one capture of a merge, read frame by frame.
type source struct {
	index   int
	reader  *Reader
	next    func() (*Frame, bool)
	stop    func()
	err     error
	frame   *Frame   // the next one; nil at the end
	numbers []uint32 // index of its interfaces in the merge
}

// errStopped ends a source that is not wanted any more. It is never seen outside.
type errStopped struct{}

func (errStopped) Error() string { return "stopped" }

// NewMerge returns a Merge that hands each frame to emit; see NewReader.
func NewMerge(emit func(*Frame) error) *Merge { return &Merge{emit: emit} }

// ReadAll reads all of the sources. A source that is cut ends early, see Cuts, and the others go on; one that is no
// capture is an error.
func (m *Merge) ReadAll(ctx context.Context, sources ...io.Reader) error {
	defer func() {
		for _, s := range m.sources {
			s.stop()
		}
	}()
	for i, src := range sources {
		s := openSource(ctx, src, i, len(sources))
		m.sources = append(m.sources, s)
		if err := s.advance(); err != nil {
			return err
		}
	}
	for _, s := range m.sources {
		m.adopt(s)
		if s.frame != nil {
			m.queue = append(m.queue, s)
		}
	}
	heap.Init(&m.queue)
	return m.run()
}

// run hands out the frames of the queue's sources until all have ended.
func (m *Merge) run() error {
	for len(m.queue) > 0 {
		s := m.queue[0]
		if err := m.pass(s); err != nil {
			return err
		}
		if err := s.advance(); err != nil {
			return err
		}
		if s.frame == nil {
			heap.Pop(&m.queue)
		} else {
			heap.Fix(&m.queue, 0)
		}
	}
	return nil
}

func openSource(ctx context.Context, src io.Reader, index, of int) *source {
	s := &source{index: index}
	s.next, s.stop = iter.Pull(func(yield func(*Frame) bool) {
		s.reader = NewReader(func(f *Frame) error {
			if !yield(f) {
				return errStopped{}
			}
			return nil
		})
		s.reader.share = of
		s.err = s.reader.ReadAll(ctx, src)
	})
	return s
}

// SourceError says which of the sources of a Merge an error is about.
type SourceError struct {
	Source int // index among the sources
	Err    error
}

func (e *SourceError) Error() string { return fmt.Sprintf("source %d: %v", e.Source+1, e.Err) }

// Unwrap is what is wrong with the source.
func (e *SourceError) Unwrap() error { return e.Err }

// advance goes to the source's next frame.
func (s *source) advance() error {
	f, ok := s.next()
	s.frame = f
	if !ok && s.err != nil {
		return &SourceError{Source: s.index, Err: s.err}
	}
	return nil
}

// adopt gives numbers to the interfaces that the source has met since the last time.
func (m *Merge) adopt(s *source) {
	for _, known := range s.reader.Interfaces()[len(s.numbers):] {
		known.Source = s.index
		s.numbers = append(s.numbers, uint32(len(m.interfaces)))
		m.interfaces = append(m.interfaces, known)
	}
}

// pass hands out the frame of the source.
func (m *Merge) pass(s *source) error {
	m.adopt(s)
	number := m.frame.Number + 1
	m.frame = *s.frame
	m.frame.Number = number
	if m.frame.Link != NoLink {
		m.frame.Interface = s.numbers[s.frame.Interface]
	}
	return m.emit(&m.frame)
}

// Interfaces lists the interfaces of all sources; Frame.Interface indexes it.
func (m *Merge) Interfaces() []Interface { return m.interfaces }

// Format names the formats of the sources, each once.
func (m *Merge) Format() string {
	var names []string
	for _, s := range m.sources {
		if name := s.reader.Format(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// Bytes is how many bytes of all sources were read.
func (m *Merge) Bytes() int64 {
	var sum int64
	for _, s := range m.sources {
		sum += s.reader.Bytes()
	}
	return sum
}

// Frames is how many frames were handed out.
func (m *Merge) Frames() uint32 { return m.frame.Number }

// Cut is the first of Cuts, nil if there is none.
func (m *Merge) Cut() *Cut {
	if cuts := m.Cuts(); len(cuts) > 0 {
		return cuts[0]
	}
	return nil
}

// Cuts tells which sources were cut; Frame and Offset are those of the source.
func (m *Merge) Cuts() []*Cut {
	var cuts []*Cut
	for i, s := range m.sources {
		if c := s.reader.Cut(); c != nil {
			c.Source = i
			cuts = append(cuts, c)
		}
	}
	return cuts
}

// mergeQueue holds the sources that have a next frame, the one to go on with first, by container/heap.
type mergeQueue []*source

func (q mergeQueue) Len() int { return len(q) }

// Less orders sources by the time of their next frame. A frame without a time goes at once: the one before it has gone.
func (q mergeQueue) Less(a, b int) bool {
	x, y := q[a], q[b]
	switch {
	case x.frame.NoTime != y.frame.NoTime:
		return x.frame.NoTime
	case x.frame.NoTime:
		return x.index < y.index
	case x.frame.Time == y.frame.Time:
		return x.index > y.index
	}
	return x.frame.Time < y.frame.Time
}

func (q mergeQueue) Swap(a, b int) { q[a], q[b] = q[b], q[a] }

func (q *mergeQueue) Push(x any) { *q = append(*q, x.(*source)) }

func (q *mergeQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
