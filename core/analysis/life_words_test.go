package analysis_test

import (
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
)

// TestLifeWords holds what explain says of the end of the data, of subflows that are closed as their address is taken back, and where it
// sends to.
func TestLifeWords(t *testing.T) {
	tr, _ := fromScript(t, twoSubflows+`
0.1 C>S 0 P. len=100 dss dsn8=1 ssn=1 ack8=1
0.2 S>C 0 . dss ack8=101
0.3 C>S 0 . remove_addr ids=2 dss ack8=1
0.31 C>S 1 F.
0.32 S>C 1 F.
0.4 C>S 0 P. len=100 dss dsn8=101 ssn=101 ack8=1
0.5 C>S 0 P. len=50 dss dsn8=201 dlen=51 ssn=201 ack8=1 fin
0.6 S>C 0 . dss ack8=252
0.7 C>S 0 F.
`)
	e := explained(t, tr, &tr.Conns[0])
	life := ""
	for _, row := range cells(e.Life) {
		life += row["packetid"] + " " + row["what"] + "\n"
	}
	for _, want := range []string{
		"11 The client closes this subflow, whose address was taken back (FIN).\n",
		"14 The client announces the end of its data at DSN 251 (DATA_FIN).\n",
	} {
		if !strings.Contains(life, want) {
			t.Errorf("no %q in\n%s", want, life)
		}
	}
	if strings.Count(life, "(FIN)") != 1 {
		t.Error(life)
	}
}

// TestNextIssues holds that explain sends to issues where there are some, and only there.
func TestNextIssues(t *testing.T) {
	for _, script := range []string{twoSubflows, twoSubflows + "0.1 C>S 0 . opt 1e04f000\n"} {
		tr, _ := fromScript(t, script)
		c := &tr.Conns[0]
		list, _ := analysis.Issues(tr, []*conn.Conn{c}, false, 0)
		sent := false
		for _, row := range cells(explained(t, tr, c).Next) {
			sent = sent || row["command"] == "issues 0"
		}
		if sent != (list.Rows > 0) {
			t.Errorf("%d issues, sent to them: %v", list.Rows, sent)
		}
	}
}

// TestOddCapable holds that an MP_CAPABLE of a length that no version has is named where the answer is plain TCP.
func TestOddCapable(t *testing.T) {
	tr, _ := fromScript(t, `
0 C>S 0 S mss=1460 opt 1e0b00810102030405060708
0.01 S>C 0 S. mss=1460
0.02 C>S 0 .
0.03 C>S 0 P. len=100
0.04 S>C 0 .
`)
	if e := explained(t, tr, &tr.Conns[0]); !strings.Contains(e.Verdict, "the SYN's MP_CAPABLE is 11 bytes long, which no version allows") {
		t.Errorf("%s\n%s", e.Verdict, e.Cure)
	}
}
