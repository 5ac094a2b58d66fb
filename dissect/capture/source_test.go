package capture

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
)

func readAll(ctx context.Context, src io.Reader) (o outcome) {
	r := NewReader(func(f *Frame) error {
		o.Frames = append(o.Frames, *f.Clone())
		return nil
	})
	o.Err = r.ReadAll(ctx, src)
	o.Interfaces, o.Format, o.Cut = r.Interfaces(), r.Format(), r.Cut()
	return o
}

func TestReadAll(t *testing.T) {
	plain := bulk(1000)
	for name, file := range map[string][]byte{"pcap": plain, "cut": plain[:len(plain)-1], "gzip": gzipped(plain), "empty": nil, "text": []byte("text")} {
		want := readWhole(file)
		for how, src := range map[string]io.Reader{
			"whole":       bytes.NewReader(file),
			"a byte each": iotest.OneByteReader(bytes.NewReader(file)),
			"at once":     struct{ io.Reader }{bytes.NewReader(file)},
			"half":        iotest.HalfReader(bytes.NewReader(file)),
			"with EOF":    iotest.DataErrReader(bytes.NewReader(file)),
		} {
			if got := readAll(context.Background(), src); !same(got, want) {
				t.Errorf("%s, %s: %v\nwant %v", name, how, got, want)
			}
		}
	}
}

// What was read before the source failed has been delivered.
func TestReadAllFailingSource(t *testing.T) {
	plain := bulk(1000)
	broken := errors.New("broken")
	o := readAll(context.Background(), io.MultiReader(bytes.NewReader(plain[:len(plain)/2]), iotest.ErrReader(broken)))
	if !errors.Is(o.Err, broken) || len(o.Frames) < 100 {
		t.Error(o)
	}
}

// A file is read in the caller's goroutine; ending the context ends it as well.
func TestReadAllFile(t *testing.T) {
	plain := bulk(1000)
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, plain, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, want := readAll(context.Background(), f), readWhole(plain); !same(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := NewReader(func(f *Frame) error { cancel(); return nil })
	if err := r.ReadAll(ctx, f); !errors.Is(err, context.Canceled) || r.Frames() == 0 || r.Frames() == 1000 {
		t.Error(err, r.Frames())
	}
	f.Close()
	if err := NewReader(nil).ReadAll(context.Background(), f); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

// A live source is followed as it writes, and left when the context ends, though it still blocks.
func TestReadAllLive(t *testing.T) {
	in, out := io.Pipe()
	defer out.Close()
	ctx, cancel := context.WithCancel(context.Background())
	frames := make(chan uint32)
	done := make(chan error)
	go func() {
		r := NewReader(func(f *Frame) error { frames <- f.Number; return nil })
		done <- r.ReadAll(ctx, in)
	}()
	w := littleEndian().pcapHeader(magicMicro, 1)
	for i := range uint32(5) {
		w.record(i, 0, packet())
		if _, err := out.Write(w.Bytes()); err != nil {
			t.Fatal(err)
		}
		w.Reset()
		if n := <-frames; n != i+1 {
			t.Fatalf("frame %d, want %d", n, i+1)
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A capture that is damaged is not read further.
func TestReadAllStopsAtDamage(t *testing.T) {
	w := littleEndian().pcapHeader(magicMicro, 1).record(1, 0, packet()).put(uint64(0), uint32(1<<31), uint32(0))
	o := readAll(context.Background(), io.MultiReader(bytes.NewReader(w.Bytes()), endless{}))
	if o.Err != nil || o.Cut == nil || len(o.Frames) != 1 {
		t.Error(o)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
