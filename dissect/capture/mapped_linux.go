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
)

// A long file is not copied but mapped, a window at a time, so that what is in memory stays bounded. Another goroutine
// maps the windows ahead, in places that are used again and again: the parser finds their pages there. The addresses are
// ours until the end, so that a view of an old window points nowhere else.

const (
	// windowLen is how much is mapped at once: little beside a trace, and yet not often. What a call costs besides itself, as other
	// threads wake and page tables change under them, was measured to be a tenth of a load with 2 MB.
	windowLen = 6 << 20
	// windowCount is how many there are: one being parsed, one ahead, one on its way.
	windowCount = 3
	// mapFrom is the length of a file that is worth it.
	mapFrom = 1 << 20
)

// window is a part of the file that is mapped, or why it is not.
type window struct {
	data []byte
	slot int
	err  error
}

// errShrunk is told of a file whose mapped pages are gone.
var errShrunk = errors.New("the file got shorter while it was read, or its disk failed")

// mapping is a file being read by windows.
type mapping struct {
	file   *os.File
	start  int64 // where to begin
	end    int64
	region []byte // room for all windows
	ready  chan window
	free   chan int
	quit   chan struct{}
	done   chan struct{}
}

// mapFile begins to map the rest of a file. It is nil if src is no file that is worth it, or the system does not want to.
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
	region, err := syscall.Mmap(-1, 0, windowCount*windowLen, syscall.PROT_NONE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return nil
	}
	m := &mapping{file: f, start: start, end: info.Size(), region: region, ready: make(chan window, windowCount),
		free: make(chan int, windowCount), quit: make(chan struct{}), done: make(chan struct{})}
	for slot := range windowCount {
		m.free <- slot
	}
	go m.ahead()
	return m
}

// ahead maps one window after the other.
func (m *mapping) ahead() {
	defer close(m.done)
	defer close(m.ready)
	page := int64(os.Getpagesize())
	for from := m.start &^ (page - 1); from < m.end; from += windowLen {
		var w window
		select {
		case w.slot = <-m.free:
		case <-m.quit:
			return
		}
		at := m.region[w.slot*windowLen:]
		w.data = at[:min(windowLen, m.end-from)]
		w.err = m.place(w.data, from)
		if from < m.start {
			w.data = w.data[m.start-from:]
		}
		m.ready <- w
		if w.err != nil {
			return
		}
	}
}

// place maps the file from an offset on at the place of at, whatever was there.
func (m *mapping) place(at []byte, from int64) error {
	conn, err := m.file.SyscallConn()
	if err != nil {
		return err
	}
	var failed syscall.Errno
	err = conn.Control(func(fd uintptr) {
		_, _, failed = syscall.Syscall6(syscall.SYS_MMAP, uintptr(unsafe.Pointer(&at[0])), uintptr(len(at)),
			syscall.PROT_READ, syscall.MAP_SHARED|syscall.MAP_FIXED|syscall.MAP_POPULATE, fd, uintptr(from))
	})
	if err == nil && failed != 0 {
		err = failed
	}
	return err
}

// close ends the mapping, once nothing is mapped any more.
func (m *mapping) close() {
	close(m.quit)
	<-m.done
	_ = syscall.Munmap(m.region)
}

// holds reports whether an address is in one of the windows.
func (m *mapping) holds(at uintptr) bool {
	from := uintptr(unsafe.Pointer(&m.region[0]))
	return at >= from && at-from < uintptr(len(m.region))
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
	for w := range m.ready {
		if w.err != nil {
			break
		}
		if over, err := r.feedWindow(ctx, w.data); over {
			return true, err
		}
		at += int64(len(w.data))
		m.free <- w.slot
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
