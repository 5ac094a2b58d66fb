//go:build unix

package disk

import (
	"os"

	"golang.org/x/sys/unix"
)

// standardInput is standard input as a file of its own, which can be closed, also while it is read, without closing the
// program's.
func standardInput() *os.File {
	fd, err := unix.Dup(int(os.Stdin.Fd()))
	if err != nil {
		return os.Stdin
	}
	unix.CloseOnExec(fd)
	var info unix.Stat_t
	if unix.Fstat(fd, &info) == nil && info.Mode&unix.S_IFMT == unix.S_IFIFO {
		_ = unix.SetNonblock(fd, true) // so that Close ends a Read
	}
	return os.NewFile(uintptr(fd), "standard input")
}
