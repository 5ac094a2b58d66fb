package analysis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// TestIssuesCapped holds that of one kind no more are listed than asked for, that the others are counted, and that a connection's
// own list has them.
func TestIssuesCapped(t *testing.T) {
	const orphans, most = 130, 25
	var script strings.Builder
	for i := range orphans {
		fmt.Fprintf(&script, "%d C>S %d S mp_join id=1 token=%d\n", i, i, 1000+i)
	}
	tr, _ := fromScript(t, script.String())
	if len(tr.Conns) != orphans {
		t.Fatalf("%d connections", len(tr.Conns))
	}
	var all []*conn.Conn
	for i := range tr.Conns {
		all = append(all, &tr.Conns[i])
	}
	whole, none := analysis.Issues(tr, all, true, 0)
	capped, more := analysis.Issues(tr, all, true, most)
	if none || !more || capped.Rows >= whole.Rows {
		t.Errorf("%d rows of %d, more of them: %v, without a limit: %v", capped.Rows, whole.Rows, more, none)
	}
	rows, counts := kindsOf(whole)
	listed, told := kindsOf(capped)
	for kind, n := range rows {
		if n > most {
			n = most + 1 // one for the others
		}
		if listed[kind] != n || told[kind] != counts[kind] {
			t.Errorf("%s: %d rows tell of %d, without a limit %d of %d", kind, listed[kind], told[kind], n, counts[kind])
		}
	}
	if counts["MP_JOIN with the token of no connection seen so far"] != orphans {
		t.Errorf("counted: %v", counts)
	}
	if last, _ := analysis.Issues(tr, all[orphans-1:], false, most); last.Rows == 0 {
		t.Error("nothing of the last connection")
	}
}

// kindsOf has how many rows there are of each kind, and of how many cases they tell.
func kindsOf(list *display.Table) (rows map[string]int, cases map[string]uint64) {
	rows, cases = map[string]int{}, map[string]uint64{}
	for row := range list.Rows {
		kind, _, _ := strings.Cut(list.Cell(row, 6).Text(), ": ")
		rows[kind]++
		cases[kind] += list.Cell(row, 7).Uint()
	}
	return rows, cases
}

// TestIssuesOfSubflows holds that each subflow counts its own, also of what the dissection reports more often than it keeps, and also
// where other streams came first; and that nothing of what it counts is lost with very many streams.
func TestIssuesOfSubflows(t *testing.T) {
	script := strings.Builder{}
	script.WriteString("1 C>S 0 S mp_capable\n2 S>C 0 S. mp_capable\n3 C>S 0 . mp_capable\n4 C>S 1 S mp_join id=1\n5 S>C 1 S. mp_join id=1\n6 C>S 1 . mp_join\n")
	for i := range 300 {
		fmt.Fprintf(&script, "%d C>S %d . opt 1e04f0ff\n", 10+i, min(i/180, 1))
	}
	tr, _ := fromScript(t, script.String())
	list, _ := analysis.Suspicions(tr, []*conn.Conn{&tr.Conns[0]}, true, 0)
	got := map[int]uint64{}
	for _, s := range list {
		if s.What == conn.UnknownSubtype.What() {
			got[s.Ordinal] += s.Count
		}
	}
	if len(got) != 2 || got[0] != 180 || got[1] != 120 {
		t.Errorf("counts by subflow: %v", got)
	}

	script.Reset()
	const streams = 1500
	for i := range streams {
		fmt.Fprintf(&script, "%d C>S %d S mp_join id=1 token=%d\n", i, i, 1000+i)
	}
	tr, _ = fromScript(t, script.String())
	list, more := analysis.Suspicions(tr, []*conn.Conn{&tr.Conns[0]}, true, 0)
	var sum uint64
	for _, s := range list {
		if s.Kind() == conn.UnknownToken.What() && s.Conn == nil {
			sum += s.Count
		}
	}
	if sum != streams-1000 || more {
		t.Errorf("%d on streams that are not told apart, want %d; more: %v", sum, streams-1000, more)
	}
}

// TestIssuesOfAcksOfProbes holds that the byte of a window probe that was let through is one that was captured, though TCP's analysis
// forgets it as Wireshark does, and that one which is in no packet is not.
func TestIssuesOfAcksOfProbes(t *testing.T) {
	const begin = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n0.03 C>S 0 P. len=100 dss dsn8=1 ssn=1 ack8=1\n" +
		"0.04 S>C 0 . win=0 dss ack8=101\n"
	const probe = "0.5 C>S 0 . seq=101 len=1 dss dsn8=101 ssn=101 ack8=1\n"
	const later = "0.51 C>S 0 . seq=102 len=100 dss dsn8=102 ssn=102 ack8=1\n"
	for name, c := range map[string]struct {
		script  string
		missing bool
	}{
		"a probe":    {begin + probe + later + "0.6 S>C 0 . ack=102 win=900 dss ack8=102\n", false},
		"not a byte": {begin + later + "0.6 S>C 0 . ack=302 win=900 dss ack8=202\n", true},
	} {
		tr, _ := fromScript(t, c.script)
		marked := false
		for row := range uint32(tr.Len()) {
			marked = marked || tr.Analysis(row)&stream.AckLostSegment != 0
		}
		list, _ := analysis.Issues(tr, []*conn.Conn{&tr.Conns[0]}, true, 0)
		missing := false
		for _, row := range cells(list) {
			missing = missing || strings.HasPrefix(row["what"], "an ack of data that was not captured")
		}
		if !marked || missing != c.missing {
			t.Errorf("%s: marked %v, told %v", name, marked, missing)
		}
	}
}

// TestIssuesOfOvertakenSegments holds that segments which a path delivers behind later ones are not told as retransmissions, where
// timestamps say when they were sent; and that what was sent again is.
func TestIssuesOfOvertakenSegments(t *testing.T) {
	for name, c := range map[string]struct {
		stamp int // of the late segment, after that of the one before which it comes
		want  string
	}{
		"overtaken":  {-5, "overtaken: 10 of 20 segments with data came behind later ones, by their timestamps"},
		"sent again": {+5, "retransmissions: 10 of 20 segments with data, 10 of which without an original in the capture"},
	} {
		script := "0 C>S 0 S ts=1/0 mp_capable\n0.001 S>C 0 S. ts=1/1 mp_capable\n0.002 C>S 0 . ts=2/1 mp_capable\n"
		for i := range 10 { // the second half of each 200 bytes comes 50 ms before the first
			at, n := 0.1+0.1*float64(i), 1+200*i
			script += fmt.Sprintf("%.3f C>S 0 P. seq=%d len=100 ts=%d/1 dss dsn8=%[2]d ssn=%[2]d ack8=1\n", at, n+100, 100+100*i)
			script += fmt.Sprintf("%.3f C>S 0 P. seq=%d len=100 ts=%d/1 dss dsn8=%[2]d ssn=%[2]d ack8=1\n", at+0.05, n, 100+100*i+c.stamp)
			script += fmt.Sprintf("%.3f S>C 0 . ts=%d/%[2]d dss ack8=%[3]d\n", at+0.051, 100+100*i, n+200)
		}
		tr, _ := fromScript(t, script)
		list, _ := analysis.Issues(tr, []*conn.Conn{&tr.Conns[0]}, true, 0)
		var told []string
		for _, row := range cells(list) {
			if row["layer"] == "tcp" && row["cure"] != "" {
				told = append(told, row["what"])
			}
		}
		if strings.Join(told, "\n") != c.want {
			t.Errorf("%s: %q", name, told)
		}
	}
}
