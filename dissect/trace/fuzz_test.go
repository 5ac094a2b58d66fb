package trace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
			if n.Unique+n.Unmapped > n.Bytes || n.Reinjected > n.Bytes || n.Retransmitted > n.Bytes {
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

// FuzzScript turns bytes into a packet script, eight of them into a line, so that the fuzzer gets at the tables without
// having to write files: handshakes, joins, mappings and closes in any order, with any numbers.
func FuzzScript(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\x09\x01\x00\x00\x00\x00\x00\x00\x10\x02\x00\x00\x00\x00\x00\x00" +
		"\x1a\x04\x00\x01\x20\x01\x00\x00\x1a\x04\x01\x01\x20\x01\x00\x00\x1a\x04\x00\x01\x40\x02\x01\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		script := scriptOf(b)
		file, err := dissecttest.Capture(script)
		if err != nil {
			t.Fatalf("%v:\n%s", err, script)
		}
		tr, err := trace.Load(context.Background(), bytes.NewReader(file), trace.Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkConsistent(t, tr)
		checkScan(t, file, tr)
		if t.Failed() {
			t.Log(script)
		}
	})
}

// checkScan wants of a scan, which takes fewer of the short ways that usual packets have, the rows of the Trace.
func checkScan(t *testing.T, file []byte, tr *trace.Trace) {
	t.Helper()
	sink := &text{columns: trace.Columns()}
	if _, err := trace.Scan(context.Background(), bytes.NewReader(file), sink, trace.Options{}); err != nil {
		t.Fatal(err)
	}
	got, want := strings.Split(sink.b.String(), "\n"), strings.Split(render(t, tr, "rows"), "\n")
	if len(got) != len(want) {
		t.Fatalf("a scan gives %d rows, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("a scan gives\n%s\nwant\n%s", got[i], want[i])
		}
	}
}

// scriptOf makes a line of each eight bytes.
func scriptOf(b []byte) string {
	var s strings.Builder
	for i := 0; len(b) >= 8 && i < 200; i++ {
		fmt.Fprintf(&s, "%d.%03d %s %d", i/1000, i%1000, []string{"C>S", "S>C"}[b[0]&1], b[0]>>1&3)
		flags := []string{"S", "S.", ".", "P.", "F.", "R", "R.", "-"}[b[0]>>3&7]
		fmt.Fprintf(&s, " %s", flags)
		if b[1]&0x80 != 0 {
			fmt.Fprintf(&s, " seq=%d", int(b[2])*64)
		}
		n := 0
		if b[1]&0x60 != 0 {
			n = int(b[3]) << (b[1] >> 5 & 3)
			fmt.Fprintf(&s, " len=%d", n)
		}
		writeOption(&s, b, n)
		s.WriteByte('\n')
		b = b[8:]
	}
	return s.String()
}

// writeOption writes the option that eight bytes stand for.
func writeOption(s *strings.Builder, b []byte, n int) {
	width := []string{"4", "8"}[b[4]&1]
	dsn, ssn := int(b[5])<<(b[4]>>5), int(b[6])<<(b[4]>>5)
	switch b[1] & 15 {
	case 0, 1:
		fmt.Fprintf(s, " mp_capable flags=%#x", b[4])
	case 2:
		fmt.Fprintf(s, " mp_capable")
		if b[0]>>3&7 > 1 { // no SYN
			fmt.Fprintf(s, " dlen=%d", int(b[3])<<1)
		}
	case 3:
		fmt.Fprintf(s, " mp_join id=%d", b[4])
	case 4:
		fmt.Fprintf(s, " mp_join id=%d", b[4])
		if b[0]>>3&7 == 0 { // a SYN
			fmt.Fprintf(s, " token=%#x nonce=%d", b[5]&3, b[6])
		}
	case 5, 6, 7, 8:
		fmt.Fprintf(s, " dss dsn%s=%d ssn=%d dlen=%d ack%s=%d", width, dsn, ssn, max(n+int(int8(b[7])&^3), 0), width, b[7])
	case 9:
		fmt.Fprintf(s, " dss dsn%s=0x%x ssn=%d fin", width, uint32(dsn)<<20, ssn)
	case 10:
		fmt.Fprintf(s, " dss ack%s=%d", width, dsn)
	case 11:
		fmt.Fprintf(s, " add_addr id=%d addr=10.1.1.%d", b[4], b[5])
	case 12:
		fmt.Fprintf(s, " mp_fastclose key=%d mp_tcprst reason=%d", b[4]&3, b[5])
	case 13:
		fmt.Fprintf(s, " mp_fail dsn=%d mp_prio backup", dsn)
	case 14:
		fmt.Fprintf(s, " dss dsn%s=%d ssn=%d csum", width, dsn, ssn)
	}
}
