package analysis_test

import (
	"strings"
	"testing"
)

// TestUnopened holds that what is said of a connection without its handshake is what the capture shows, and that the cure is one for
// that.
func TestUnopened(t *testing.T) {
	const data = "2 C>S 0 P. len=9 dss dsn8=1 ssn=1 ack8=1\n2.1 S>C 0 . dss ack8=10\n2.2 C>S 0 P. len=9 dss dsn8=10 ssn=10 ack8=1\n"
	const plain = "0.1 S>C 0 S. mss=1460\n0.2 C>S 0 .\n0.3 C>S 0 P. len=100\n0.4 S>C 0 .\n"
	for name, c := range map[string]struct{ script, verdict, life, cure string }{
		"a SYN with a DSS only": {"0 C>S 0 S dss dsn8=1 ssn=1 ack8=1\n" + plain, "This is plain TCP: MPTCP was not asked for at packet 1: the SYN carries an MPTCP option, but neither MP_CAPABLE nor MP_JOIN",
			"The client sends a SYN with an MPTCP option that is neither MP_CAPABLE nor MP_JOIN.", "let the client's application"},
		"it alone": {"0 C>S 0 S dss dsn8=1 ssn=1 ack8=1\n", "This is plain TCP: MPTCP was not asked for at packet 1: the SYN carries an MPTCP option",
			"The client sends a SYN with an MPTCP option that is neither MP_CAPABLE nor MP_JOIN.", "let the client's application"},
		"the server's packets": {"0 S>C 0 S. mp_capable\n0.1 S>C 0 P. len=9 dss dsn8=1 ssn=1 ack8=1\n", "the SYN/ACK (packet 1) was captured, and no packet that the client sent",
			"", "capture both directions"},
		"the client's packets": {"0 C>S 0 S mp_capable\n0.1 C>S 0 .\n0.2 C>S 0 .\n", "was answered, and the answer was not captured", "", "capture both directions"},
		"no SYN":               {"0 S>C 0 S. mp_capable\n0.1 C>S 0 . mp_capable\n" + data, "MPTCP", "", ""},
		"a join":               {"0 C>S 0 S mp_join id=2\n0.1 S>C 0 S. mp_join\n0.2 C>S 0 . mp_join\n" + data, "it is known by a join only (packet 1)", "", "capture all interfaces"},
		"late":                 {data, "the capture begins later than the connection", "", "start the capture before"},
		"later":                {"0 C>S 1 S mp_capable\n" + data, "the capture had run for 2.00 s when the first packet of it came", "", "start the capture before"},
		"a packet":             {"0 C>S 0 S mp_capable\n", "the capture ends with the SYN with MP_CAPABLE", "", "let the capture run on"},
		"two packets":          {"0 C>S 0 S mp_capable\n0.1 S>C 0 S. mp_capable\n", "the capture ends with the SYN/ACK with MP_CAPABLE", "", "let the capture run on"},
		"a little more":        {"0 C>S 0 S mp_capable\n0.1 S>C 0 S. mp_capable\n0.11 C>S 1 S mp_capable\n", "the capture ends 10.0 ms after the SYN/ACK with MP_CAPABLE", "", "let the capture run on"},
	} {
		tr, _ := fromScript(t, c.script)
		of := &tr.Conns[0]
		if name == "later" && of.Subflows[0].Stream == 0 {
			of = &tr.Conns[1]
		}
		e := explained(t, tr, of)
		life := ""
		for _, row := range cells(e.Life) {
			life += row["what"] + "\n"
		}
		verdict := strings.NewReplacer("\u202f", " ", "\u2009", " ").Replace(e.Verdict)
		if !strings.Contains(verdict, c.verdict) || !strings.Contains(life, c.life) || !strings.HasPrefix(strings.ToLower(e.Cure), c.cure) {
			t.Errorf("%s: %s\n%s%s", name, verdict, life, e.Cure)
		}
		if strings.Contains(verdict+life, "stripped") || strings.Contains(life, "asks to join") != strings.Contains(c.script, "S mp_join") {
			t.Errorf("%s: %s\n%s", name, verdict, life)
		}
	}
}
