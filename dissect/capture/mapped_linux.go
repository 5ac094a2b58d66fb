//go:build amd64 || arm64

package capture

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A long file is not copied but mapped, a window at a time, so that what is in memory stays bounded. All windows lie at the
// same place, which is ours until the end, so that a view of an old window points nowhere else. The parser's goroutine maps
// them: page tables that change under a running thread were measured to cost a twelfth of a load. Only where the next
// window is still on the disk has another goroutine it read meanwhile.

const (
	// windowLen is how much is mapped at once: little beside a trace, and yet not often.
	windowLen = 6 << 20
	// fetchLen is how much is read at once of what is still on the disk: the kernel sees a file being read, and reads ahead.
	fetchLen = 128 << 10
	// mapFrom is the length of a file that is worth it.
	mapFrom = 1 << 20
)

// errShrunk is told of a file whose mapped pages are gone.
var errShrunk = errors.New("the file got shorter while it was read, or its disk failed")

// mapping is a file being read by windows.
type mapping struct {
	file  *os.File
	conn  syscall.RawConn
	start int64 // where to begin
	end   int64
	room  []byte // where the windows are mapped
	here  bool   // the file system has no disk: all of it is in memory
}

// mapFile prepares to map the rest of a file. It is nil if src is no file that is worth it, or the system does not want to.
func mapFile(src io.Reader) *mapping {
	f, ok := src.(*os.File)
	if !ok {
		return nil
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&fs.ModeType != 0 {
		return nil
	}
	start, err := f.Seek(0, io.SeekCurrent)
	if err != nil || info.Size()-start < mapFrom {
		return nil
	}
	head := make([]byte, magicLen)
	if _, err := f.ReadAt(head, start); err != nil {
		return nil
	}
	if kind, sure := compression(head); !sure || kind != notCompressed { // another goroutine would look at the pages
		return nil
	}
	conn, err := f.SyscallConn()
	if err != nil {
		return nil
	}
	room, err := unix.Mmap(-1, 0, windowLen, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil
	}
	return &mapping{file: f, conn: conn, start: start, end: info.Size(), room: room, here: diskless(conn)}
}

// diskless reports whether a file lies on a file system that is nothing but memory.
func diskless(conn syscall.RawConn) bool {
	var on unix.Statfs_t
	var failed error
	err := conn.Control(func(fd uintptr) { failed = unix.Fstatfs(int(fd), &on) })
	return err == nil && failed == nil && (on.Type == unix.TMPFS_MAGIC || on.Type == unix.RAMFS_MAGIC)
}

// window maps what follows an offset, in place of the window before.
func (m *mapping) window(at int64) ([]byte, error) {
	from := at &^ int64(os.Getpagesize()-1)
	n := min(windowLen, m.end-from)
	var failed error
	err := m.conn.Control(func(fd uintptr) {
		_, failed = unix.MmapPtr(int(fd), from, unsafe.Pointer(&m.room[0]), uintptr(n), unix.PROT_READ,
			unix.MAP_SHARED|unix.MAP_FIXED|unix.MAP_POPULATE)
	})
	return m.room[at-from : n], cmp.Or(err, failed)
}

// fetch has the window at an offset read, unless it is in memory; it does not wait for that.
func (m *mapping) fetch(from int64) {
	if from >= m.end || m.here {
		return
	}
	last := min(from+windowLen, m.end) - 1
	var missing error
	err := m.conn.Control(func(fd uintptr) {
		_, missing = unix.Preadv2(int(fd), [][]byte{make([]byte, 1)}, last, unix.RWF_NOWAIT)
	})
	if err != nil || missing == nil {
		return
	}
	go func() {
		buf := make([]byte, fetchLen)
		for err := error(nil); err == nil && from <= last; from += fetchLen {
			_, err = m.file.ReadAt(buf, from)
		}
	}()
}

// close ends the mapping.
func (m *mapping) close() { _ = unix.Munmap(m.room) }

// holds reports whether an address is in the window.
func (m *mapping) holds(at uintptr) bool {
	from := uintptr(unsafe.Pointer(&m.room[0]))
	return at >= from && at-from < uintptr(len(m.room))
}

// readMapped feeds what of src can be mapped; the rest of it, which may be all, is still to be read. It is over where the
// Reader has ended.
func (r *Reader) readMapped(ctx context.Context, src io.Reader) (over bool, err error) {
	m := mapFile(src)
	if m == nil {
		return false, nil
	}
	defer m.close()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if caught := recover(); caught != nil {
			fault, ok := caught.(interface{ Addr() uintptr })
			if !ok || !m.holds(fault.Addr()) {
				panic(caught)
			}
			over, err = true, r.abandon(errShrunk)
		}
	}()
	at := m.start
	for at < m.end {
		data, err := m.window(at)
		if err != nil {
			break
		}
		m.fetch(at + int64(len(data)))
		if over, err := r.feedWindow(ctx, data); over {
			return true, err
		}
		at += int64(len(data))
	}
	if _, err := m.file.Seek(at, io.SeekStart); err != nil {
		return true, r.abandon(cmp.Or(ctx.Err(), err))
	}
	return false, nil
}

// feedWindow feeds what is in a window.
func (r *Reader) feedWindow(ctx context.Context, data []byte) (over bool, err error) {
	for len(data) > 0 {
		if err := ctx.Err(); err != nil {
			return true, r.abandon(err)
		}
		n := min(len(data), chunkLen)
		if err := r.Feed(data[:n]); err != nil {
			return true, err
		}
		if r.Cut() != nil {
			return true, r.Finish()
		}
		data = data[n:]
	}
	return false, nil
}
