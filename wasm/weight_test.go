//go:build !js

package main_test

import (
	"compress/gzip"
	"io/fs"
	"os"
	"testing"
)

// heaviest is what the page may weigh, in bytes with gzip: that is less than 2.7 MB with brotli, which make bench prints, but which takes
// a minute to find out.
const heaviest = 3_700_000

// TestWeight weighs all that a first visit loads before it is ready: the module, the charts, the page. When it fails, look for
// a library that came in, and whether the linker still leaves methods out: go build -ldflags=-dumpdep names <ReflectMethod>
// where one may be called by any name.
func TestWeight(t *testing.T) {
	var packed counter
	pages := os.DirFS(dist)
	err := fs.WalkDir(pages, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !firstVisit(name) {
			return err
		}
		content, err := fs.ReadFile(pages, name)
		if err != nil {
			return err
		}
		before := packed
		z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			return err
		}
		if _, err := z.Write(content); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		t.Logf("%9d bytes, %8d with gzip: %s", len(content), packed-before, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if packed < 1_000_000 || packed > heaviest {
		t.Errorf("the page has %d bytes with gzip, at most %d are wanted", packed, heaviest)
	}
}

// counter counts the bytes written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
