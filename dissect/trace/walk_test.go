package trace_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// checkWalk walks through the files of a trace and compares each frame with its row.
func checkWalk(t *testing.T, tr *trace.Trace, sources ...io.Reader) {
	t.Helper()
	var r trace.Row
	frames, rows, skipped := uint64(0), 0, map[string]uint64{}
	for f, err := range tr.Walk(context.Background(), sources...) {
		if err != nil {
			t.Fatal(err)
		}
		frames++
		if f.Number != uint32(frames) {
			t.Fatalf("frame %d comes as number %d", f.Number, frames)
		}
		p := f.Packet
		if !f.Kept {
			skipped[p.Kind.String()]++
			continue
		}
		if f.Row != uint32(rows) || tr.FrameOf(f.Row) != f.Number {
			t.Fatalf("frame %d: row %d, want %d, which is of frame %d", f.Number, f.Row, rows, tr.FrameOf(f.Row))
		}
		tr.Row(rows, &r)
		if f.Time != r.Time || f.NoTime != r.NoTime || f.Interface != r.Interface || p.PayloadLen != r.Len ||
			p.Src.Netip(p.V6) != r.Src.Addr() || p.SrcPort != r.Src.Port() || len(p.Payload()) > len(f.Data) ||
			(p.NumMPTCP > 0) != r.HasMPTCP || f.Link != tr.Interfaces[f.Interface].Link {
			t.Fatalf("frame %d: %+v is not of row %+v", f.Number, f, r)
		}
		for i, o := range r.Options {
			if !bytes.Equal(o, p.MPTCP[i]) {
				t.Fatalf("frame %d: option %x, the row has %x", f.Number, p.MPTCP[i], o)
			}
		}
		rows++
	}
	if frames != tr.Capture.Frames || rows != tr.Len() {
		t.Fatalf("%d frames and %d rows, want %d and %d", frames, rows, tr.Capture.Frames, tr.Len())
	}
	for kind, n := range tr.Capture.Skipped {
		if skipped[kind] != n {
			t.Errorf("%d frames skipped as %s, want %d", skipped[kind], kind, n)
		}
	}
}

func packed(t *testing.T, file []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestWalk walks through captures whole, cut and compressed.
func TestWalk(t *testing.T) {
	for name, whole := range situations(t) {
		for _, file := range [][]byte{whole, whole[:len(whole)-10], packed(t, whole)} {
			tr, err := trace.Load(context.Background(), bytes.NewReader(file), trace.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Run(name, func(t *testing.T) { checkWalk(t, tr, bytes.NewReader(file)) })
		}
	}
}

// TestWalkMerged walks through captures merged by time: both ends of one transfer.
func TestWalkMerged(t *testing.T) {
	dir := filepath.Join("..", "..", "testdata", "captures")
	open := func() (list []io.Reader) {
		for _, name := range []string{"handover.client.pcapng", "handover.server.pcapng"} {
			f, err := os.Open(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { f.Close() })
			list = append(list, f)
		}
		return list
	}
	tr, err := trace.LoadMerged(context.Background(), open(), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkWalk(t, tr, open()...)
}

// TestWalkCorpus walks through captures with frames that are not TCP, of several links and formats.
func TestWalkCorpus(t *testing.T) {
	dir := corpus.Dir(t)
	for _, name := range []string{"linux-v1/v1_two_subflows.twoif.pcapng", "public/DPI-MPTCP/flood.pcap",
		"linux-v1/v1_snaplen96.pcap", "public/mptcp-nids-evasion-tests/SQL_Injection_scenario3_r4_eth1.pcapng"} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		t.Run(name, func(t *testing.T) { checkWalk(t, load(t, filepath.Join(dir, name)), f) })
	}
}

// TestWalkEnds holds that a loop may be left, that errors are its last step, and that another file is told from the
// one that was loaded.
func TestWalkEnds(t *testing.T) {
	files := situations(t)
	file, ctx := files["v1-handshake"], context.Background()
	tr, err := trace.Load(ctx, bytes.NewReader(file), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for f, err := range tr.Walk(ctx, bytes.NewReader(packed(t, file))) {
		if err != nil || f.Packet.Kind != packet.TCP {
			t.Fatal(f, err)
		}
		break
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := walkError(t, tr, cancelled, file); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
	var changed *trace.ChangedError
	for name, other := range map[string][]byte{"another": files["v0-handshake"], "a shorter": file[:len(file)*2/3]} {
		if err := walkError(t, tr, ctx, other); !errors.As(err, &changed) || (changed.Frame == 0) != (name == "a shorter") {
			t.Errorf("%s file gives %v", name, err)
		}
	}
	if err := walkError(t, tr, ctx, []byte("no capture at all, but a text")); err == nil || errors.As(err, &changed) {
		t.Errorf("a text gives %v", err)
	}
}

// walkError is the error that ends a walk, its last step.
func walkError(t *testing.T, tr *trace.Trace, ctx context.Context, file []byte) (last error) {
	t.Helper()
	for f, err := range tr.Walk(ctx, bytes.NewReader(file)) {
		if last != nil || err != nil && f != nil {
			t.Fatalf("a step after %v, or a frame with %v", last, err)
		}
		last = err
	}
	return last
}
