package analysis_test

import (
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
)

// TestJoinLate holds that a join which is reset without a reason, as version 0 does it, after both ends had ended their data is not
// held against the connection, and that one before is.
func TestJoinLate(t *testing.T) {
	const begin = `version 0
0 C>S 0 S mp_capable
0.1 S>C 0 S. mp_capable
0.2 C>S 0 . mp_capable
0.3 C>S 0 P. len=100 dss dsn4=1 ssn=1 ack4=1
0.4 S>C 0 . dss ack4=101
0.5 C>S 1 S mp_join id=2
`
	const answered = "0.7 S>C 1 S. mp_join\n0.71 C>S 1 . mp_join\n0.9 S>C 1 R.\n"
	const server, client = "0.6 S>C 0 . dss dsn4=1 ssn=0 dlen=1 ack4=101 fin\n", "0.65 C>S 0 . dss dsn4=101 ssn=0 dlen=1 ack4=2 fin\n"
	for _, c := range []struct {
		name, script, because string
		verdict, part         analysis.Diagnosis
	}{
		{"both ended", begin + server + client + answered, "both ends had ended their data (DATA_FIN, packets 7 and 8)", analysis.Healthy, analysis.JoinLate},
		{"one ended", begin + server + answered, "before that it had ended its data (DATA_FIN, packet 7)", analysis.JoinReset, analysis.JoinReset},
		{"the other one ended", begin + client + answered, "before that the client had ended its data (DATA_FIN, packet 7)", analysis.JoinReset, analysis.JoinReset},
		{"fast close", begin + "0.6 C>S 0 . mp_fastclose\n" + answered, "before that the connection had been given up (MP_FASTCLOSE, packet 7)", analysis.FastClosed, analysis.JoinLate},
		{"neither", begin + answered, "gives no reason", analysis.JoinReset, analysis.JoinReset},
		{"both later", begin + answered + strings.ReplaceAll(server+client, "0.6", "1.6"), "gives no reason", analysis.JoinReset, analysis.JoinReset},
	} {
		tr, _ := fromScript(t, c.script)
		found := analysis.Diagnose(tr, &tr.Conns[0])
		part := found[len(found)-1]
		if found[0].Diagnosis != c.verdict || part.Diagnosis != c.part || !strings.HasSuffix(strings.TrimSuffix(part.Because, ", so that there was nothing left to join"), c.because) {
			t.Errorf("%s: %v", c.name, found)
		}
	}
}
