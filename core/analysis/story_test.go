package analysis_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

func explained(t *testing.T, tr *trace.Trace, c *conn.Conn) *analysis.Explanation {
	t.Helper()
	e, err := analysis.Explain(t.Context(), tr, c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestPace holds that explain names what the scenario made the pace depend on.
func TestPace(t *testing.T) {
	for file, want := range map[string]string{
		"cause-window.server":    "the receive window set the pace",
		"cause-idle.client":      "the application set the pace",
		"cause-slow-path.client": "the paths set the pace",
		"cause-blocked.server":   "waited for what subflow 1 brought",
	} {
		tr := coretest.Trace(t, filepath.Join(coretest.Captures(), file+".pcapng"))
		pace, _, _ := strings.Cut(explained(t, tr, &tr.Conns[0]).Pace, "\n")
		if !strings.HasPrefix(pace, "Towards the server") || !strings.Contains(pace, want) {
			t.Errorf("%s: %s", file, pace)
		}
	}
}

// TestPaceOfSmallWrites holds that an application which writes a little now and then sets the pace, also while its data is on its way.
func TestPaceOfSmallWrites(t *testing.T) {
	const opening = "0 C>S 0 S mp_capable\n0.05 S>C 0 S. mp_capable\n0.051 C>S 0 . mp_capable\n"
	for name, c := range map[string]struct {
		length int
		again  bool
		want   string
	}{
		"small writes":  {300, false, "the application set the pace: for most of the time all that it had given was sent"},
		"full segments": {1400, false, "the paths set the pace"},
		"a dead path":   {300, true, "the paths set the pace"},
	} {
		script := opening
		sent, acked := 1, 1
		for i := range 40 { // an ack comes 50 ms after its data, and something is always on its way
			script += fmt.Sprintf("%.3f C>S 0 P. len=%d dss dsn8=%d ssn=%d dlen=%[2]d ack8=1\n", 0.1+0.02*float64(i), c.length, sent, sent)
			sent += c.length
			if i >= 2 {
				acked += c.length
				script += fmt.Sprintf("%.3f S>C 0 . dss ack8=%d\n", 0.11+0.02*float64(i), acked)
			}
		}
		if c.again {
			for i := range 10 {
				script += fmt.Sprintf("%.3f C>S 0 P. seq=%d len=%d dss dsn8=%[2]d ssn=%[2]d dlen=%[3]d ack8=1\n", 1+0.2*float64(i), acked, c.length)
			}
			script += fmt.Sprintf("3.1 S>C 0 . dss ack8=%d\n", sent)
		}
		tr, _ := fromScript(t, script)
		if pace := explained(t, tr, &tr.Conns[0]).Pace; !strings.Contains(pace, c.want) {
			t.Errorf("%s: %s", name, pace)
		}
	}
}

// TestPaceOfSmallWindow holds that a window which is full for much longer than data waits for gaps is small by itself, at the receiver too.
func TestPaceOfSmallWindow(t *testing.T) {
	script := "0 C>S 0 S wscale=0 mp_capable\n0.001 S>C 0 S. wscale=0 mp_capable\n0.05 C>S 0 . mp_capable\n" +
		"0.06 C>S 1 S wscale=0 mp_join id=2\n0.061 S>C 1 S. wscale=0 mp_join\n0.1 C>S 1 . mp_join\n0.101 S>C 1 . win=1000 dss ack8=1\n"
	for i := range 20 { // of each 100 ms, data waits for 27
		at := 0.2 + 0.1*float64(i)
		script += fmt.Sprintf("%.3f C>S 0 P. win=1000 len=500 dss dsn8=%d ssn=%d ack8=1\n", at, 501+1000*i, 1+500*i)
		script += fmt.Sprintf("%.3f C>S 1 P. win=1000 len=500 dss dsn8=%d ssn=%d ack8=1\n", at+0.027, 1+1000*i, 1+500*i)
		script += fmt.Sprintf("%.3f S>C 0 . win=1000 dss ack8=%d\n%[1]f S>C 1 . win=1000 dss ack8=%[2]d\n", at+0.028, 1001+1000*i)
	}
	tr, _ := fromScript(t, script)
	if pace := explained(t, tr, &tr.Conns[0]).Pace; !strings.Contains(pace, "the receive window set the pace") {
		t.Errorf("%s", pace)
	}
}

// TestPaceOfWhatWasSentAgain holds that only what TCP retransmitted is called lost: neither packets captured twice, nor data that MPTCP
// sent once more on the subflow that had carried it.
func TestPaceOfWhatWasSentAgain(t *testing.T) {
	const opening = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n"
	lines := new(strings.Builder)
	for i := range 20 {
		fmt.Fprintf(lines, "0.%03d C>S 0 P. len=100 dss dsn8=%d ssn=%d dlen=100 ack8=1\n", 30+10*i, 1+100*(i%10), 1+100*i)
	}
	repeated, _ := fromScript(t, opening+lines.String())
	whole, err := os.ReadFile(filepath.Join(coretest.Captures(), "cause-slow-path.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	copied, err := trace.LoadMerged(t.Context(), []io.Reader{bytes.NewReader(whole), bytes.NewReader(whole)}, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for what, tr := range map[string]*trace.Trace{"copies": copied, "repeated": repeated} {
		pace := explained(t, tr, &tr.Conns[0]).Pace
		if !strings.Contains(pace, "the paths set the pace") || strings.Contains(pace, "losses") {
			t.Errorf("%s: %s", what, pace)
		}
		if strings.Contains(pace, "MPTCP sent 1.00 kB once more") != (what == "repeated") {
			t.Errorf("%s: %s", what, pace)
		}
	}
}

// TestPaceInTheWordsOfStalls holds that explain gives the figures of stalls, in its words: a sender is idle where that was captured,
// and silent elsewhere; and that it does not blame a subflow where another one may have lost the data before the capture.
func TestPaceInTheWordsOfStalls(t *testing.T) {
	told := 0
	for _, name := range captureFiles(t) {
		tr := coretest.Trace(t, name)
		for i := range tr.Conns {
			c := &tr.Conns[i]
			s, err := analysis.NewStalls(t.Context(), tr, c)
			if err != nil {
				t.Fatal(err)
			}
			rows := forPeople(s.Table(tr, stream.DestUnknown))
			for _, pace := range strings.Split(explained(t, tr, c).Pace, "\n") {
				for _, row := range rows {
					if !strings.HasPrefix(pace, "Towards the "+strings.ToLower(row["dest"])) {
						continue
					}
					told++
					quiet, sender := "silent "+row["silent"], row["silent"] == "–"
					if sender {
						quiet = "idle " + row["idle"]
					}
					blocked := "blocked by a gap " + row["blocked"]
					if !strings.Contains(pace, quiet+",") || !strings.Contains(pace, blocked+".") {
						t.Errorf("%s, connection %d: %s\nwant %q, %q", filepath.Base(name), c.ID, pace, quiet, blocked)
					}
					if strings.Contains(pace, "head of line") && strings.Contains(pace, "is not seen here") == sender {
						t.Errorf("%s, connection %d: %s", filepath.Base(name), c.ID, pace)
					}
				}
			}
		}
	}
	if told < 50 {
		t.Errorf("%d compared", told)
	}
}

// forPeople is a table as terminals show it.
func forPeople(list *display.Table) []map[string]string {
	rows := make([]map[string]string, list.Rows)
	for row := range rows {
		rows[row] = map[string]string{}
		for col := range list.Columns {
			rows[row][list.Columns[col].Key] = display.Format(list.Cell(row, col), &list.Columns[col], display.People)
		}
	}
	return rows
}

// TestHandoverFromBothEnds holds that the captures of both ends tell of the same handover, with the same gap to the
// millisecond: delivery is read from DATA_ACKs, which travel the same paths.
func TestHandoverFromBothEnds(t *testing.T) {
	var gaps []int64
	for _, side := range []string{"client", "server"} {
		tr := coretest.Trace(t, filepath.Join(coretest.Captures(), "handover."+side+".pcapng"))
		list := analysis.Manage(tr, &tr.Conns[0]).HandoverTable()
		if list.Rows != 1 {
			t.Fatalf("%s: %d handovers", side, list.Rows)
		}
		row := cells(list)[0]
		if row["dest"] != "Client" || row["from"] != "0" || row["next"] != "1" {
			t.Errorf("%s: %v", side, row)
		}
		for col := range list.Columns {
			if list.Columns[col].Key == "gap" {
				gaps = append(gaps, list.Cell(0, col).Int())
			}
		}
	}
	if d := gaps[0] - gaps[1]; d < -2_000_000 || d > 2_000_000 || gaps[0] == 0 {
		t.Errorf("the gaps are %d and %d ns", gaps[0], gaps[1])
	}
}

// TestResetsWithACure holds that explain says of a reset why it came where the capture shows it, and what would help where it does not.
func TestResetsWithACure(t *testing.T) {
	const data = "0.1 C>S 0 P. len=10 dss dsn8=1 ssn=1 dlen=10 ack8=1\n0.11 S>C 0 . dss ack8=11\n"
	const more = "0.5 C>S 0 P. len=10 dss dsn8=11 ssn=11 dlen=10 ack8=1\n0.51 S>C 0 . dss ack8=21\n"
	const joining = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n0.1 C>S 0 P. len=10 dss dsn8=1 ssn=1 dlen=10 ack8=1\n" +
		"0.11 C>S 1 S mp_join id=2\n"
	for _, c := range []struct {
		script string
		want   analysis.Diagnosis
		cure   string
	}{
		{twoSubflows + data + "0.2 C>S 1 R. mp_tcprst\n" + more, analysis.SubflowReset, "Capture at the host that resets"},
		{twoSubflows + data + "0.2 C>S 1 R. mp_tcprst\n0.21 C>S 0 . remove_addr ids=2\n" + more, analysis.Healthy, ""},
		{twoSubflows + data + "0.2 S>C 1 R. mp_tcprst\n0.21 C>S 0 . remove_addr ids=2\n" + more, analysis.SubflowReset, "Capture at the host that resets"},
		{joining + "0.12 S>C 1 R.\n" + more, analysis.JoinReset, "See whether anything listens"},
		{joining + "0.12 S>C 1 S. mp_join\n0.13 C>S 1 R.\n" + more, analysis.JoinReset, "Capture at the host that resets"},
		{joining + "0.115 C>S 0 . dss ack8=1 dsn8=11 ssn=0 dlen=1 fin\n0.12 S>C 1 S. mp_join\n0.13 C>S 1 R.\n", analysis.JoinReset, "Let the join be done before an end ends its data"},
		{twoSubflows + data + "0.2 S>C 1 R. mp_fail dsn=1 mp_tcprst\n" + more, analysis.SubflowChecksum, "A box on that path rewrites payload; capture whole packets"},
	} {
		tr, _ := fromScript(t, c.script)
		e := explained(t, tr, &tr.Conns[0])
		if got := analysis.Diagnose(tr, &tr.Conns[0])[0].Diagnosis; got != c.want || !strings.HasPrefix(e.Cure, c.cure) || c.cure == "" && e.Cure != "" {
			t.Errorf("%s: %s, cure %q\n%s", c.script, got, e.Cure, e.Verdict)
		}
	}
}

// TestNothingIsClaimed holds that what a capture does not show is not told for certain: why data is in no packet of it, and why there is
// a subflow of which the opening was not captured.
func TestNothingIsClaimed(t *testing.T) {
	const hole = twoSubflows + "0.1 C>S 0 P. len=10 dss dsn8=1 ssn=1 dlen=10 ack8=1\n0.2 C>S 1 P. len=10 dss dsn8=101 ssn=1 dlen=10 ack8=1\n"
	for ending, want := range map[string]string{"": "lacks the path that carried them.", "0.3 C>S 0 R. mp_fastclose\n": "given up before they were sent."} {
		tr, _ := fromScript(t, hole+ending)
		a, err := analysis.NewAccount(t.Context(), tr, &tr.Conns[0])
		if err != nil {
			t.Fatal(err)
		}
		if notes := a.Notes(stream.DestUnknown); len(notes) != 1 || !strings.HasSuffix(notes[0], want) {
			t.Errorf("%q: %q", ending, notes)
		}
	}
	tr, _ := fromScript(t, "0 C>S 0 P. len=10 dss dsn8=1 ssn=1 dlen=10 ack8=1\n0.1 S>C 0 . dss ack8=11\n")
	for _, row := range cells(analysis.Manage(tr, &tr.Conns[0]).JoinTable()) {
		if row["because"] != "" {
			t.Errorf("a join because of %s", row["because"])
		}
	}
}

// TestWaitsForWhatWasNotCaptured holds that no subflow is blamed, and no loss told of, where the data that was waited for is in no packet
// of the capture, as where the other path was not captured.
func TestWaitsForWhatWasNotCaptured(t *testing.T) {
	script := new(strings.Builder)
	script.WriteString("0 C>S 0 S mp_capable\n0.001 S>C 0 S. mp_capable\n0.051 C>S 0 . mp_capable\n" + // made at the server
		"0.06 C>S 1 S mp_join id=2\n0.061 S>C 1 S. mp_join\n0.111 C>S 1 . mp_join\n0.112 S>C 1 . dss ack8=1\n0.12 C>S 1 P. len=100 dss dsn8=1 ssn=1 dlen=100 ack8=1\n")
	for i := range 20 {
		fmt.Fprintf(script, "0.%03d C>S 0 P. len=100 dss dsn8=%d ssn=%d dlen=100 ack8=1\n", 200+10*i, 201+100*i, 1+100*i)
	}
	script.WriteString("0.45 S>C 0 . dss ack8=2201\n")
	tr, _ := fromScript(t, script.String())
	c := &tr.Conns[0]
	stalls, err := analysis.NewStalls(t.Context(), tr, c)
	if err != nil {
		t.Fatal(err)
	}
	rows := cells(stalls.WaitedForTable(tr, stream.Server))
	if len(rows) != 1 || rows[0]["hole"] != "not captured" || rows[0]["for"] != "" || rows[0]["by"] != "" {
		t.Errorf("%v", rows)
	}
	if pace := explained(t, tr, c).Pace; !strings.Contains(pace, "waited for data that was not captured, 250 ms in all") {
		t.Error(pace)
	}
	chart, err := analysis.HeadOfLine(t.Context(), &analysis.Scope{Trace: tr, Conn: c, Window: analysis.Always()})
	if err != nil {
		t.Fatal(err)
	}
	if len(chart.Series) != 1 || len(chart.Series[0].X) != 20 {
		t.Errorf("%d series", len(chart.Series))
	}
}

// TestUnheardFailure holds that a connection did not fall back where MP_FAIL was not heard (seen: MP_FAIL lost on its way, and neither
// kernel counted a fallback).
func TestUnheardFailure(t *testing.T) {
	const opening = "0 C>S 0 S mp_capable flags=0x81\n0.01 S>C 0 S. mp_capable flags=0x81\n0.02 C>S 0 . mp_capable flags=0x81\n" +
		"0.1 C>S 0 P. len=10 dss dsn8=1 ssn=1 dlen=10 ack8=1 csum=bad\n0.11 S>C 0 . dss ack8=1 mp_fail dsn=1\n"
	const mapped = "0.5 C>S 0 P. len=10 dss dsn8=11 ssn=11 dlen=10 ack8=1 csum=auto\n"
	for ending, want := range map[string]analysis.Diagnosis{
		mapped:                  analysis.SubflowChecksum,
		"":                      analysis.ChecksumFailed,
		"0.5 C>S 0 P. len=10\n": analysis.ChecksumFailed,
		mapped + "0.6 C>S 0 P. len=10\n0.7 C>S 0 P. len=10\n":                      analysis.ChecksumFailed,
		mapped + "0.6 C>S 0 P. len=10 dss dsn8=21 ssn=0 dlen=0 ack8=1 csum=auto\n": analysis.ChecksumFailed,
	} {
		tr, _ := fromScript(t, opening+ending)
		c := &tr.Conns[0]
		got, verdict := analysis.Diagnose(tr, c)[0].Diagnosis, explained(t, tr, c).Verdict
		if got != want || strings.HasPrefix(verdict, "MPTCP, but checksum failed") != (want == analysis.SubflowChecksum) {
			t.Errorf("%s: %s: %s", ending, got, verdict)
		}
	}
}

// TestNoAnswerAtTheEnd holds that explain tells of a connection whose paths all died: what one end sends is not answered any more. A single
// packet, a reset before, or an answer are none of that.
func TestNoAnswerAtTheEnd(t *testing.T) {
	const data = twoSubflows + "0.1 C>S 0 P. len=10 dss dsn8=1 ssn=1 dlen=10 ack8=1\n0.15 S>C 0 . dss ack8=11\n"
	const again = "0.2 C>S 0 P. seq=11 len=10 dss dsn8=11 ssn=11 dlen=10 ack8=1\n0.5 C>S 1 P. seq=1 len=10 dss dsn8=11 ssn=1 dlen=10 ack8=1\n" +
		"1.4 C>S 0 P. seq=11 len=10 dss dsn8=11 ssn=11 dlen=10 ack8=1\n"
	const told = "From here on nothing of the server was captured: what the client sends for 1.25 s, 3 packets with data, is not answered."
	for script, want := range map[string]string{
		data + again: told,
		data + again + "1.5 S>C 0 . dss ack8=21\n":                            "",
		data + "0.16 S>C 0 R.\n" + again:                                      "",
		data + "3 C>S 0 P. seq=11 len=10 dss dsn8=11 ssn=11 dlen=10 ack8=1\n": "",
	} {
		tr, _ := fromScript(t, script)
		got := ""
		for _, row := range cells(explained(t, tr, &tr.Conns[0]).Life) {
			if strings.HasPrefix(row["what"], "From here on") {
				got += row["what"]
			}
		}
		if got != want {
			t.Errorf("%s: %q", script, got)
		}
	}
}

// TestOpenSubflows holds that a connection is told closed only where all its subflows are.
func TestOpenSubflows(t *testing.T) {
	const script = twoSubflows + "0.1 C>S 0 P. len=10 dss dsn8=1 ssn=1 dlen=10 ack8=1\n0.2 S>C 0 . dss ack8=12 dsn8=1 ssn=0 dlen=1 fin\n0.3 C>S 0 . dss ack8=2 dsn8=11 ssn=0 dlen=1 fin\n" +
		"0.4 C>S 0 F.\n0.5 S>C 0 F.\n"
	for ending, want := range map[string]bool{"": false, "0.6 C>S 1 F.\n0.7 S>C 1 F.\n": true, "0.6 C>S 1 R.\n": true} {
		tr, _ := fromScript(t, script+ending)
		closed := false
		for _, v := range analysis.Manage(tr, &tr.Conns[0]).Events {
			closed = closed || v.Name == "CLOSED"
		}
		if closed != want {
			t.Errorf("%q: closed %v", ending, closed)
		}
	}
}

// TestEventsAreTheKernels compares the number of events with the kernel's counters, which count the same.
func TestEventsAreTheKernels(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(coretest.Captures(), "*.json"))
	files = append(files, corpus.Files(t, "linux-v1/*.json")...)
	compared := 0
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "late-start") || strings.HasPrefix(name, "cause-address-forged") {
			continue // no handshake; an announcement that the kernel ignores
		}
		client, server := kernelCounters(t, file)
		stem := strings.TrimSuffix(file, ".json")
		for _, side := range []struct {
			capture, monitor string
			kernel           map[string]uint64
		}{{".client.pcapng", "client", client}, {".server.pcapng", "server", server}, {".pcap", "client", client}, {".server.pcap", "server", server}} {
			if _, err := os.Stat(stem + side.capture); err != nil {
				continue
			}
			tr := coretest.Trace(t, stem+side.capture)
			got := map[string]uint64{}
			for i := range tr.Conns {
				for _, v := range analysis.Manage(tr, &tr.Conns[i]).Events {
					if v.At == side.monitor || v.At == "both" {
						got[v.Name]++
					}
				}
			}
			for event, counter := range map[string]string{"ANNOUNCED": "AddAddr", "REMOVED": "RmAddr", "SF_PRIO": "MPPrioRx"} {
				compared++
				if got[event] != side.kernel[counter] {
					t.Errorf("%s: %d %s, %s of the kernel is %d", name+side.capture, got[event], event, counter, side.kernel[counter])
				}
			}
			if joined := side.kernel["MPJoinAckRx"]; side.monitor == "server" && got["SF_ESTABLISHED"] != joined {
				t.Errorf("%s: %d SF_ESTABLISHED, MPJoinAckRx of the kernel is %d", name+side.capture, got["SF_ESTABLISHED"], joined)
			}
		}
	}
	if compared < 100 {
		t.Errorf("only %d compared", compared)
	}
}

// TestEverythingIsTold goes through every answer on every capture, faulty ones too: nothing may panic, and every finding
// has its packets.
func TestEverythingIsTold(t *testing.T) {
	files := captureFiles(t)
	faulty, err := filepath.Glob(filepath.Join(coretest.Root(), "testdata", "faulty", "*.pcap*"))
	if err != nil || len(faulty) == 0 {
		t.Fatal("no faulty captures", err)
	}
	for _, name := range append(files, faulty...) {
		if ext := filepath.Ext(name); strings.Contains(name, "empty") || strings.Contains(name, "text") || ext != ".pcap" && ext != ".pcapng" {
			continue // no capture at all
		}
		tr := coretest.Trace(t, name)
		var all []*conn.Conn
		for i := range tr.Conns {
			c := &tr.Conns[i]
			all = append(all, c)
			e := explained(t, tr, c)
			if e.Verdict == "" || e.Next.Rows == 0 || strings.Contains(e.Verdict, "%!") || strings.Contains(e.Pace, "%!") {
				t.Errorf("%s, connection %d: %+v", name, c.ID, e)
			}
			m := analysis.Manage(tr, c)
			for _, list := range []*display.Table{e.Life, e.Found, e.Next, m.EventTable(), m.AnnouncedTable(), m.JoinTable(), m.HandoverTable()} {
				cells(list)
			}
		}
		for i := range tr.Streams {
			if _, sentence, _ := analysis.ExplainStream(tr, uint32(i)); sentence == "" {
				t.Errorf("%s, stream %d: nothing to say", name, i)
			}
		}
		outcome, failures, each := analysis.Verify(tr, all)
		suspicious, _ := analysis.Issues(tr, all, true, 0)
		for _, list := range []*display.Table{outcome, failures, each, analysis.Counters(tr, all, stream.DestUnknown), suspicious} {
			cells(list)
		}
	}
}
