package memory

import (
	"syscall"
	"unsafe"
)

// adviseLarge widens the range to whole large pages: a hint about the neighbours, which are of the same heap and come next,
// does no harm.
func adviseLarge(at unsafe.Pointer, size uintptr) {
	from := uintptr(at)
	to := (from + size + largePage - 1) &^ (largePage - 1)
	from &^= largePage - 1
	const madvHugePage = 14
	// A refusal costs nothing but time.
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, madvHugePage)
}
