package core

import (
	"context"
	"io/fs"
	"testing"
)

// TestInstead: a face's user is told what to do where the face cannot.
func TestInstead(t *testing.T) {
	missing := func(name string) (Source, error) {
		return Source{}, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	s := New(Options{Open: missing, Instead: Instead{Open: "drop it", Redirect: "press CSV"}})
	for line, want := range map[string]string{
		"load x.pcap":  "load: x.pcap: no such file: drop it",
		"load":         "load: FILE is missing: drop it",
		"lc":           "lc: no capture is loaded: drop it",
		"lc > x.csv":   "answers cannot be redirected here: press CSV",
		"lc | sort":    "answers cannot be redirected here: press CSV",
		"ls 0 x.pcap ": `ls: unexpected word "x.pcap"`,
	} {
		if err := s.Run(context.Background(), line, asked{shown: &[]string{}}); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
}
