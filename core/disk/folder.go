package disk

import (
	"os"
	"path/filepath"
	"strings"
)

// Folder is a folder being filled, beside the one whose place its owner gives it once it is whole.
type Folder struct {
	Path string
	hold *os.File // says to other runs that somebody is at it; nil where that cannot be said
}

// CreateFolder makes an empty folder with a hidden name beside target. Those that killed runs left there are removed.
func CreateFolder(target string) (*Folder, error) {
	beside, prefix := filepath.Dir(target), "."+filepath.Base(target)+"."
	entries, err := os.ReadDir(beside)
	if err != nil {
		return nil, Plain(err)
	}
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), prefix) && strings.HasSuffix(e.Name(), draftSuffix) {
			sweep(filepath.Join(beside, e.Name()))
		}
	}
	path, err := os.MkdirTemp(beside, prefix+"*"+draftSuffix)
	if err != nil {
		return nil, Plain(err)
	}
	f := &Folder{Path: path}
	f.hold, _ = hold(path) // where folders cannot be held nobody sweeps them
	return f, nil
}

// draftSuffix ends the names of folders being filled.
const draftSuffix = ".draft"

// Sync waits until all that was written into the folder is on the disk. Files need not have been synced one by one: a
// thousand small ones take seconds so.
func (f *Folder) Sync() error { return Plain(syncTree(f.Path)) }

// Discard removes what is still under the folder's own name.
func (f *Folder) Discard() {
	os.RemoveAll(f.Path)
	if f.hold != nil {
		f.hold.Close()
	}
}
