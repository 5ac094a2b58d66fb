//go:build unix

package main

import "golang.org/x/sys/unix"

// terminalAsInput makes the terminal the standard input, in place of a capture that was read from it. The line editor reads
// descriptor 0, whatever os.Stdin is.
func terminalAsInput() bool {
	tty, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	unix.Close(0)
	fd, err := unix.FcntlInt(uintptr(tty), unix.F_DUPFD, 0)
	unix.Close(tty)
	return err == nil && fd == 0
}
