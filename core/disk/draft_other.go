//go:build !linux

package disk

import "os"

// newDraft makes a file in a folder, with a name by a pattern.
func newDraft(dir, pattern string) (f *os.File, unnamed bool, err error) {
	f, err = os.CreateTemp(dir, pattern)
	return f, false, err
}

// named is for files without a name, of which there are none here.
func named(f *os.File, _, _ string) (string, error) { return f.Name(), nil }
