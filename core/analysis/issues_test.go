package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
)

// TestIssuesCapped holds that of one kind no more are listed than asked for, that the others are counted, and that a connection's
// own list has them.
func TestIssuesCapped(t *testing.T) {
	const orphans, most = 130, 25
	var script strings.Builder
	for i := range orphans {
		fmt.Fprintf(&script, "%d C>S %d S mp_join id=1 token=%d\n", i, i, 1000+i)
	}
	tr, _ := fromScript(t, script.String())
	if len(tr.Conns) != orphans {
		t.Fatalf("%d connections", len(tr.Conns))
	}
	var all []*conn.Conn
	for i := range tr.Conns {
		all = append(all, &tr.Conns[i])
	}
	whole, none := analysis.Issues(tr, all, true, 0)
	capped, more := analysis.Issues(tr, all, true, most)
	if none != 0 || more == 0 || uint64(capped.Rows)+more != uint64(whole.Rows) {
		t.Errorf("%d rows and %d more, of %d", capped.Rows, more, whole.Rows)
	}
	const what, count = 6, 7
	kinds := map[string]int{}
	for row := range capped.Rows {
		name, _, _ := strings.Cut(capped.Cell(row, what).Text(), ": ")
		kinds[name]++
		if n := capped.Cell(row, count).Uint(); n != orphans {
			t.Errorf("%s: counted %d times, there are %d", name, n, orphans)
		}
	}
	for name, n := range kinds {
		if n != most {
			t.Errorf("%s: %d rows", name, n)
		}
	}
	if last, _ := analysis.Issues(tr, all[orphans-1:], false, most); last.Rows == 0 {
		t.Error("nothing of the last connection")
	}
}
