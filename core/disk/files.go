package disk

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
)

// Files are a session's files: it remembers the captures that were opened, so that no answer is written over one. The zero
// value is ready.
type Files struct {
	mu     sync.Mutex
	opened []os.FileInfo
}

// Options are the session's options for these files.
func (f *Files) Options() core.Options {
	o := Options()
	o.Open = f.Open
	return o
}

// Open opens a capture by path and remembers it.
func (f *Files) Open(name string) (core.Source, error) {
	s, err := Open(name)
	if err != nil {
		return s, err
	}
	if on, ok := s.ReadCloser.(*os.File); ok {
		if info, err := on.Stat(); err == nil && info.Mode().IsRegular() {
			f.remember(info)
		}
	}
	return s, nil
}

func (f *Files) remember(info os.FileInfo) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.opened {
		if os.SameFile(o, info) {
			return
		}
	}
	f.opened = append(f.opened, info)
}

// Check refuses a name under which a capture of the session lies, by whatever path or link.
func (f *Files) Check(name string) error {
	info, err := os.Stat(ExpandHome(name))
	if err != nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.opened {
		if os.SameFile(o, info) {
			return fmt.Errorf("%s is a capture of this session: it is not written over", name)
		}
	}
	return nil
}

// Save writes a file whole or not at all, and never over a capture of the session.
func (f *Files) Save(name string, write func(io.Writer) error) error {
	if err := f.Check(name); err != nil {
		return err
	}
	return Save(name, write)
}
