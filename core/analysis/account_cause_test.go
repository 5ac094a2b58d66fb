package analysis_test

import (
	"fmt"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// sackOption is a SACK option with blocks in sequence numbers relative to flow 0's client, whose initial one is 100,000 in a
// script.
func sackOption(blocks ...[2]uint32) string {
	s := fmt.Sprintf("nop nop opt 05%02x", 2+8*len(blocks))
	for _, b := range blocks {
		s += fmt.Sprintf("%08x%08x", 100_000+b[0], 100_000+b[1])
	}
	return s
}

const oneSubflow = `
0 C>S 0 S mss=1460 ts=1/0 mp_capable
0.01 S>C 0 S. mss=1460 ts=1/1 mp_capable
0.02 C>S 0 . ts=2/1 mp_capable
0.10 C>S 0 P. seq=1 len=100 ts=100/1 dss dsn8=1 ssn=1 ack8=1
0.11 C>S 0 P. seq=101 len=100 ts=101/1 dss dsn8=101 ssn=101 ack8=1
0.12 C>S 0 P. seq=201 len=100 ts=102/1 dss dsn8=201 ssn=201 ack8=1
`

// TestCauses tells why the second segment was sent again, by what came before and after.
func TestCauses(t *testing.T) {
	const again = "0.30 C>S 0 P. seq=101 len=100 ts=300/1 dss dsn8=101 ssn=101 ack8=1\n"
	ack := func(time string, ack, ecr int, option string) string {
		return fmt.Sprintf("%s S>C 0 . ack=%d ts=200/%d %s dss ack4=%d\n", time, ack, ecr, option, ack)
	}
	tests := []struct {
		what, lines string
		cause       analysis.Cause
		evidence    analysis.Evidence
	}{
		{"nothing was heard", again, analysis.Timeout, analysis.NoEvidence},
		{"only the first was acknowledged", ack("0.15", 101, 100, "") + again, analysis.Timeout, analysis.NoEvidence},
		{"two duplicate acks", ack("0.15", 101, 100, "") + ack("0.16", 101, 100, "") + ack("0.17", 101, 100, "") + again, analysis.Timeout, analysis.NoEvidence},
		{"three duplicate acks", ack("0.15", 101, 100, "") + ack("0.16", 101, 100, "") + ack("0.17", 101, 100, "") + ack("0.18", 101, 100, "") + again,
			analysis.Fast, analysis.ThreeDupAcks},
		{"SACK of the third", ack("0.15", 101, 100, sackOption([2]uint32{201, 301})) + again, analysis.Fast, analysis.LaterArrived},
		{"acknowledged before", ack("0.15", 201, 101, "") + again, analysis.Spurious, analysis.AckedBefore},
		{"D-SACK after", again + ack("0.40", 301, 300, sackOption([2]uint32{101, 201})), analysis.Spurious, analysis.DSACK},
		{"D-SACK within a block", again + ack("0.40", 101, 300, sackOption([2]uint32{101, 201}, [2]uint32{101, 301})), analysis.Spurious, analysis.DSACK},
		{"SACK before, D-SACK after", ack("0.15", 101, 100, sackOption([2]uint32{201, 301})) + again + ack("0.40", 301, 102, sackOption([2]uint32{101, 201})),
			analysis.Spurious, analysis.DSACK},
		{"the ack echoes the original", ack("0.15", 101, 100, "") + again + ack("0.40", 301, 101, ""), analysis.Spurious, analysis.EarlierStamp},
		{"the ack echoes the second one", ack("0.15", 101, 100, "") + again + ack("0.40", 301, 300, ""), analysis.Timeout, analysis.NoEvidence},
		{"an ack below it echoes something earlier", ack("0.15", 51, 99, "") + ack("0.16", 101, 100, "") + again + ack("0.40", 301, 300, ""), analysis.Timeout, analysis.NoEvidence},
	}
	for _, test := range tests {
		tr, _ := fromScript(t, oneSubflow+test.lines)
		a, err := analysis.NewAccount(t.Context(), tr, &tr.Conns[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Resent) != 1 || a.Resent[0].Bytes != 100 {
			t.Errorf("%s: %+v", test.what, a.Resent)
			continue
		}
		if r := a.Resent[0]; r.Cause != test.cause || r.Evidence != test.evidence {
			t.Errorf("%s: %s, %s", test.what, r.Cause, r.Evidence)
		}
	}
}

// TestCopy tells a packet seen twice from one sent twice.
func TestCopy(t *testing.T) {
	const last = "C>S 0 P. seq=201 len=100 ts=102/1 dss dsn8=201 ssn=201 ack8=1\n"
	tr, _ := fromScript(t, oneSubflow+"0.125 "+last)
	a, err := analysis.NewAccount(t.Context(), tr, &tr.Conns[0])
	if err != nil {
		t.Fatal(err)
	}
	sum := a.Total(stream.Server)
	if len(a.Resent) != 1 || a.Resent[0].Cause != analysis.Copy || sum.Copies != 100 || sum.Retransmitted() != 0 {
		t.Errorf("%+v", a.Resent)
	}
}
