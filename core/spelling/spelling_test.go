package spelling_test

import (
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/spelling"
)

// TestNearest holds what is suggested: few letters differ, and of words that are equally near that with the same letters.
func TestNearest(t *testing.T) {
	known := []string{"dss", "dsn", "dack", "tput"}
	for word, want := range map[string]string{"dns": "dsn", "dsss": "dss", "tptu": "tput", "DSN": "dsn", "retransmission": ""} {
		if got := spelling.Nearest(word, known); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}
