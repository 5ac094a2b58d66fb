package disk

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// newDraft makes a file in a folder that has no name, where the file system can do so, else one with a name by a pattern.
func newDraft(dir, pattern string) (f *os.File, unnamed bool, err error) {
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err == nil {
		return os.NewFile(uintptr(fd), filepath.Join(dir, pattern)), true, nil
	}
	f, err = os.CreateTemp(dir, pattern)
	return f, false, err
}

// named gives a file without a name one that begins with prefix and is free.
func named(f *os.File, dir, prefix string) (string, error) {
	from := fmt.Sprintf("/proc/self/fd/%d", f.Fd())
	for {
		name := filepath.Join(dir, fmt.Sprintf("%s.%d", prefix, rand.Uint64()))
		err := unix.Linkat(unix.AT_FDCWD, from, unix.AT_FDCWD, name, unix.AT_SYMLINK_FOLLOW)
		if err == nil {
			return name, nil
		}
		if !errors.Is(err, unix.EEXIST) {
			return "", err
		}
	}
}

// settled is for how long a folder that nobody holds is left alone: its maker may be about to hold it.
const settled = time.Minute

// hold takes a folder, until the file is closed or the program ends, however it ends.
func hold(folder string) (*os.File, error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// sweep removes a folder that nobody holds.
func sweep(folder string) {
	if info, err := os.Stat(folder); err != nil || time.Since(info.ModTime()) <= settled {
		return // to hold it would keep its maker from it
	}
	if f, err := hold(folder); err == nil {
		defer f.Close()
		os.RemoveAll(folder)
	}
}

// syncTree has the file system write all that it holds back, which takes no longer than syncing a few files.
func syncTree(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.Syncfs(int(f.Fd()))
}
