package core

import "testing"

// TestNearestFile holds that captures are suggested where a capture is wanted.
func TestNearestFile(t *testing.T) {
	files := []string{"d/two.json", "d/two.client.pcapng", "d/two.server.pcapng.gz", "d/notes.txt"}
	c := &Call{Command: &Command{Params: []Param{{Name: "FILE", Kind: Capture}, {Name: "OTHER", Kind: Path}}}}
	for _, try := range [][3]string{
		{"FILE", "d/two.", "d/two.client.pcapng or d/two.server.pcapng.gz"}, {"FILE", "d/two.clientt.pcapng", "d/two.client.pcapng"},
		{"FILE", "d/note.txt", "d/notes.txt"}, {"OTHER", "d/two.jsn", "d/two.json"},
	} {
		if got := c.nearestFile(try[0], try[1], files); got != try[2] {
			t.Errorf("%s: %q, want %q", try[1], got, try[2])
		}
	}
}
