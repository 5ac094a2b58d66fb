package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
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
	if none || !more || capped.Rows >= whole.Rows {
		t.Errorf("%d rows of %d, more of them: %v, without a limit: %v", capped.Rows, whole.Rows, more, none)
	}
	rows, counts := kindsOf(whole)
	listed, told := kindsOf(capped)
	for kind, n := range rows {
		if listed[kind] != min(n, most) || told[kind] != counts[kind] {
			t.Errorf("%s: %d rows tell of %d, without a limit %d of %d", kind, listed[kind], told[kind], n, counts[kind])
		}
	}
	if counts["MP_JOIN with the token of no connection seen so far"] != orphans {
		t.Errorf("counted: %v", counts)
	}
	if last, _ := analysis.Issues(tr, all[orphans-1:], false, most); last.Rows == 0 {
		t.Error("nothing of the last connection")
	}
}

// kindsOf has how many rows there are of each kind, and of how many cases they tell: all of a kind tell the whole count, or each its own.
func kindsOf(list *display.Table) (rows map[string]int, cases map[string]uint64) {
	rows, cases = map[string]int{}, map[string]uint64{}
	for row := range list.Rows {
		kind, _, _ := strings.Cut(list.Cell(row, 6).Text(), ": ")
		rows[kind]++
		if n := list.Cell(row, 7).Uint(); n > 1 {
			cases[kind] = n
		} else {
			cases[kind] += n
		}
	}
	return rows, cases
}
