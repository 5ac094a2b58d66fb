package trace

import (
	"syscall"
	"unsafe"
)

// hugePage is the size of the large pages of amd64 and arm64.
const hugePage = 2 << 20

// adviseHuge asks for large pages under a slab, which is new and will be filled at once: the kernel then gives 2 MB at
// the first touch of it, in place of 4 KB, five hundred times. The range is widened to whole large pages; a hint about
// the neighbours, which are of the same heap, does no harm.
func adviseHuge(lines []line) {
	size := uintptr(len(lines)) * unsafe.Sizeof(line{})
	if size < hugePage {
		return
	}
	from := uintptr(unsafe.Pointer(&lines[0]))
	to := (from + size + hugePage - 1) &^ (hugePage - 1)
	from &^= hugePage - 1
	const madvHugePage = 14
	// A refusal costs nothing but time.
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, madvHugePage)
}
