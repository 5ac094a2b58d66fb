package analysis_test

import (
	"strings"
	"testing"
)

// TestCutHandshakes holds that options that a snaplen cut away are not taken for missing ones: what was not captured
// says nothing of the client or of the way.
func TestCutHandshakes(t *testing.T) {
	const goesOn = "0.03 C>S 0 P. len=50 dss dsn8=0x1122334455667788 ssn=1 ack8=0x99\n"
	const joined = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n" +
		"0.03 C>S 0 P. len=50 dss ack8=1 dsn8=1 ssn=1\n0.04 S>C 0 . dss ack8=51\n0.05 C>S 1 S mp_join id=2\n"
	for _, c := range []struct{ name, script, want, never string }{
		{"option of the SYN", "0 C>S 0 S cut=54 mp_capable\n0.01 S>C 0 S. mp_capable\n" + goesOn, "the capture cut the options of the SYN", "without an MPTCP option"},
		{"token of the join", "0 C>S 0 S cut=60 mp_join id=2\n0.01 S>C 0 S. mp_join\n0.02 C>S 0 . mp_join\n" + goesOn, "the capture cut the options of the SYN", "begins later"},
		{"option of the join's SYN/ACK", joined + "0.06 S>C 1 S. cut=54 mp_join\n0.07 C>S 1 . mp_join\n0.08 S>C 1 . dss ack8=51\n", "the capture cut its options", "MP_JOIN stripped"},
		{"option of the third packet", joined + "0.06 S>C 1 S. mp_join\n0.07 C>S 1 . cut=54 mp_join\n0.08 S>C 1 . dss ack8=51\n", "the capture cut its options", "goes on without"},
	} {
		tr, _ := fromScript(t, c.script)
		e := explained(t, tr, &tr.Conns[0])
		told := e.Verdict
		for _, row := range cells(e.Life) {
			told += "\n" + row["what"]
		}
		if !strings.Contains(told, c.want) || strings.Contains(told, c.never) {
			t.Errorf("%s: %s", c.name, told)
		}
	}
}

// TestJoinAfterEnd holds that a join that an end resets as its connection is closing is not blamed on the way: Linux takes no
// join once either end ended its data, and says reason 1 or 3.
func TestJoinAfterEnd(t *testing.T) {
	const opening = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n" +
		"0.03 C>S 0 P. len=50 dss ack8=1 dsn8=1 ssn=1\n0.04 S>C 0 . dss ack8=51\n0.05 C>S 1 S mp_join id=2\n"
	const refused = "0.07 S>C 1 S. mp_join\n0.08 C>S 1 R. mp_tcprst reason=1\n"
	for _, c := range []struct{ name, script, want string }{
		{"the other end", "0.06 S>C 0 . dss ack8=51 dsn8=1 ssn=0 dlen=1 fin\n" + refused, "before that the server had ended its data (DATA_FIN, packet 7)"},
		{"the same end", "0.06 C>S 0 . dss ack8=1 dsn8=51 ssn=0 dlen=1 fin\n" + refused, "before that it had ended its data (DATA_FIN, packet 7)"},
		{"none", "0.06 C>S 0 . dss ack8=1\n" + refused, "lost or changed behind it"},
	} {
		tr, _ := fromScript(t, opening+c.script)
		if told := explained(t, tr, &tr.Conns[0]).Verdict; !strings.Contains(told, c.want) {
			t.Errorf("%s: %s", c.name, told)
		}
	}
}
