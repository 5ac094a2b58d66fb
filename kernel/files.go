package kernel

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/file"
)

// Files is how a notebook reaches the disk: paths are relative to its folder, where Jupyter starts the kernel. It
// remembers the captures that were opened, so that no answer is written over one.
type Files struct {
	mu     sync.Mutex
	opened []os.FileInfo
}

// Options are the session's options for these files.
func (f *Files) Options() core.Options { return core.Options{Open: f.open, Paths: disk.Paths} }

func (f *Files) open(name string) (core.Source, error) {
	s, err := disk.Open(name)
	if err != nil {
		return s, err
	}
	if on, ok := s.ReadCloser.(*os.File); ok {
		if info, err := on.Stat(); err == nil {
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

// Save writes a file of an answer, whole or not at all.
func (f *Files) Save(d *display.File) error {
	if info, err := os.Stat(d.Name); err == nil && f.isOpened(info) {
		return fmt.Errorf("%s is a capture of this session: it is not written over", d.Name)
	}
	return disk.Save(d.Name, func(w io.Writer) error { return file.Write(w, d) })
}

func (f *Files) isOpened(info os.FileInfo) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range f.opened {
		if os.SameFile(o, info) {
			return true
		}
	}
	return false
}

// link is a relative path as an address, which a colon in it does not make another scheme.
func link(name string) string {
	var parts []string
	for _, p := range strings.Split(filepath.ToSlash(filepath.Clean(name)), "/") {
		parts = append(parts, url.PathEscape(p))
	}
	if strings.Contains(parts[0], ":") {
		parts = append([]string{"."}, parts...)
	}
	return strings.Join(parts, "/")
}
