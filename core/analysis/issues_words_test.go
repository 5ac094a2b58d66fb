package analysis

import "testing"

// TestOneCopy holds that one segment seen twice is spoken of as one.
func TestOneCopy(t *testing.T) {
	for n, want := range map[uint64]string{
		1: "1 segment with data is an IP packet that was there before",
		9: "9 segments with data are IP packets that were there before",
	} {
		if got := segmentsThere(n); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
