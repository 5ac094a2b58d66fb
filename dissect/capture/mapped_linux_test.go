//go:build amd64 || arm64

package capture

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// longFile is a capture of several windows in a directory, and its bytes.
func longFile(t *testing.T, dir string) (*os.File, []byte) {
	t.Helper()
	head, records := steady("pcap")
	for len(head) < 4*windowLen+777 {
		head = append(head, records...)
	}
	name := filepath.Join(dir, "long.pcap")
	if err := os.WriteFile(name, head, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, head
}

// TestMapped reads a file by windows that is on the disk only and grows meanwhile.
func TestMapped(t *testing.T) { checkMapped(t, t.TempDir()) }

// TestMappedInMemory reads one that has no disk.
func TestMappedInMemory(t *testing.T) {
	dir, err := os.MkdirTemp("/dev/shm", "mapped")
	if err != nil {
		t.Skip("no file system in memory: ", err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	checkMapped(t, dir)
}

func checkMapped(t *testing.T, dir string) {
	t.Helper()
	f, content := longFile(t, dir)
	if err := cmp.Or(f.Sync(), unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)); err != nil {
		t.Fatal(err)
	}
	want := 0
	r := NewReader(func(*Frame) error { want++; return nil })
	if err := r.ReadAll(context.Background(), bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	_, more := steady("pcap")
	size, got, at := int64(len(content)), 0, int64(24)
	r = NewReader(func(c *Frame) error {
		if at += 16; !bytes.Equal(c.Data, content[at:at+int64(len(c.Data))]) {
			t.Fatalf("frame %d is another one", c.Number)
		}
		if at += int64(len(c.Data)); at >= size {
			at = 24
		}
		if got++; got == 10 {
			if _, err := f.WriteAt(more, size); err != nil {
				t.Fatal(err)
			}
		}
		return nil
	})
	r.Lend()
	if err := r.ReadAll(context.Background(), f); err != nil {
		t.Fatal(err)
	}
	if got != want+2000 || r.Bytes() != size+int64(len(more)) {
		t.Errorf("%d frames of %d bytes, want %d of %d", got, r.Bytes(), want+2000, size+int64(len(more)))
	}
	if at, err := f.Seek(0, io.SeekCurrent); err != nil || at != r.Bytes() {
		t.Errorf("the file is read to %d of %d, %v", at, r.Bytes(), err)
	}
}

// TestMappedFrom reads one from behind other bytes.
func TestMappedFrom(t *testing.T) {
	f, content := longFile(t, t.TempDir())
	if _, err := f.WriteAt(append(make([]byte, 5000), content...), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Seek(5000, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	r := NewReader(func(*Frame) error { return nil })
	r.Lend()
	if err := r.ReadAll(context.Background(), f); err != nil || r.Cut() != nil || r.Bytes() != int64(len(content)) {
		t.Errorf("%v, %v, %d bytes", err, r.Cut(), r.Bytes())
	}
}

// TestMappedEnds ends the reading early: by the context, by the callback, by a panic of it, and by the file itself.
func TestMappedEnds(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name string
		at   func(f *os.File, cancel func()) error
		want error
	}{
		{"context", func(_ *os.File, cancel func()) error { cancel(); return nil }, context.Canceled},
		{"callback", func(*os.File, func()) error { return broken }, broken},
		{"shorter", func(f *os.File, _ func()) error { return f.Truncate(0) }, errShrunk},
	} {
		f, _ := longFile(t, t.TempDir())
		ctx, cancel := context.WithCancel(context.Background())
		r := NewReader(func(p *Frame) error {
			if p.Number == 1 {
				return c.at(f, cancel)
			}
			return nil
		})
		r.Lend()
		if err := r.ReadAll(ctx, f); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		if err := r.Feed(nil); !errors.Is(err, c.want) {
			t.Errorf("%s: the reader goes on: %v", c.name, err)
		}
		cancel()
	}
	f, _ := longFile(t, t.TempDir())
	r := NewReader(func(*Frame) error { panic(broken) })
	r.Lend()
	defer func() {
		if caught := recover(); caught != broken {
			t.Errorf("the panic came out as %v", caught)
		}
	}()
	_ = r.ReadAll(context.Background(), f)
}
