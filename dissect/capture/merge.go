package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// Merge reads several captures at once and hands out their frames ordered by time, as mergecap does: always the frame
// with the earliest time among those that come next in their sources, the first source first if several have it.
// Frames are numbered anew; interfaces are those of all sources, one source after the other.
type Merge struct {
	emit       func(*Frame) error
	sources    []*source
	interfaces []Interface
	frame      Frame // the one handed out
}

// source is one capture of a merge, read frame by frame.
type source struct {
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
		s := openSource(ctx, src)
		m.sources = append(m.sources, s)
		if err := s.advance(); err != nil {
			return fmt.Errorf("source %d: %w", i+1, err)
		}
	}
	for i := range m.sources {
		m.adopt(i)
	}
	for {
		i := m.earliest()
		if i < 0 {
			return nil
		}
		if err := m.pass(i); err != nil {
			return err
		}
		if err := m.sources[i].advance(); err != nil {
			return fmt.Errorf("source %d: %w", i+1, err)
		}
	}
}

func openSource(ctx context.Context, src io.Reader) *source {
	s := &source{}
	s.next, s.stop = iter.Pull(func(yield func(*Frame) bool) {
		s.reader = NewReader(func(f *Frame) error {
			if !yield(f) {
				return errStopped{}
			}
			return nil
		})
		s.err = s.reader.ReadAll(ctx, src)
	})
	return s
}

// advance goes to the source's next frame.
func (s *source) advance() error {
	f, ok := s.next()
	if !ok {
		s.frame = nil
		if errors.Is(s.err, errStopped{}) {
			return nil
		}
		return s.err
	}
	s.frame = f
	return nil
}

// adopt gives numbers to the interfaces that source i has met since the last time.
func (m *Merge) adopt(i int) {
	s := m.sources[i]
	for _, known := range s.reader.Interfaces()[len(s.numbers):] {
		known.Source = i
		s.numbers = append(s.numbers, uint32(len(m.interfaces)))
		m.interfaces = append(m.interfaces, known)
	}
}

// earliest is the source to go on with, -1 at the end of all. A frame without a time goes at once, as the time before
// it is not known.
func (m *Merge) earliest() int {
	best := -1
	for i, s := range m.sources {
		if s.frame == nil {
			continue
		}
		if s.frame.NoTime {
			return i
		}
		if best < 0 || s.frame.Time < m.sources[best].frame.Time {
			best = i
		}
	}
	return best
}

// pass hands out the frame of source i.
func (m *Merge) pass(i int) error {
	m.adopt(i)
	f := m.sources[i].frame
	number := m.frame.Number + 1
	m.frame = *f
	m.frame.Number = number
	if f.Link != NoLink {
		m.frame.Interface = m.sources[i].numbers[f.Interface]
	}
	return m.emit(&m.frame)
}

// Interfaces lists the interfaces of all sources; Frame.Interface indexes it.
func (m *Merge) Interfaces() []Interface { return m.interfaces }

// Format names the formats of the sources, each once.
func (m *Merge) Format() string {
	var names []string
	for _, s := range m.sources {
		name := s.reader.Format()
		seen := false
		for _, n := range names {
			seen = seen || n == name
		}
		if !seen {
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
