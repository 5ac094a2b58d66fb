package analysis_test

import (
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
)

// TestPortsReused holds that packets behind the end of a stream, of a connection between the same ports whose SYNs were not captured, do not
// make the ends disagree on their keys; and that a key that changes before the end does.
func TestPortsReused(t *testing.T) {
	const begin = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n0.03 C>S 0 P. len=10 dss dsn8=1 ssn=1 ack8=1\n0.04 S>C 0 . dss ack8=11\n"
	const ended = "0.05 C>S 0 F.\n0.06 S>C 0 F.\n0.07 C>S 0 .\n"
	for name, c := range map[string]struct {
		script string
		want   analysis.Diagnosis
	}{
		"behind the end":   {begin + ended + "0.3 C>S 0 . seq=90001 ack=80001 dss ack8=123456789012345679\n0.4 S>C 0 P. seq=80001 ack=90001 len=10 dss ack8=123456789012345678\n", analysis.PortsReused},
		"only the ack":     {begin + "0.05 C>S 0 F.\n0.4 S>C 0 P. seq=80001 ack=90001 len=10 dss ack8=123456789012345678\n", analysis.PortsReused},
		"behind a reset":   {begin + "0.045 S>C 0 P. len=10 dss dsn8=1 ssn=1 ack8=11\n0.05 S>C 0 R.\n0.4 C>S 0 F. seq=90001 ack=80001 dss ack8=123456789012345678\n", analysis.PortsReused},
		"a forged reset":   {begin + "0.05 S>C 0 R.\n0.4 S>C 0 P. seq=1 len=10 dss ack8=123456789012345678\n", analysis.KeysDiffer},
		"before the end":   {begin + "0.04 S>C 0 P. len=10 dss ack8=123456789012345678\n" + ended, analysis.KeysDiffer},
		"right at the end": {begin + ended + "0.3 S>C 0 . dss ack8=123456789012345678\n", analysis.KeysDiffer},
	} {
		tr, _ := fromScript(t, c.script)
		if got := analysis.Diagnose(tr, &tr.Conns[0])[0].Diagnosis; got != c.want {
			t.Errorf("%s: %s", name, got)
		}
		list, _ := analysis.Issues(tr, []*conn.Conn{&tr.Conns[0]}, true, 0)
		wrong := false
		for _, row := range cells(list) {
			wrong = wrong || row["severity"] == "error"
		}
		if wrong != (c.want == analysis.KeysDiffer) {
			t.Errorf("%s: errors %v", name, wrong)
		}
		_, failures, _ := analysis.Verify(tr, []*conn.Conn{&tr.Conns[0]})
		for _, row := range cells(failures) {
			if strings.Contains(row["check"], "DATA_ACK") && c.want == analysis.PortsReused {
				t.Errorf("%s: verify %v", name, row)
			}
		}
	}
}
