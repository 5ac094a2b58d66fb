package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// pause sleeps for a short time with the kernel's high-resolution timer.
func pause(d time.Duration) {
	if d <= 0 {
		return
	}
	t := unix.NsecToTimespec(int64(d))
	_ = unix.Nanosleep(&t, nil) // woken early by a signal: the frame is a little early, the truth says so
}

// kernelVersion is the running kernel's major and minor number.
func kernelVersion() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return ""
	}
	return shortVersion(unix.ByteSliceToString(u.Release[:]))
}
