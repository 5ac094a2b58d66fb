package analysis_test

import (
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
)

// TestLifeTellsWhatCausedWhat holds explain to situations of the kernel's own tests (mptcp_join.sh): what it must say, and what it must
// not.
func TestLifeTellsWhatCausedWhat(t *testing.T) {
	const opening = "0 C>S 0 S mp_capable flags=0x81\n0.01 S>C 0 S. mp_capable flags=0x81\n0.02 C>S 0 . mp_capable flags=0x81\n"
	const plain = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n0.025 S>C 0 . dss ack8=1\n"
	const joined = "0.03 C>S 1 S mp_join id=2\n0.04 S>C 1 S. mp_join\n0.05 C>S 1 . mp_join\n0.06 S>C 1 . dss ack8=1\n"
	for name, c := range map[string]struct {
		script     string
		diagnosis  analysis.Diagnosis
		says, mute string
	}{
		// The id of the initial subflow is taken back and used again (mptcp endpoint delete id 0, then add): the new subflow is closed as
		// the connection ends.
		"id used again": {plain + joined + "0.1 C>S 1 . remove_addr ids=0\n0.11 C>S 0 F. dss ack8=1\n" +
			"0.2 C>S 2 S mp_join id=0\n0.21 S>C 2 S. mp_join\n0.22 C>S 2 . mp_join\n0.23 S>C 2 . dss ack8=1\n" +
			"0.3 C>S 2 P. len=100 dss dsn8=1 ssn=1 ack8=1\n0.31 C>S 1 . dss fin dsn8=101 ssn=0 dlen=1\n0.32 C>S 2 F. dss ack8=1\n",
			analysis.Healthy, "closes this subflow, whose address was taken back", "2: whose address was taken back"},
		// A receiver answers MP_FAIL with MP_FAIL before the data whose checksum is wrong the other way has come.
		"the other way": {opening + "0.03 S>C 0 P. len=100 dss dsn8=1 ssn=1 csum=auto ack8=1\n0.04 C>S 0 . mp_fail dsn=1\n" +
			"0.041 S>C 0 . mp_fail dsn=1\n0.05 C>S 0 P. len=100 dss dsn8=1 ssn=1 csum=bad ack8=1\n",
			analysis.ChecksumFailed, "The server sends MP_FAIL in return.", "that of packet"},
		"this way": {opening + "0.03 C>S 0 P. len=100 dss dsn8=1 ssn=1 csum=bad ack8=1\n0.04 S>C 0 . mp_fail dsn=1\n0.05 C>S 0 . mp_fail dsn=1\n",
			analysis.ChecksumFailed, "The client sends MP_FAIL in return.", "The client reports"},
		// What is retransmitted on a dead subflow after the end meets closed sockets on the others.
		"reset after FIN": {plain + joined + "0.1 C>S 0 P. len=100 dss dsn8=1 ssn=1 ack8=1\n0.2 C>S 1 P. len=100 dss dsn8=1 ssn=1 ack8=1\n0.21 S>C 1 . dss ack8=101\n" +
			"0.22 C>S 1 . dss fin dsn8=101 ssn=0 dlen=1\n0.23 S>C 1 . dss fin dsn8=1 ssn=0 dlen=1 ack8=102\n0.24 S>C 1 F. dss ack8=102\n" +
			"0.25 C>S 1 P. seq=1 len=100 dss dsn8=1 ssn=1 ack8=2\n0.26 S>C 1 R. mp_tcprst\n2.5 C>S 0 P. seq=1 len=100 dss dsn8=1 ssn=1 ack8=1\n",
			analysis.Healthy, "The server resets the subflow", "no data towards the server for 2"},
		// SYN/ACKs that come back by another interface than the one the socket is bound to.
		"other interface": {plain + "0.03 C>S 1 S mp_join id=2\n0.04 S>C 1 S. mp_join\n0.05 C>S 1 R\n1.03 C>S 1 S mp_join id=2\n1.04 S>C 1 S. mp_join\n1.05 C>S 1 R\n",
			analysis.JoinReset, "which asked, resets what answers it and gives no reason, and goes on asking", "anything listens"},
		"join's third packet": {plain + "0.03 C>S 1 S mp_join id=2\n0.04 S>C 1 S. mp_join\n0.05 C>S 1 .\n0.06 S>C 1 R. mp_tcprst reason=1\n",
			analysis.JoinStripped, "the handshake's third packet has no MP_JOIN", "limits"},
		// A box changes a DSN, without checksums: the receiver resets the subflow (seen: DSSNotMatching 1).
		"contradicting mapping": {plain + joined + "0.1 S>C 1 . len=100 dss dsn8=1 ssn=1 dlen=200 ack8=1\n0.101 S>C 1 P. seq=101 len=100 dss dsn8=5 ssn=1 dlen=200 ack8=1\n" +
			"0.11 C>S 1 R. mp_tcprst reason=1\n0.2 S>C 0 P. len=200 dss dsn8=1 ssn=1 dlen=200 ack8=1\n",
			analysis.SubflowReset, "the mapping of packet 10 contradicts an earlier one", "Capture at the host"},
	} {
		tr, _ := fromScript(t, c.script)
		x := explained(t, tr, &tr.Conns[0])
		var all strings.Builder
		all.WriteString(x.Verdict + "\n" + x.Cure + "\n")
		for _, row := range cells(x.Life) {
			all.WriteString(row["tcpstream"] + ": " + row["what"] + "\n")
		}
		if text, got := all.String(), analysis.Diagnose(tr, &tr.Conns[0])[0].Diagnosis; got != c.diagnosis || !strings.Contains(text, c.says) || strings.Contains(text, c.mute) {
			t.Errorf("%s: %s\n%s", name, got, text)
		}
	}
}
