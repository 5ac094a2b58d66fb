package analysis_test

import (
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
)

// A capture that cut the TCP options, as with a snaplen of 64, does not show whether MPTCP was used: nothing may say that it was not.
func TestOptionsCut(t *testing.T) {
	for cut, want := range map[string]string{
		"cut=54": "no packet shows MPTCP, but the capture cut the TCP options of 2 packets: capture with a snaplen of 128 or more",
		"":       "no packet carries MPTCP",
	} {
		script := "0 C>S 0 S " + cut + " ts=1/0\n0.01 S>C 0 S. " + cut + " ts=1/1\n0.02 C>S 0 .\n"
		tr, _ := fromScript(t, script)
		if len(tr.Conns) != 0 {
			t.Fatal("a connection")
		}
		list, _ := analysis.Issues(tr, []*conn.Conn{}, true, 0)
		told := 0
		for _, row := range cells(list) {
			if strings.HasPrefix(row["what"], "TCP options cut by the capture") && row["cure"] != "" {
				told++
			}
		}
		if got := analysis.Connections(tr).Empty; got != want || told != len(cut)/6 {
			t.Errorf("%q: %s, %d issues", cut, got, told)
		}
	}
}
