package export_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// long is a capture of many packets: one of ours, of whose packets there are several copies.
func long(t *testing.T) *trace.Trace {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(coretest.Captures(), "two-path-upload.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	var copies []io.Reader
	for range 12 {
		copies = append(copies, bytes.NewReader(file))
	}
	tr, err := trace.LoadMerged(context.Background(), copies, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if tr.Len() < 1<<13 {
		t.Fatalf("%d packets are too few", tr.Len())
	}
	return tr
}

// hands sets how many goroutines run at the same time, for a test.
func hands(t *testing.T, n int) {
	before := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

// TestManyHands wants several goroutines to write what one does.
func TestManyHands(t *testing.T) {
	tr := long(t)
	for _, format := range []string{"csv", "tsv", "jsonl"} {
		q := export.Request{Format: format, Fields: []string{"all"}}
		hands(t, 1)
		want := write(t, tr, q, "a.pcapng", "b.pcapng")
		hands(t, 5)
		if got := write(t, tr, q, "a.pcapng", "b.pcapng"); got != want {
			t.Errorf("%s: %d bytes by several, %d by one, or others", format, len(got), len(want))
		}
	}
}

// failing is an output that fails, or is told to stop, when it was given so many pieces.
type failing struct {
	pieces int
	then   func() error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.pieces--; f.pieces < 0 {
		return 0, f.then()
	}
	return len(p), nil
}

func TestManyHandsStop(t *testing.T) {
	tr := long(t)
	hands(t, 4)
	ctx, cancel := context.WithCancel(context.Background())
	full := errors.New("full")
	for _, c := range []struct {
		name string
		then func() error
		want error
	}{
		{"a full disk", func() error { return full }, full},
		{"an interruption", func() error { cancel(); return nil }, context.Canceled},
	} {
		job, err := export.NewJob(export.Request{}, export.Formats())
		if err != nil {
			t.Fatal(err)
		}
		w, err := job.Open(&failing{pieces: 3, then: c.then})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Trace(ctx, "a.pcapng", tr, nil); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if w.Kept.Rows >= uint64(tr.Len()) {
			t.Errorf("%s: all %d rows are counted as written", c.name, w.Kept.Rows)
		}
	}
}
