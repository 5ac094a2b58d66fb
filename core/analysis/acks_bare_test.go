package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
)

// TestAcksBare holds that an end which sends acks alone, from some packet on without options, is not said to be plain TCP while the other
// end goes on with mappings; and that it is where that one stops, or where data has none.
func TestAcksBare(t *testing.T) {
	const begin = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n0.03 C>S 0 P. len=10 dss dsn8=1 ssn=1 ack8=1\n0.04 S>C 0 . dss ack8=11\n"
	for name, c := range map[string]struct {
		up, down string // options of what the client and the server send later
		want     analysis.Diagnosis
	}{
		"acks":         {"", "dss dsn8=%d ssn=%[1]d ack8=11", analysis.AcksBare},
		"both":         {"", "", analysis.PeerFellBack},
		"data as well": {"len=10", "dss dsn8=%d ssn=%[1]d ack8=11", analysis.PeerFellBack},
	} {
		script := begin
		for i := range 10 {
			down := c.down
			if down != "" {
				down = fmt.Sprintf(down, 1+100*i)
			}
			script += fmt.Sprintf("%.2f S>C 0 P. len=100 %s\n%.2f C>S 0 . %s\n", 0.1+0.1*float64(i), down, 0.15+0.1*float64(i), c.up)
		}
		tr, _ := fromScript(t, script)
		if got := analysis.Diagnose(tr, &tr.Conns[0])[0].Diagnosis; got != c.want {
			t.Errorf("%s: %s", name, got)
		}
		verdict := explained(t, tr, &tr.Conns[0]).Verdict
		if fell := strings.HasPrefix(verdict, "Fell back"); fell != (c.want == analysis.PeerFellBack) {
			t.Errorf("%s: %s", name, verdict)
		}
	}
}
