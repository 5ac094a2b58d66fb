package analysis_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// stoodStill is what explain tells of subflows that stood still; issues must tell as many.
func stoodStill(t *testing.T, tr *trace.Trace) string {
	t.Helper()
	var told []string
	for _, row := range cells(explained(t, tr, &tr.Conns[0]).Life) {
		if strings.Contains(row["what"], "stands still") {
			told = append(told, row["packetid"]+" "+row["what"])
		}
	}
	list, _ := analysis.Issues(tr, []*conn.Conn{&tr.Conns[0]}, true, 0)
	listed := 0
	for _, row := range cells(list) {
		if strings.HasPrefix(row["what"], "stood still") && row["cure"] != "" {
			listed++
		}
	}
	if listed != len(told) {
		t.Errorf("explain tells %d, issues %d", len(told), listed)
	}
	return strings.NewReplacer("\u202f", " ", "\u2009", " ").Replace(strings.Join(told, "\n"))
}

// TestStandstillInCaptures holds that both ends tell of a path that is silent from 0.8 s to 1.9 s: its subflow is not dead, and comes back.
func TestStandstillInCaptures(t *testing.T) {
	for end, want := range map[string]string{
		"client": "777 Subflow 0 stands still for 1.98 s: what the client sends on it from packet 777 (frame 789 in Wireshark) on (63.4 kB) is sent again and " +
			"not acknowledged, and the server is not heard on it before packet 1239; subflow 1 carries data meanwhile (packet 779).",
		"server": "794 Subflow 0 stands still for 1.96 s: nothing from the client comes on it between packets 794 and 1180; subflow 1 goes on (packet 795), " +
			"and brings what was missing, 143 kB or more.",
	} {
		tr := coretest.Trace(t, filepath.Join(coretest.Captures(), "two-path-upload."+end+".pcapng"))
		if told := stoodStill(t, tr); told != want {
			t.Errorf("%s: %q", end, told)
		}
	}
}

// TestStandstill holds that it takes data sent again, and a receiver that is not heard though it has room.
func TestStandstill(t *testing.T) {
	const begin = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n0.03 S>C 0 . dss ack8=1\n"
	const sent = "0.04 C>S 0 P. len=1400 dss dsn8=1 ssn=1 ack8=1\n0.05 S>C 0 . dss ack8=1401\n0.10 C>S 0 P. len=600 dss dsn8=1401 ssn=1401 ack8=1\n"
	again := func(at ...float64) (script string) {
		for _, s := range at {
			script += fmt.Sprintf("%.2f C>S 0 P. seq=1401 len=600 dss dsn8=1401 ssn=1401 ack8=1\n", s)
		}
		return script
	}
	const heard = "1.60 S>C 0 . dss ack8=2001\n"
	for name, c := range map[string]struct{ script, told string }{
		"outage": {begin + sent + again(0.3, 0.7, 1.5) + heard, "7 Subflow 0 stands still for 1.50 s: what the client sends on it from packet 7 on (600 B) is sent again " +
			"and not acknowledged, and the server is not heard on it before packet 11."},
		"large packets": {begin + "0.04 C>S 0 P. len=1400 dss dsn8=1 ssn=1 ack8=1\n0.30 C>S 0 P. seq=1 len=1400 dss dsn8=1 ssn=1 ack8=1\n0.90 C>S 0 P. seq=1 len=1400 dss dsn8=1 ssn=1 ack8=1\n",
			"5 Subflow 0 stands still for 860 ms: what the client sends on it from packet 5 on (1.40 kB) is sent again and not acknowledged, and the server is not heard " +
				"on it any more; none of its segments with data passed so far, of up to 1400 bytes."},
		"slow":        {begin + sent + heard, ""},
		"acks come":   {begin + sent + again(0.3) + "0.50 S>C 0 . dss ack8=1401\n" + again(0.7) + "0.90 S>C 0 . dss ack8=1401\n" + again(1.5) + heard, ""},
		"zero window": {begin + "0.04 C>S 0 P. len=1400 dss dsn8=1 ssn=1 ack8=1\n0.05 S>C 0 . win=0 dss ack8=1401\n" + strings.Join(strings.SplitAfter(sent, "\n")[2:], "") + again(0.3, 0.7, 1.5) + heard, ""},
		"one way":     {"0 C>S 0 S mp_capable\n0.02 C>S 0 . mp_capable\n" + strings.Join(strings.SplitAfter(sent, "\n")[2:], "") + again(0.3, 0.7, 1.5), ""},
		"brief":       {begin + sent + again(0.3) + "0.50 S>C 0 . dss ack8=2001\n", ""},
	} {
		tr, _ := fromScript(t, c.script)
		if told := stoodStill(t, tr); told != c.told {
			t.Errorf("%s: %q", name, told)
		}
	}
}
