//go:build !linux

package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// newDraft makes a file in a folder, with a name by a pattern.
func newDraft(dir, pattern string) (f *os.File, unnamed bool, err error) {
	f, err = os.CreateTemp(dir, pattern)
	return f, false, err
}

// named is for files without a name, of which there are none here.
func named(f *os.File, _, _ string) (string, error) { return f.Name(), nil }

// hold takes no folder here: it cannot be seen whether its taker still runs.
func hold(string) (*os.File, error) { return nil, nil }

// sweep leaves the folder: somebody may be at it.
func sweep(string) {}

// syncTree syncs all files of a folder and of those in it.
func syncTree(folder string) error {
	return filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
}
