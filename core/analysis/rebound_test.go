package analysis

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// TestContinuations holds that streams go on with each other's numbers where the lab's NAT forgot a binding, with the addresses
// that it gave, and in no other capture.
func TestContinuations(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(coretest.Captures(), "*.pcapng"))
	if err != nil || len(names) == 0 {
		t.Fatal("no captures", err)
	}
	found := 0
	for _, name := range names {
		tr := coretest.Trace(t, name)
		moved := findContinuations(tr)
		for before, next := range moved.next {
			found++
			from, to := tr.Streams[before].Client, next.from
			if from.Addr().String() != "10.0.1.1" || to.Addr().String() != "10.0.1.77" || from.Port() != ^to.Port() || moved.before[next.stream] != before {
				t.Errorf("%s: %s goes on as %s", filepath.Base(name), from, to)
			}
		}
		rebound := strings.HasPrefix(filepath.Base(name), "cause-nat-rebound.server") || strings.HasPrefix(filepath.Base(name), "cause-cut-off.server")
		if len(moved.next) != btoi(rebound) {
			t.Errorf("%s: %d streams go on elsewhere", filepath.Base(name), len(moved.next))
		}
	}
	if found != 2 {
		t.Errorf("%d captures show a new binding", found)
	}
}
