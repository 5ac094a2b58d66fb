package console_test

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core"
)

func TestMark(t *testing.T) {
	for _, test := range []struct {
		line       string
		start, end int
		want       string
	}{
		{"plot dns 0", 5, 8, "  plot dns 0\n       ^^^\n"},
		{"größer x", 10, 11, ""},
		{"größer x", 9, 10, "  größer x\n         ^\n"}, // two letters of two bytes each
		{"lc", 0, 0, ""},
		{"lc", 1, 9, ""},
		{"two\nlines", 0, 3, ""},
	} {
		if got := console.Mark(test.line, test.start, test.end); got != test.want {
			t.Errorf("Mark(%q, %d, %d) = %q, want %q", test.line, test.start, test.end, got, test.want)
		}
	}
}

func TestTell(t *testing.T) {
	wrong := &core.LineError{Message: "unknown word", Text: "lc x", Start: 3, End: 4, Line: 7, Usage: "lc", Misuse: true}
	var b strings.Builder
	console.Tell(&b, fmt.Errorf("reading: %w", wrong), "script")
	if want := "error: script:7: unknown word\n  lc x\n     ^\nusage: lc\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	for err, want := range map[error]int{nil: console.Fine, wrong: console.Usage, errors.New("x"): console.Failed} {
		if got := console.Status(err); got != want {
			t.Errorf("status of %v is %d, want %d", err, got, want)
		}
	}
}

// TestTold holds that a program whose help was lost says so, unless nobody was to read it.
func TestTold(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		said   string
	}{{nil, console.Fine, ""}, {syscall.EPIPE, console.Fine, ""}, {errors.New("no space left"), console.Failed, "p: no space left\n"}} {
		var said strings.Builder
		if status := console.Told(&said, "p", c.err); status != c.status || said.String() != c.said {
			t.Errorf("%v: status %d, said %q", c.err, status, said.String())
		}
	}
}
