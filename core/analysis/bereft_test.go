package analysis_test

import (
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
)

// TestNoSubflowLeft holds that the life of a connection tells when all of its subflows were reset before the ends had ended their data, and
// that further findings are told without the verdict's first words.
func TestNoSubflowLeft(t *testing.T) {
	const data = "0.07 C>S 0 P. len=100 dss dsn8=1 ssn=1 ack8=1\n0.08 C>S 1 P. len=100 dss dsn8=101 ssn=1 ack8=1\n0.09 S>C 0 . dss ack8=201\n"
	const first, second = "0.20 S>C 1 R. mp_tcprst reason=6\n0.21 C>S 0 P. len=100 dss dsn8=201 ssn=101 ack8=1\n", "0.30 S>C 0 R. mp_tcprst reason=6\n"
	const ended = "0.10 C>S 0 . dss dsn8=201 ssn=0 dlen=1 ack8=1 fin\n0.11 S>C 0 . dss dsn8=1 ssn=0 dlen=1 ack8=202 fin\n"
	for name, c := range map[string]struct {
		script string
		told   bool
	}{
		"both":  {twoSubflows + data + first + second, true},
		"one":   {twoSubflows + data + first, false},
		"ended": {twoSubflows + data + ended + "0.20 S>C 1 R. mp_tcprst reason=6\n" + second, false},
	} {
		tr, _ := fromScript(t, c.script)
		e := explained(t, tr, &tr.Conns[0])
		told := false
		for _, row := range cells(e.Life) {
			told = told || strings.Contains(row["what"], "no subflow left")
		}
		if told != c.told {
			t.Errorf("%s: told %v", name, told)
		}
		if strings.Contains(e.Verdict, "Besides: MPTCP") {
			t.Errorf("%s: %s", name, e.Verdict)
		}
	}
}

// TestUnknownToServer holds that a server which resets what follows the handshake without an ack, and had acknowledged nothing, did not
// take the connection, whatever the client had ended by then: seen where its queue of connections was full, with SYN cookies.
func TestUnknownToServer(t *testing.T) {
	const begin = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n0.03 C>S 0 P. len=1000 mp_capable dlen=1000\n"
	const fin = "0.04 C>S 0 . seq=1001 dss dsn8=1001 ssn=0 dlen=1 ack8=1 fin\n"
	for name, c := range map[string]struct {
		script string
		want   analysis.Diagnosis
	}{
		"not taken": {begin + fin + "0.05 S>C 0 R seq=1\n", analysis.CutOff},
		"taken":     {begin + "0.035 S>C 0 . dss ack8=1001\n" + fin + "0.05 S>C 0 R seq=1\n", analysis.Healthy},
	} {
		tr, _ := fromScript(t, c.script)
		f := analysis.Diagnose(tr, &tr.Conns[0])[0]
		if f.Diagnosis != c.want || c.want == analysis.CutOff && !strings.Contains(f.Because, "knows no such connection") {
			t.Errorf("%s: %s: %s", name, f.Diagnosis, f.Because)
		}
	}
}

// TestGivenUpAtOnce holds that a client which answers the SYN/ACK with a reset is not taken for a capture that ends too early.
func TestGivenUpAtOnce(t *testing.T) {
	tr, _ := fromScript(t, "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 R seq=1\n")
	e := explained(t, tr, &tr.Conns[0])
	if !strings.HasPrefix(e.Verdict, "Not established at packet 3") || !strings.Contains(e.Verdict, "the client resets it") || strings.Contains(e.Cure, "capture run on") {
		t.Errorf("%s %s", e.Verdict, e.Cure)
	}
}
