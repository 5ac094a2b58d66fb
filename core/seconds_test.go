package core_test

import (
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
)

func TestSeconds(t *testing.T) {
	for word, want := range map[string]int64{"1.25": 1_250_000_000, "-0.000000001": -1, "3": 3_000_000_000, ".5": 500_000_000} {
		if got, err := core.Seconds(word); err != nil || got != want {
			t.Errorf("%s: %d ns, want %d: %v", word, got, want, err)
		}
	}
	for _, word := range []string{"", "1m", "5m3", "1e3", "0x1", "1 ", "1s", "--1", "1_0", "99999999999999", "nan"} {
		if got, err := core.Seconds(word); err == nil {
			t.Errorf("%q is taken for %d ns", word, got)
		}
	}
}
