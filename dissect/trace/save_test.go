package trace_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// savedCaptures are those of the project and, where it is there, of the corpus.
func savedCaptures(t *testing.T) []string {
	var files []string
	roots := []string{"../../testdata"}
	if dir := corpus.Folder(t); dir != "" {
		roots = append(roots, dir)
	}
	for _, root := range roots {
		_ = filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
			if err == nil && e.Type().IsRegular() {
				files = append(files, path)
			}
			return nil
		})
	}
	return files
}

// What is restored equals what was saved, in every field of every row, stream, connection and issue.
func TestSaveRestore(t *testing.T) {
	n := 0
	for _, file := range savedCaptures(t) {
		f, err := os.Open(file)
		if err != nil {
			continue
		}
		was, err := trace.Load(context.Background(), f, trace.Options{})
		f.Close()
		if err != nil {
			continue // no capture
		}
		n++
		var saved bytes.Buffer
		if err := was.Save(&saved); err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		is, err := trace.Restore(bytes.NewReader(saved.Bytes()), int64(saved.Len()))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		equalTraces(t, file, was, is)
	}
	if n < 15 {
		t.Errorf("only %d captures were found", n)
	}
	t.Logf("%d captures", n)
}

func equalTraces(t *testing.T, file string, was, is *trace.Trace) {
	t.Helper()
	if was.Capture.Cut != nil {
		if is.Capture.Cut == nil || was.Capture.Cut.Error() != is.Capture.Cut.Error() {
			t.Errorf("%s: the cut %v became %v", file, was.Capture.Cut, is.Capture.Cut)
		}
	}
	a, b := was.Capture, is.Capture
	a.Cut, b.Cut = nil, nil
	for _, pair := range []struct {
		what    string
		was, is any
	}{
		{"capture", a, b}, {"interfaces", was.Interfaces, is.Interfaces}, {"streams", was.Streams, is.Streams},
		{"connections", was.Conns, is.Conns}, {"issues", was.Issues, is.Issues}, {"rows", was.Len(), is.Len()},
		{"option rows", was.OptionRows(), is.OptionRows()},
	} {
		if !reflect.DeepEqual(pair.was, pair.is) {
			t.Fatalf("%s: %s differ", file, pair.what)
		}
	}
	for i := range was.Streams {
		if !reflect.DeepEqual(was.StreamRows(uint32(i)), is.StreamRows(uint32(i))) {
			t.Fatalf("%s: the rows of stream %d differ", file, i)
		}
	}
	for i := range was.Len() {
		var x, y trace.Row
		was.Row(i, &x)
		is.Row(i, &y)
		if !sameRow(&x, &y) {
			t.Fatalf("%s: row %d was\n%+v\nand is\n%+v", file, i, x, y)
		}
		dsnX, okX := was.DSN(uint32(i))
		dsnY, okY := is.DSN(uint32(i))
		dackX, _ := was.DACK(uint32(i))
		dackY, _ := is.DACK(uint32(i))
		if dsnX != dsnY || okX != okY || dackX != dackY {
			t.Fatalf("%s: row %d: DSN or DACK differ", file, i)
		}
	}
}

// sameRow compares all that a row tells; what it points to inside of its trace is another's.
func sameRow(x, y *trace.Row) bool {
	a, b := reflect.ValueOf(x).Elem(), reflect.ValueOf(y).Elem()
	for i := range a.NumField() {
		if a.Type().Field(i).IsExported() && !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			return false
		}
	}
	for _, d := range []stream.Dest{stream.Client, stream.Server} {
		if !reflect.DeepEqual(x.End(d), y.End(d)) {
			return false
		}
	}
	return true
}

// Bytes that are damaged give an error or other numbers, never a panic, and no more memory than they are worth.
func TestRestoreDamaged(t *testing.T) {
	f, err := os.Open("../../testdata/captures/fallback.client.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	was, err := trace.Load(context.Background(), f, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var saved bytes.Buffer
	if err := was.Save(&saved); err != nil {
		t.Fatal(err)
	}
	whole := saved.Bytes()
	refused := 0
	for i := 0; i < len(whole); i += 1 + len(whole)/3000 {
		for _, damage := range []func([]byte) []byte{
			func(b []byte) []byte { return b[:i] },
			func(b []byte) []byte { b[i] ^= 0xff; return b },
			func(b []byte) []byte { b[i]++; return b },
		} {
			if _, err := trace.Restore(bytes.NewReader(damage(bytes.Clone(whole))), int64(len(whole))); err != nil {
				refused++
			}
		}
	}
	if refused < 1000 {
		t.Errorf("only %d damaged ones were refused", refused)
	}
	if _, err := trace.Restore(strings.NewReader(""), 0); err == nil {
		t.Error("nothing was restored")
	}
}
