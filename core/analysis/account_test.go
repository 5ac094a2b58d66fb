package analysis_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// captureFiles are the captures of the project, and those of the corpus where there is one.
func captureFiles(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(coretest.Captures(), "*.pcapng"))
	if err != nil || len(names) == 0 {
		t.Fatal("no captures", err)
	}
	return append(names, corpus.Files(t, "linux-v1/*.pcap", "linux-v1/*.pcapng", "synthetic/*.pcap", "public/*/*.pcap", "public/*/*.pcapng")...)
}

var bothEnds = []stream.Dest{stream.Server, stream.Client}

// TestAccountOfCaptures holds that bytes are neither lost nor counted twice, and that the connection table, which finds
// overlaps in another way, agrees.
func TestAccountOfCaptures(t *testing.T) {
	conns, again := 0, uint64(0)
	for _, name := range captureFiles(t) {
		tr := coretest.Trace(t, name)
		for i := range tr.Conns {
			c := &tr.Conns[i]
			a, err := analysis.NewAccount(t.Context(), tr, c)
			if err != nil {
				t.Fatal(err)
			}
			conns++
			for _, d := range bothEnds {
				checkAccount(t, filepath.Base(name), a, c, d)
				checkTable(t, filepath.Base(name), a, c, d)
				sum := a.Total(d)
				again += sum.Retransmitted() + sum.Reinjected
			}
		}
	}
	t.Logf("%d connections, %d bytes carried again", conns, again)
	if again == 0 {
		t.Error("nothing was carried again")
	}
}

func checkAccount(t *testing.T, name string, a *analysis.Account, c *conn.Conn, d stream.Dest) {
	t.Helper()
	var caused, given, again uint64
	for ordinal, p := range a.Parts[d] {
		if sum := p.Unique + p.Timeout + p.Fast + p.Spurious + p.Copies + p.Repeated + p.Reinjected + p.Unmapped; sum != p.Payload {
			t.Errorf("%s: connection %d to %s: subflow %d: sorts make %d, payload is %d", name, c.ID, d, ordinal, sum, p.Payload)
		}
		caused, given = caused+p.Caused, given+p.Reinjected
		again += p.Retransmitted() + p.Copies
	}
	for _, r := range a.Reinjections {
		if r.Dest == d {
			given -= r.Bytes
			if r.By == r.Of {
				t.Errorf("%s: packet %d is a reinjection of its own subflow", name, r.Row+1)
			}
		}
	}
	for _, r := range a.Resent {
		if r.Dest == d {
			again -= r.Bytes
		}
	}
	if sum := a.Total(d); given != 0 || again != 0 || caused != sum.Reinjected {
		t.Errorf("%s: connection %d to %s: the lists and the sums differ: %d %d %d", name, c.ID, d, given, again, caused)
	}
}

// checkTable compares an account with the connection table's.
func checkTable(t *testing.T, name string, a *analysis.Account, c *conn.Conn, d stream.Dest) {
	t.Helper()
	sum, want := a.Total(d), c.Toward[d]
	got := [...]uint64{sum.Packets, sum.Payload, sum.Unique, sum.Reinjected, sum.Retransmitted() + sum.Copies + sum.Repeated, sum.Unmapped}
	if w := [...]uint64{want.Packets, want.Bytes, want.Unique, want.Reinjected, want.Retransmitted, want.Unmapped}; got != w {
		t.Errorf("%s: connection %d to %s: packets, payload, unique, reinjected, again, unmapped are %d, the table has %d", name, c.ID, d, got, w)
	}
}

// TestAccountApplications holds that the data is what the applications sent, in either capture of a connection. What a
// capture lost is told apart.
func TestAccountApplications(t *testing.T) {
	dir := corpus.Dir(t)
	reports, _ := filepath.Glob(filepath.Join(dir, "linux-v1", "*.json"))
	if len(reports) < 10 {
		t.Fatal("no reports")
	}
	lost := uint64(0)
	for _, report := range reports {
		var want struct{ Up, Down uint64 }
		corpus.JSON(t, report, &want)
		stem := strings.TrimSuffix(report, ".json")
		for _, name := range []string{stem + ".pcap", stem + ".server.pcap"} {
			tr := coretest.Trace(t, name)
			if len(tr.Conns) == 0 {
				t.Errorf("%s: no connection", name)
			}
			for i := range tr.Conns {
				lost += checkSent(t, tr, &tr.Conns[i], want.Up, want.Down)
			}
		}
	}
	if lost > 10_000 { // v1_two_subflows.pcap lacks some packets
		t.Errorf("%d bytes were not captured", lost)
	}
}

// TestAccountLab does the same for the captures of the project.
func TestAccountLab(t *testing.T) {
	flows := 0
	for _, name := range []string{"two-path-upload", "signal-address", "fallback", "handover", "ipv6-checksum", "many-connections", "nat-clocks"} {
		var report struct {
			App []struct {
				Client, Server struct {
					Address string
					Sent    uint64
				}
			}
		}
		corpus.JSON(t, filepath.Join(coretest.Captures(), name+".json"), &report)
		tr := coretest.Trace(t, filepath.Join(coretest.Captures(), name+".client.pcapng"))
		for _, flow := range report.App {
			for i := range tr.Conns {
				c := &tr.Conns[i]
				if tr.Streams[c.Subflows[0].Stream].Client.String() == flow.Client.Address {
					checkSent(t, tr, c, flow.Client.Sent, flow.Server.Sent)
					flows++
				}
			}
		}
	}
	if flows < 14 {
		t.Errorf("only %d flows were compared", flows)
	}
}

// checkSent compares a connection's data with what its applications sent, and returns how much the capture lost.
func checkSent(t *testing.T, tr *trace.Trace, c *conn.Conn, up, down uint64) uint64 {
	t.Helper()
	a, err := analysis.NewAccount(t.Context(), tr, c)
	if err != nil {
		t.Fatal(err)
	}
	server, client := a.Total(stream.Server).Unique, a.Total(stream.Client).Unique
	lostUp, lostDown := a.Missing(stream.Server), a.Missing(stream.Client)
	if server+lostUp != up || client+lostDown != down {
		t.Errorf("connection %d: %d + %d lost up, %d + %d lost down, the applications sent %d and %d", c.ID, server, lostUp, client, lostDown, up, down)
	}
	return lostUp + lostDown
}
