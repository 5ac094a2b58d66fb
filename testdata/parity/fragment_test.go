package main

import (
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
)

// TestMend puts fragments together: where the last one stands, whichever that is, and not at all if one is missing.
func TestMend(t *testing.T) {
	const script = `
flow 1 [fd00::1]:4001 [fd00::2]:5001
0 C>S 0 . len=100 frag=80/2
1 C>S 0 . len=0 seq=1
2 C>S 0 . len=100 seq=1 frag=80/1
3 C>S 0 . len=100 seq=101 frag=40/1
4 C>S 0 . len=100 seq=101 frag=40/3
5 C>S 1 . len=100 frag=64/1
6 C>S 1 . len=100 seq=1 frag=64/1
7 C>S 1 . len=100 seq=1 frag=64/2
8 C>S 1 . len=100 seq=101 cut=100 frag=64/1
9 C>S 0 . len=100 seq=201 cut=80 frag=80/1
`
	file, err := dissecttest.Capture(script)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mend(file)
	if err != nil {
		t.Fatal(err)
	}
	_, segments, err := loadFile(m.file)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		frame, length uint32
		second        int64
		whole         bool
	}{{2, 0, 1, true}, {3, 100, 2, true}, {6, 100, 7, true}, {10, 60, 9, false}}
	if len(segments) != len(want) || len(m.rows) != len(want) {
		t.Fatalf("%d segments of frames %v", len(segments), m.rows)
	}
	for i, w := range want {
		s := &segments[i]
		if second := s.time/1e9 - 1_700_000_000; m.rows[i] != w.frame || s.length != w.length || second != w.second || s.whole != w.whole {
			t.Errorf("row %d: %d bytes of frame %d at second %d, whole %v", i, s.length, m.rows[i], second, s.whole)
		}
	}
}
