package analysis_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
)

// TestDisorder holds that a DATA_ACK is not called wrong where what it acknowledges was sent before it and stands behind it
// in the file, as in captures of several interfaces; and that it is where that was sent later.
func TestDisorder(t *testing.T) {
	const opening = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n" +
		"0.03 C>S 0 P. len=50 dss ack8=1 dsn8=1 ssn=1\n0.04 S>C 0 . dss ack8=51\n" +
		"0.05 C>S 1 S mp_join id=2\n0.06 S>C 1 S. mp_join\n0.07 C>S 1 . mp_join\n0.08 S>C 1 . dss ack8=51\n" +
		"0.09 S>C 0 . dss ack8=101\n"
	for script, want := range map[string]uint64{
		"0.085 C>S 1 P. len=50 dss ack8=1 dsn8=51 ssn=1\n":                                                  0,
		"0.085 C>S 1 P. len=49 dss ack8=1 dsn8=51 ssn=1 dlen=50 fin\n":                                      0,
		"0.095 C>S 1 P. len=50 dss ack8=1 dsn8=51 ssn=1\n":                                                  1,
		"0.085 C>S 1 P. len=30 dss ack8=1 dsn8=51 ssn=1\n0.086 C>S 1 P. len=20 dss ack8=1 dsn8=81 ssn=31\n": 0,
	} {
		tr, _ := fromScript(t, opening+script)
		var wrong uint64
		list, _ := analysis.Issues(tr, []*conn.Conn{&tr.Conns[0]}, false, 0)
		for _, row := range cells(list) {
			if strings.HasPrefix(row["what"], "DATA_ACK:") {
				wrong++
			}
		}
		if wrong != want {
			t.Errorf("%q: %d wrong DATA_ACKs, want %d", script, wrong, want)
		}
	}
}

// TestSeenTwice holds that packets captured twice are not called retransmissions, and that those sent again are.
func TestSeenTwice(t *testing.T) {
	const opening = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n"
	const data = "C>S 0 P. seq=1 len=50 ts=7/1 dss ack8=1 dsn8=1 ssn=1\n"
	const later = "C>S 0 P. seq=1 len=50 ts=9/1 dss ack8=1 dsn8=1 ssn=1\n"
	for script, want := range map[string][2]bool{
		"0.03 " + data + "0.05 " + data:                   {true, false},
		"0.03 " + data + "0.05 " + later:                  {false, true},
		"0.03 " + data + "0.05 " + data + "0.07 " + later: {true, true},
	} {
		tr, _ := fromScript(t, opening+script)
		var told [2]bool
		list, _ := analysis.Issues(tr, []*conn.Conn{&tr.Conns[0]}, false, 0)
		for _, row := range cells(list) {
			told[0] = told[0] || strings.HasPrefix(row["what"], "seen twice:")
			told[1] = told[1] || strings.HasPrefix(row["what"], "retransmissions:")
		}
		if told != want {
			t.Errorf("%q: seen twice, sent again %v, want %v", script, told, want)
		}
	}
}

// TestRetransmissionsWithoutOriginal holds that issues says of retransmissions that nothing shows what they repeat, so that account,
// which counts such bytes as unique, does not seem to contradict it.
func TestRetransmissionsWithoutOriginal(t *testing.T) {
	const opening = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n" +
		"0.03 C>S 0 P. len=50 dss ack8=1 dsn8=1 ssn=1\n0.04 C>S 0 P. seq=101 len=50 dss ack8=1 dsn8=101 ssn=101\n"
	for script, want := range map[string]string{
		"0.5 C>S 0 P. seq=51 len=50 dss ack8=1 dsn8=51 ssn=51\n": "retransmissions: 1 of 3 segments with data, 1 of which without an original in the capture",
		"0.5 C>S 0 P. seq=1 len=50 dss ack8=1 dsn8=1 ssn=1\n":    "retransmissions: 1 of 3 segments with data",
		"0.5 C>S 0 P. seq=1 len=100 dss ack8=1 dsn8=1 ssn=1\n":   "retransmissions: 1 of 3 segments with data",
	} {
		tr, _ := fromScript(t, opening+script)
		list, _ := analysis.Issues(tr, []*conn.Conn{&tr.Conns[0]}, false, 0)
		told := ""
		for _, row := range cells(list) {
			if strings.HasPrefix(row["what"], "retransmissions:") {
				told = row["what"]
			}
		}
		if told != want {
			t.Errorf("%q: %q, want %q", script, told, want)
		}
	}
}

// TestRawOption holds that packet shows options that it does not know raw, and nothing before that.
func TestRawOption(t *testing.T) {
	tr, file := fromScript(t, "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable opt 1e06f0abcdef opt 1e0490aa\n")
	list := analysis.Packet(tr, 2, nil)
	for f, err := range tr.Walk(t.Context(), bytes.NewReader(file)) {
		if err != nil {
			t.Fatal(err)
		}
		if f.Number == 3 {
			list = analysis.Packet(tr, 2, f)
		}
	}
	found := 0
	for _, row := range cells(list) {
		if row["value"] == "raw 1e06f0abcdef" || strings.HasPrefix(row["value"], "raw 1e0490aa") {
			found++
		}
	}
	if found != 2 {
		t.Errorf("%d raw options in %v", found, cells(list))
	}
}

// TestOneByte holds that one of a thing is no plural, and that a DATA_FIN without payload is called so.
func TestOneByte(t *testing.T) {
	const opening = "0 C>S 0 S mp_capable flags=0x81\n0.01 S>C 0 S. mp_capable flags=0x81\n0.02 C>S 0 . mp_capable\n"
	for script, want := range map[string]string{
		"0.03 C>S 0 P. len=1 dss ack8=1 dsn8=1 ssn=1 csum=0x1234\n":     "the payload or its mapping of 1 byte was changed on the way",
		"0.03 C>S 0 P. len=2 dss ack8=1 dsn8=1 ssn=1 csum=0x1234\n":     "the payload or its mapping of 2 bytes was changed on the way",
		"0.03 C>S 0 . dss ack8=1 dsn8=1 ssn=0 dlen=1 fin csum=0x1234\n": "the mapping of a DATA_FIN without payload was changed on the way",
	} {
		tr, _ := fromScript(t, opening+script)
		_, failures, _ := analysis.Verify(tr, []*conn.Conn{&tr.Conns[0]})
		if rows := cells(failures); len(rows) != 1 || rows[0]["meaning"] != want {
			t.Errorf("%q: %v, want %q", script, rows, want)
		}
	}
}
