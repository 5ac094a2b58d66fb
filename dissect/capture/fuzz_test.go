package capture

import (
	"os"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
)

// FuzzFeed feeds any bytes whole and in chunks of any size; both must show the same, and frames must be of the file.
func FuzzFeed(f *testing.F) {
	for _, c := range oddFiles() {
		if len(c.file) < 4096 {
			f.Add(c.file, []byte{1, 2, 3, 60})
		}
	}
	f.Add(gzipped(bulk(2)), []byte{9})
	f.Add(zstandardised(bulk(2)), []byte{9})
	for _, file := range mergeFiles() {
		f.Add(file, []byte{0, 255, 4})
	}
	for _, name := range corpus.Files(f, "public/*/*.pcap*") {
		if b, err := os.ReadFile(name); err == nil && len(b) < 4096 {
			f.Add(b, []byte{17})
		}
	}
	f.Fuzz(func(t *testing.T, file, sizes []byte) {
		if len(file) > 1<<16 {
			return
		}
		whole := readWhole(file)
		i := 0
		split := read(file, func(left int) int {
			if len(sizes) == 0 {
				return 1
			}
			n := int(sizes[i%len(sizes)]) + 1
			i++
			return min(n, left)
		})
		if !same(whole, split) {
			t.Fatalf("whole %v\nsplit by %v %v", whole, sizes, split)
		}
		checkFrames(t, file, whole)
	})
}

func checkFrames(t *testing.T, file []byte, o outcome) {
	t.Helper()
	total := 0
	for i, f := range o.Frames {
		if f.Number != uint32(i+1) {
			t.Fatalf("frame %d is numbered %d", i+1, f.Number)
		}
		if f.Link != NoLink && f.Link != o.Interfaces[f.Interface].Link {
			t.Fatalf("%+v of %+v", f, o.Interfaces[f.Interface])
		}
		total += len(f.Data)
	}
	compressed := len(o.Format) > 5 && o.Format[4] == ' ' && (o.Format[:4] == "gzip" || o.Format[:4] == "zstd")
	if !compressed && total > len(file) {
		t.Fatalf("%d bytes of frames from a file of %d", total, len(file))
	}
	if o.Err == nil && o.Format == "" {
		t.Fatal("neither a format nor an error")
	}
	if o.Cut != nil && o.Cut.Frame != uint32(len(o.Frames)+1) {
		t.Fatalf("%d frames, cut %+v", len(o.Frames), o.Cut)
	}
}
