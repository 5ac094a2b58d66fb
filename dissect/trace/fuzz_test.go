package trace_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// situations are the captures of testdata/packets.
func situations(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob("../../testdata/packets/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no situations")
	}
	m := map[string][]byte{}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := dissecttest.Capture(string(a.Files[0].Data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		m[strings.TrimSuffix(filepath.Base(name), ".txtar")] = file
	}
	return m
}

// FuzzLoad feeds anything to the whole pipeline: it gives a Trace that is consistent, or says that this is no capture.
func FuzzLoad(f *testing.F) {
	for _, file := range situations(f) {
		f.Add(file)
	}
	for _, name := range []string{"cut.pcapng", "header.pcapng"} {
		file, err := os.ReadFile(filepath.Join("../../testdata/faulty", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) { checkAny(t, file) })
}

// checkAny loads bytes of any kind.
func checkAny(t *testing.T, file []byte) {
	t.Helper()
	tr, err := trace.Load(context.Background(), bytes.NewReader(file), trace.Options{})
	if err != nil {
		var format *capture.FormatError
		if !errors.As(err, &format) {
			t.Fatalf("unexpected error: %v", err)
		}
		return
	}
	checkConsistent(t, tr)
}

// checkConsistent wants of a Trace what is true of any.
func checkConsistent(t *testing.T, tr *trace.Trace) {
	t.Helper()
	rows := 0
	for _, s := range tr.Streams {
		rows += len(tr.StreamRows(s.ID))
		if s.Toward[1].Packets+s.Toward[2].Packets != uint64(len(tr.StreamRows(s.ID))) {
			t.Errorf("stream %d: sums do not match its rows", s.ID)
		}
	}
	if rows != tr.Len() || uint64(rows) != tr.Capture.Kept || tr.Capture.Kept > tr.Capture.Frames {
		t.Errorf("%d rows in streams, %d in all, %d kept of %d frames", rows, tr.Len(), tr.Capture.Kept, tr.Capture.Frames)
	}
	for i := range tr.Conns {
		c := &tr.Conns[i]
		if i > 0 && c.ID <= tr.Conns[i-1].ID {
			t.Errorf("connections %d and %d are not in order", tr.Conns[i-1].ID, c.ID)
		}
		if tr.ConnByID(c.ID) != c || len(tr.ConnRows(c.ID)) == 0 || len(c.Subflows) == 0 {
			t.Errorf("connection %d has no rows, or is not found", c.ID)
		}
		for _, n := range c.Toward {
			if n.Unique > n.Bytes || n.Reinjected > n.Bytes || n.Retransmitted > n.Bytes || n.Unmapped > n.Bytes {
				t.Errorf("connection %d: more than all bytes: %+v", c.ID, n)
			}
		}
	}
	var b strings.Builder
	var r trace.Row
	writeRows(t, &b, tr, nil)
	for i := range tr.Len() {
		tr.Row(i, &r)
		for _, of := range r.ReinjectionOf {
			var o trace.Row
			tr.Row(int(of)-1, &o)
			if of >= r.ID || o.Stream == r.Stream || o.ConnID != r.ConnID || o.ConnDest != r.ConnDest {
				t.Errorf("packet %d is no reinjection of %d", r.ID, of)
			}
		}
		if r.InConn && tr.ConnByID(r.ConnID).Subflows[r.Ordinal].Stream != r.Stream {
			t.Errorf("packet %d: ordinal %d is another subflow", r.ID, r.Ordinal)
		}
	}
}

// TestEveryByteFlipped flips every byte of some captures, one after the other.
func TestEveryByteFlipped(t *testing.T) {
	all := situations(t)
	for _, name := range []string{"v1-handshake", "v0-handshake"} {
		file := all[name]
		for i := range file {
			for _, flip := range []byte{0xff, 0x01} {
				file[i] ^= flip
				checkAny(t, file)
				file[i] ^= flip
			}
		}
	}
}

// TestEndsAnywhere cuts a capture at every length: what came before the cut is there.
func TestEndsAnywhere(t *testing.T) {
	file := situations(t)["v1-handshake"]
	whole := uint64(0)
	for n := range file {
		tr, err := trace.Load(context.Background(), bytes.NewReader(file[:n]), trace.Options{})
		if err != nil {
			if n > 28 {
				t.Errorf("cut after %d bytes: %v", n, err)
			}
			continue
		}
		if tr.Capture.Kept < whole {
			t.Fatalf("cut after %d bytes: %d rows, before it was %d", n, tr.Capture.Kept, whole)
		}
		whole = tr.Capture.Kept
		if tr.Capture.Cut != nil && tr.Capture.Cut.Error() == "" {
			t.Errorf("cut after %d bytes without a word", n)
		}
	}
	if whole < 10 {
		t.Errorf("only %d rows were ever seen", whole)
	}
}
