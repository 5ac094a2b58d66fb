// Package disk is how the native faces reach files: captures are opened by path, names completed from folders, and
// results saved whole or not at all.
package disk

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/adrg/xdg"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
)

// Options are the session options of a program that reads the local file system.
func Options() core.Options {
	return core.Options{Open: Open, Paths: Paths, Styles: []string{
		filepath.Join(xdg.ConfigHome, "mptcpanalyzer", "styles"), filepath.Join(xdg.ConfigHome, "matplotlib", "stylelib"),
		"/usr/share/matplotlib/mpl-data/stylelib", // where Debian has matplotlib's own
	}}
}

// Open opens a capture by path; "-" is standard input. A folder is refused: reading it would only fail later.
func Open(name string) (core.Source, error) {
	if name == "-" {
		return core.Source{ReadCloser: standardInput(), Size: -1}, nil
	}
	f, err := os.Open(ExpandHome(name))
	if err != nil {
		return core.Source{}, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return core.Source{}, err
	}
	if info.IsDir() {
		f.Close()
		return core.Source{}, errors.New("is a folder")
	}
	if !info.Mode().IsRegular() {
		return core.Source{ReadCloser: f, Size: -1}, nil
	}
	return core.Source{ReadCloser: f, Size: info.Size(), Ended: func(read int64) error { return ended(f, ExpandHome(name), read) }}, nil
}

// ended says why nothing more will come in a file that was read so far: its writer began another one. One that has no
// name any more may still grow.
func ended(f *os.File, name string, read int64) error {
	own, err := f.Stat()
	if err != nil {
		return err
	}
	if own.Size() < read {
		return errors.New("the file was cut short and is written anew")
	}
	if named, err := os.Stat(name); err == nil && !os.SameFile(own, named) {
		return errors.New("another file has the name now")
	}
	return nil
}

// maxPaths bounds what completion offers of a very large folder.
const maxPaths = 2000

// Paths lists what begins with prefix; folders end in "/". Hidden names are listed when the prefix asks for them.
func Paths(prefix string) []string {
	dir, base := filepath.Split(prefix)
	entries, err := os.ReadDir(ExpandHome(orDot(dir)))
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || (strings.HasPrefix(name, ".") && !strings.HasPrefix(base, ".")) {
			continue
		}
		if isFolder(filepath.Join(ExpandHome(orDot(dir)), name), e) {
			name += "/"
		}
		if names = append(names, dir+name); len(names) == maxPaths {
			break
		}
	}
	return names
}

func orDot(dir string) string {
	if dir == "" {
		return "."
	}
	return dir
}

func isFolder(path string, e os.DirEntry) bool {
	if e.Type()&os.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// ExpandHome puts the home folder for a "~" in front, as shells do.
func ExpandHome(name string) string {
	rest, found := strings.CutPrefix(name, "~")
	if !found || rest != "" && !os.IsPathSeparator(rest[0]) {
		return name
	}
	return filepath.Join(xdg.Home, rest)
}

// Save writes a file whole or not at all: into a temporary file beside it, synced, then renamed. A device or a pipe is
// written directly. write's error is returned as it is.
func Save(name string, write func(io.Writer) error) error {
	d, err := Create(name)
	if err != nil {
		return err
	}
	if err := write(d); err != nil {
		d.Abandon()
		return err
	}
	return d.Commit()
}

// Draft is a file being written: it appears under its name with Commit, whole. A device or a pipe is written directly.
type Draft struct {
	name   string
	f      *os.File
	direct bool
	// unnamed: the file has no name yet, so that nothing is left if the program is killed.
	unnamed bool
}

// Create begins a file.
func Create(name string) (*Draft, error) {
	d := &Draft{name: ExpandHome(name)}
	info, err := os.Stat(d.name)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("%s: is a folder", d.name)
	case err == nil && !info.Mode().IsRegular():
		d.direct = true
		d.f, err = os.OpenFile(d.name, os.O_WRONLY, 0)
	default:
		d.f, d.unnamed, err = newDraft(filepath.Dir(d.name), "."+filepath.Base(d.name)+".*")
	}
	if err != nil {
		return nil, d.wrong(err)
	}
	return d, nil
}

func (d *Draft) wrong(err error) error { return fmt.Errorf("%s: %w", d.name, Plain(err)) }

// Write writes the next bytes.
func (d *Draft) Write(p []byte) (int, error) {
	n, err := d.f.Write(p)
	if err != nil {
		err = d.wrong(err)
	}
	return n, err
}

// Abandon leaves what was there before.
func (d *Draft) Abandon() {
	d.f.Close()
	if !d.direct && !d.unnamed {
		os.Remove(d.f.Name())
	}
}

// Commit puts the file in its place.
func (d *Draft) Commit() error {
	if d.direct {
		return d.f.Close()
	}
	err := d.f.Chmod(permissions(d.name))
	if err == nil {
		err = d.f.Sync()
	}
	temporary := d.f.Name()
	if err == nil && d.unnamed {
		temporary, err = named(d.f, filepath.Dir(d.name), "."+filepath.Base(d.name))
	}
	if closeErr := d.f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temporary, d.name)
	}
	if err != nil {
		os.Remove(temporary)
		return d.wrong(err)
	}
	return nil
}

// permissions are those of the file that is replaced, or the usual ones.
func permissions(name string) os.FileMode {
	if info, err := os.Stat(name); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}

// Plain is the cause of an error of the operating system, without the operation and the name, which what tells of it says
// in its own words.
func Plain(err error) error {
	var path *os.PathError
	var link *os.LinkError
	var program *exec.Error
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	case errors.As(err, &program):
		return program.Err
	}
	return err
}
