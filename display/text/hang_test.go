package text

import (
	"strings"
	"testing"
)

const preformatted = `Draw a chart, a colour for each subflow: solid towards the server, dashed towards the client.

    ls [CONNECTION] [--all] [--csv] [--json] [-H] [--where EXPR]

  --all         with what else is known of the ends and the subflows
  -n COUNT      größer als 3 µs → nichts
a-word-that-is-far-longer-than-any-line-of-a-narrow-terminal-can-ever-be and more`

// Lines fit, words stay whole, and a wide terminal has the text as it is.
func TestHung(t *testing.T) {
	for width := 12; width < 120; width++ {
		got := hung(preformatted, width)
		if a, b := strings.Fields(got), strings.Fields(preformatted); strings.Join(a, " ") != strings.Join(b, " ") {
			t.Fatalf("%d columns have other words:\n%s", width, got)
		}
		for _, line := range strings.Split(got, "\n") {
			if Width(line) > width && len(strings.Fields(line)) > 1 {
				t.Errorf("%d columns: %q has %d", width, line, Width(line))
			}
		}
	}
	if got := hung(preformatted, 100); got != preformatted {
		t.Errorf("a wide terminal has\n%s", got)
	}
	want := "  --all         with what else\n                is known of the\n                ends and the\n                subflows"
	if got := hung("  --all         with what else is known of the ends and the subflows", 32); got != want {
		t.Errorf("got\n%s", got)
	}
}
