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

// silent is what explain and issues tell of subflows that fell silent, and whether explain sends to addresses.
func silent(t *testing.T, tr *trace.Trace) (told, listed string, next bool) {
	t.Helper()
	c := &tr.Conns[0]
	e := explained(t, tr, c)
	for _, row := range cells(e.Life) {
		if strings.Contains(row["what"], "falls silent") {
			told += row["packetid"] + " " + row["what"]
		}
	}
	for _, row := range cells(e.Next) {
		next = next || row["command"] == "addresses 0"
	}
	list, _ := analysis.Issues(tr, []*conn.Conn{c}, true, 0)
	for _, row := range cells(list) {
		if strings.Contains(row["what"], "fell silent") {
			listed += row["severity"] + " " + row["packetid"] + " " + row["tcpstream"]
		}
	}
	return told, listed, next
}

// TestSilenceOneWay holds that a path which loses only one way is told at the end that sends there: what comes back on it acknowledges no more.
func TestSilenceOneWay(t *testing.T) {
	var script strings.Builder
	script.WriteString("0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n0.025 S>C 0 . dss ack8=1\n" +
		"0.03 C>S 1 S mp_join id=2\n0.04 S>C 1 S. mp_join\n0.05 C>S 1 . mp_join\n0.06 S>C 1 . dss ack8=1\n")
	for i := range 10 { // data that is acknowledged
		fmt.Fprintf(&script, "0.1%d1 S>C 0 P. len=100 dss dsn8=%d ssn=%[3]d ack8=1\n0.1%[1]d2 C>S 0 . dss ack8=%d\n", i, i*100+1, i*100+1, i*100+101)
	}
	script.WriteString("0.3 S>C 0 P. seq=1001 len=100 dss dsn8=1001 ssn=1001 ack8=1\n")
	for i := range 20 { // then another subflow brings it, and the client goes on sending on the first one
		at := 400 + 100*i
		fmt.Fprintf(&script, "%d.%03d S>C 1 P. len=100 dss dsn8=%d ssn=%d ack8=1\n", at/1000, at%1000, i*100+1001, i*100+1)
		fmt.Fprintf(&script, "%d.%03d C>S 0 P. ack=1001 len=10 dss dsn8=%d ssn=%d ack8=%d\n", at/1000, at%1000+10, i*10+1, i*10+1, i*100+1101)
	}
	tr, _ := fromScript(t, script.String())
	if told, _, _ := silent(t, tr); !strings.Contains(told, "Subflow 0 falls silent: what the server sends on it from packet 29 on is never acknowledged (100 B)") {
		t.Errorf("told %q", told)
	}
}

// TestSilence holds that captures of both ends tell of a path that dies, and those of any other situation do not.
func TestSilence(t *testing.T) {
	want := map[string]string{
		"handover.client":     "1228 Subflow 0 falls silent: nothing from the server comes on it after packet 1228 ",
		"handover.server":     "1350 Subflow 0 falls silent: what the server sends on it from packet 1350 ",
		"link-failure.client": "4169 Subflow 0 falls silent: what the client sends on it from packet 4169 ",
		"link-failure.server": "4079 Subflow 0 falls silent: nothing from the client comes on it after packet 4079 ",
	}
	pairs, _ := filepath.Glob(filepath.Join(coretest.Root(), "testdata", "pairs", "*.pcapng.gz"))
	names, _ := filepath.Glob(filepath.Join(coretest.Captures(), "*.pcapng"))
	for _, name := range append(names, pairs...) {
		begins, dead := want[strings.TrimSuffix(strings.TrimSuffix(filepath.Base(name), ".gz"), ".pcapng")]
		tr := coretest.Trace(t, name)
		if len(tr.Conns) == 0 {
			continue
		}
		told, listed, next := silent(t, tr)
		switch {
		case !dead && told+listed != "":
			t.Errorf("%s: %s", filepath.Base(name), told)
		case dead && (!strings.HasPrefix(told, begins) || listed != "warning "+begins[:len("1228")]+" 0" || !next):
			t.Errorf("%s: life %q, issues %q, next %v", filepath.Base(name), told, listed, next)
		}
	}
}

// TestSilenceNeedsLoss holds that it takes segments without an ack: a subflow that has nothing to send any more is not dead, and one
// that is closed, reset or taken back says so.
func TestSilenceNeedsLoss(t *testing.T) {
	var elsewhere strings.Builder // subflow 0 goes on alone from 0.3 s on
	for i := range 20 {
		fmt.Fprintf(&elsewhere, "%.2f C>S 0 P. len=100 dss dsn8=%d ssn=%d ack8=1\n", 0.3+float64(i)/10, 601+100*i, 301+100*i)
		fmt.Fprintf(&elsewhere, "%.2f S>C 0 . dss ack8=%d\n", 0.35+float64(i)/10, 701+100*i)
	}
	const begin = twoSubflows + `
0.07 C>S 0 P. len=300 dss dsn8=1 ssn=1 ack8=1
0.08 S>C 0 . dss ack8=301
0.09 C>S 1 P. len=100 dss dsn8=301 ssn=1 ack8=1
0.10 S>C 1 . dss ack8=401
0.11 C>S 1 P. len=200 dss dsn8=401 ssn=101 ack8=1
`
	const again = "0.29 C>S 0 P. len=200 dss dsn8=401 ssn=301 ack8=1\n"
	for name, c := range map[string]struct{ script, told string }{
		"dead":     {begin + again, "12 Subflow 1 falls silent: what the client sends on it from packet 12 on is never acknowledged (200 B); subflow 0 takes over 180 ms later (packet 13)."},
		"idle":     {begin + "0.12 S>C 1 . dss ack8=601\n", ""},
		"closed":   {begin + "0.13 C>S 1 F.\n" + again, ""},
		"reset":    {begin + "0.13 S>C 1 R.\n" + again, ""},
		"removed":  {begin + "0.13 C>S 0 . remove_addr ids=2 dss ack8=1\n" + again, ""},
		"one way":  {strings.ReplaceAll(begin, "0.10 S>C 1 . dss ack8=401\n", "") + again, ""},
		"too late": {begin, ""},
	} {
		script := c.script
		if name != "too late" {
			script += elsewhere.String()
		}
		tr, _ := fromScript(t, script)
		if told, _, _ := silent(t, tr); strings.ReplaceAll(strings.ReplaceAll(told, "\u202f", " "), "\u2009", " ") != c.told {
			t.Errorf("%s: %q", name, told)
		}
	}
}
