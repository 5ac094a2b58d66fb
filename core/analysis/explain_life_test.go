package analysis_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestLifeOfFlood holds that the life of a connection which many joins are asked of can be read: the first ones are told, and how many
// there are.
func TestLifeOfFlood(t *testing.T) {
	for _, c := range []struct {
		joins, rows int
		word        string
	}{
		{50, 50, "to 10.0.50.2:5001."},
		{51, 50, "And 1 more like this, the last in packet 54."},
		{3000, 50, "And 2 950 more like this, the last in packet 3003."},
	} {
		var script strings.Builder
		script.WriteString("0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n")
		for i := range c.joins {
			fmt.Fprintf(&script, "1.%06d C>S %d S mp_join id=2\n", i, i+1)
		}
		tr, _ := fromScript(t, script.String())
		asked, last := 0, ""
		for _, row := range cells(explained(t, tr, &tr.Conns[0]).Life) {
			if strings.Contains(row["what"], "SYN with MP_JOIN") {
				asked, last = asked+1, row["what"]
			}
		}
		if asked != c.rows || !strings.HasSuffix(strings.ReplaceAll(last, "\u2009", " "), c.word) {
			t.Errorf("%d joins: %d rows, the last one says %q", c.joins, asked, last)
		}
	}
}
