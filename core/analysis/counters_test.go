package analysis_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// kernelCounters reads the kernel's counters beside a capture.
func kernelCounters(t *testing.T, file string) (client, server map[string]uint64) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lab struct {
		Counters               struct{ Client, Server map[string]uint64 }
		Client_mib, Server_mib map[string]uint64 //nolint:revive // the names in the files of linux-v1
	}
	if err := json.Unmarshal(b, &lab); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if lab.Client_mib != nil || lab.Server_mib != nil {
		return lab.Client_mib, lab.Server_mib
	}
	return lab.Counters.Client, lab.Counters.Server
}

// TestCountersAreTheKernels compares, for every capture with the kernel's counters beside it, those of the end where it was
// made.
func TestCountersAreTheKernels(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(coretest.Captures(), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no captures", err)
	}
	files = append(files, corpus.Files(t, "linux-v1/*.json")...)
	compared, counted := 0, uint64(0)
	for _, file := range files {
		client, server := kernelCounters(t, file)
		stem := strings.TrimSuffix(file, ".json")
		for _, side := range []struct {
			capture string
			end     stream.Dest
			kernel  map[string]uint64
		}{
			{".client.pcapng", stream.Client, client}, {".server.pcapng", stream.Server, server},
			{".pcap", stream.Client, client}, {".server.pcap", stream.Server, server},
		} {
			if _, err := os.Stat(stem + side.capture); err != nil {
				continue
			}
			n, sum := compareCounters(t, stem+side.capture, side.end, side.kernel)
			compared, counted = compared+n, counted+sum
		}
	}
	if compared < 1000 || counted < 100 {
		t.Errorf("only %d counters compared, which counted %d", compared, counted)
	}
}

// unlike are the captures that cannot show what the kernel counted, and why.
func unlike(file, counter string) string {
	name := filepath.Base(file)
	switch {
	case strings.HasPrefix(name, "late-start"):
		return "the capture begins after the handshakes"
	case counter == "DataCsumErr" && !strings.HasPrefix(name, "checksum-failure") && !strings.HasPrefix(name, "cause-bad-checksum"):
		return "payload is cut"
	}
	return ""
}

func compareCounters(t *testing.T, file string, end stream.Dest, kernel map[string]uint64) (compared int, counted uint64) {
	t.Helper()
	tr := coretest.Trace(t, file)
	var all []*conn.Conn
	for i := range tr.Conns {
		all = append(all, &tr.Conns[i])
	}
	n := analysis.CountersOf(tr, all)
	for _, name := range analysis.CountersOnWire() {
		if unlike(file, name) != "" {
			continue
		}
		compared++
		counted += kernel[name]
		if got := n.Of(end, name); got != kernel[name] {
			t.Errorf("%s: %s of the %s is %d, the kernel counted %d", filepath.Base(file), name, end, got, kernel[name])
		}
	}
	return compared, counted
}

// counted is what the server counts of one sort after a script.
type counted struct {
	counter, script string
	want            uint64
}

// compareServer holds counters of the server to what is wanted after an opening.
func compareServer(t *testing.T, opening string, list []counted) {
	t.Helper()
	for _, c := range list {
		tr, _ := fromScript(t, opening+c.script)
		if got := analysis.CountersOf(tr, []*conn.Conn{&tr.Conns[0]}).Of(stream.Server, c.counter); got != c.want {
			t.Errorf("%q: %s %d, want %d", c.script, c.counter, got, c.want)
		}
	}
}

// A reset that answers a JOIN SYN acknowledges it, but no socket sent it: the kernel does not count it (seen with a server
// that had closed the connection: MPJoinNoTokenFound 1, MPRstTx 0). One that answers the third packet counts. MP_FASTCLOSE on
// a join that is not established finds no socket (seen: MPFastcloseTx 3 at the client, no MPFastcloseRx at the server). A client
// that gives a join up before its answer comes counts that reset, and the server the join (seen: MPRstTx 2 for two joins,
// MPJoinNoTokenFound 2). An end that has reset a subflow does not see the MP_FAIL of the other one's (seen where both found a wrong
// checksum: MPFailTx 2, MPFailRx 0), nor its MP_FASTCLOSE (seen: MPFastcloseTx 2, MPFastcloseRx 1). When an endpoint is deleted while data
// is under way, Linux resets its subflow right before REMOVE_ADDR (seen: RmSubflow 2). A subflow that is closed in the middle without
// REMOVE_ADDR counts (ip mptcp endpoint flush: RmSubflow 3, RmAddrTx 0), and one that the other end closes for a REMOVE_ADDR does not
// (MPTCP_PM_CMD_REMOVE of user space: RmAddrTx 1, RmSubflow 0). A SYN with MP_JOIN counts again after a reset of its sender
// (seen where SYN/ACKs came back by another interface: MPJoinSynRx 10 for 2 joins).
func TestResetsThatCount(t *testing.T) {
	const opening = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n0.03 C>S 1 S mp_join id=2\n"
	const joined = "0.04 S>C 1 S. mp_join id=1\n0.05 C>S 1 . mp_join\n0.06 S>C 1 . dss ack8=1\n"
	compareServer(t, opening, []counted{
		{"MPRstTx", "0.04 S>C 1 R. mp_tcprst reason=1\n", 0},
		{"MPJoinSynRx", "0.04 S>C 1 S. mp_join\n0.05 C>S 1 R\n1.03 C>S 1 S mp_join id=2\n1.04 S>C 1 S. mp_join\n1.05 C>S 1 R\n", 2},
		{"MPJoinSynRx", "0.04 S>C 1 S. mp_join\n1.03 C>S 1 S mp_join id=2\n1.04 S>C 1 S. mp_join\n1.05 C>S 1 R\n", 1},
		{"MPRstTx", "0.04 S>C 1 S. mp_join\n0.05 C>S 1 . mp_join\n0.06 S>C 1 R. mp_tcprst reason=3\n", 1},
		{"MPFastcloseRx", "0.04 S>C 1 S. mp_join\n0.05 C>S 1 R. mp_fastclose\n", 0},
		{"MPFastcloseRx", "0.04 S>C 1 S. mp_join\n0.05 C>S 1 . mp_join\n0.06 C>S 1 R. mp_fastclose\n", 1},
		{"MPFastcloseRx", "0.04 C>S 0 R. mp_fastclose\n", 1},
		{"MPJoinNoTokenFound", "0.04 C>S 1 R. mp_fastclose mp_tcprst\n0.05 S>C 1 R. mp_tcprst reason=1\n", 1},
		{"MPFailRx", "0.04 S>C 0 R. mp_fail dsn=1 mp_tcprst\n0.05 C>S 0 R. mp_fail dsn=1 mp_tcprst\n", 0},
		{"MPFailRx", "0.05 C>S 0 R. mp_fail dsn=1 mp_tcprst\n", 1},
		{"MPRstRx", joined + "0.08 C>S 1 R. mp_tcprst\n", 1},
		{"MPRstRx", joined + "0.08 C>S 1 R\n0.09 C>S 1 R. mp_tcprst\n", 0},
		{"MPFastcloseRx", joined + "0.07 S>C 1 R. mp_tcprst\n0.08 C>S 1 R. mp_fastclose\n", 0},
		{"RmSubflow", joined + "0.07 S>C 0 . dss ack8=1\n0.08 S>C 1 F. dss ack8=1\n0.09 C>S 0 . dss ack8=1\n", 1},
		{"RmSubflow", joined + "0.07 S>C 0 . dss ack8=1\n0.07 C>S 0 . remove_addr ids=2\n0.08 S>C 1 F. dss ack8=1\n0.09 C>S 0 . dss ack8=1\n", 0},
		{"RmSubflow", joined + "0.07 S>C 0 . dss fin dsn8=1 dlen=1\n0.08 S>C 1 F. dss ack8=1\n0.09 C>S 0 . dss ack8=1\n", 0},
		{"RmSubflow", joined + "0.08 S>C 0 . remove_addr ids=1\n0.09 C>S 1 F. dss ack8=1\n0.1 S>C 1 F. dss ack8=1\n", 0},
		{"RmSubflow", joined + "0.08 S>C 0 . remove_addr ids=1\n0.081 S>C 1 F. dss ack8=1\n0.09 C>S 1 F. dss ack8=1\n", 1},
		{"RmSubflow", joined + "0.08 S>C 0 . remove_addr ids=1\n0.09 C>S 1 R. mp_tcprst\n", 1},
		{"RmSubflow", joined + "0.07 C>S 1 R. mp_tcprst\n0.08 S>C 0 . remove_addr ids=1\n0.09 C>S 1 R\n", 0},
		{"RmSubflow", joined + "0.07 S>C 1 R. mp_tcprst\n0.08 S>C 0 . remove_addr ids=1\n", 1},
		{"RmSubflow", joined + "0.07 S>C 1 R. mp_tcprst\n1.08 S>C 0 . remove_addr ids=1\n", 0},
	})
	tr, _ := fromScript(t, opening+"0.04 C>S 1 R. mp_fastclose mp_tcprst\n0.05 S>C 1 R. mp_tcprst reason=1\n")
	if got := analysis.CountersOf(tr, []*conn.Conn{&tr.Conns[0]}).Of(stream.Client, "MPRstTx"); got != 1 {
		t.Errorf("MPRstTx %d of a client that gave a join up, want 1", got)
	}
}

// The third packet, with MP_CAPABLE, is overtaken by data: the server falls back there and then, and not once more when data
// comes without a mapping (seen where a path reorders: MPCapableFallbackACK 3, DssFallback 0).
func TestServerFallsBackOnce(t *testing.T) {
	tr, _ := fromScript(t, "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 P. seq=101 len=100 dss dsn8=101 ssn=101 ack8=1\n"+
		"0.03 S>C 0 . ack=1\n0.04 C>S 0 P. seq=1 len=100 mp_capable dlen=100\n0.05 S>C 0 P. ack=201 len=50\n0.06 C>S 0 P. seq=201 ack=51 len=50\n0.07 S>C 0 . ack=251\n")
	n := analysis.CountersOf(tr, []*conn.Conn{&tr.Conns[0]})
	if back, data := n.Of(stream.Server, "MPCapableFallbackACK"), n.Of(stream.Server, "DssFallback"); back != 1 || data != 0 {
		t.Errorf("MPCapableFallbackACK %d, DssFallback %d, want 1 and 0", back, data)
	}
}

// The third packet has MP_CAPABLE and the data behind it no option: the server had agreed, and falls back over the data (seen:
// MPCapableACKRX 1, DssFallback 1). An end that has announced its infinite mapping falls back with it: what comes then is no other
// reason (seen at both ends: the one that answers MP_FAIL counts no DssFallback), and no checksum is looked at any more.
func TestFallbackCountsOnce(t *testing.T) {
	const opening = "0 C>S 0 S mp_capable flags=0x81\n0.01 S>C 0 S. mp_capable flags=0x81\n0.02 C>S 0 . mp_capable flags=0x81\n"
	const mapped = "0.03 S>C 0 P. len=100 dss dsn8=1 ssn=1 csum=auto ack8=1\n0.04 C>S 0 P. len=100 dss dsn8=1 ssn=1 csum=auto ack8=101\n"
	const infinite = mapped + "0.05 S>C 0 P. len=100 dss dsn8=101 ssn=101 dlen=0 csum=0x0 ack8=101\n"
	const wrong = "0.045 C>S 0 P. len=100 dss dsn8=101 ssn=101 csum=bad ack8=101\n"
	compareServer(t, opening, []counted{
		{"MPCapableACKRX", "0.03 C>S 0 P. len=100\n0.04 C>S 0 P. len=100\n0.05 S>C 0 . \n0.06 S>C 0 P. len=50\n", 1},
		{"MPCapableFallbackACK", "0.03 C>S 0 P. len=100\n0.04 C>S 0 P. len=100\n0.05 S>C 0 . \n0.06 S>C 0 P. len=50\n", 0},
		{"DssFallback", "0.03 C>S 0 P. len=100\n0.04 C>S 0 P. len=100\n0.05 S>C 0 . \n0.06 S>C 0 P. len=50\n", 1},
		{"DssFallback", infinite + "0.07 C>S 0 P. len=100\n0.08 C>S 0 P. len=100\n", 0},
		{"InfiniteMapTx", infinite + "0.07 C>S 0 P. len=100\n0.08 C>S 0 P. len=100\n", 1},
		{"DataCsumErr", infinite + wrong, 0},
		{"DataCsumErr", mapped + "0.042 S>C 0 R.\n" + wrong, 0},
		{"DataCsumErr", strings.Replace(infinite, "0.05", wrong+"0.05", 1), 1},
	})
}

// A mapping that contradicts the one whose bytes are coming makes Linux reset the subflow (seen at the client, where a box had changed a
// DSN on the way to it: DSSNotMatching 1).
func TestClashingMappingCounts(t *testing.T) {
	tr, _ := fromScript(t, "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n0.025 S>C 0 . dss ack8=1\n"+
		"0.03 C>S 1 S mp_join id=2\n0.04 S>C 1 S. mp_join\n0.05 C>S 1 . mp_join\n0.06 S>C 1 . dss ack8=1\n"+
		"0.1 S>C 1 . len=100 dss dsn8=1 ssn=1 dlen=200 ack8=1\n0.101 S>C 1 P. seq=101 len=100 dss dsn8=5 ssn=1 dlen=200 ack8=1\n0.11 C>S 1 R. mp_tcprst reason=1\n")
	n := analysis.CountersOf(tr, []*conn.Conn{&tr.Conns[0]})
	if c, s := n.Of(stream.Client, "DSSNotMatching"), n.Of(stream.Server, "DSSNotMatching"); c != 1 || s != 0 {
		t.Errorf("DSSNotMatching %d and %d, want 1 and 0", c, s)
	}
}

// An ADD_ADDR that other packets overtook has an older timestamp than theirs: the receiver drops it (seen where a path reorders:
// AddAddrTx 3, AddAddr 1), but for an ack that tells nothing old.
func TestOldPacketsDoNotCount(t *testing.T) {
	const opening = "0 C>S 0 S ts=1/0 mp_capable\n0.01 S>C 0 S. ts=1/1 mp_capable\n0.02 C>S 0 . ts=2/1 mp_capable\n" +
		"0.03 C>S 0 P. ts=2/1 len=50 dss ack8=1 dsn8=1 ssn=1\n0.04 S>C 0 . seq=1 ack=51 ts=9/2\n"
	for script, want := range map[string]uint64{
		"0.05 S>C 0 . seq=1 ack=1 ts=8/2 add_addr id=2 addr=10.0.2.2\n":  0,
		"0.05 S>C 0 . seq=1 ack=51 ts=8/2 add_addr id=2 addr=10.0.2.2\n": 1,
		"0.05 S>C 0 . seq=1 ack=1 ts=9/2 add_addr id=2 addr=10.0.2.2\n":  1,
		"0.05 S>C 0 . seq=1 ack=1 add_addr id=2 addr=10.0.2.2\n":         1,
		// Behind a gap: what has the newer timestamp came before the gap was filled, and tells none.
		"0.05 S>C 0 . seq=101 ack=51 ts=11/2 len=10\n0.06 S>C 0 . seq=101 ack=1 ts=10/2 add_addr id=2 addr=10.0.2.2\n": 1,
	} {
		tr, _ := fromScript(t, opening+script)
		n := analysis.CountersOf(tr, []*conn.Conn{&tr.Conns[0]})
		if got := n.Of(stream.Client, "AddAddr"); got != want || n.Of(stream.Server, "AddAddrTx") != 1 {
			t.Errorf("%q: AddAddr %d, want %d", script, got, want)
		}
	}
}

// What the kernel counted in the lab: a join that the server opens to a port that the client announced is one to another port
// (MPJoinPortSynRx 1 at the client), and REMOVE_ADDR of id 0 closes the initial subflow (RmSubflow 1).
func TestJoinsAndRemovalsThatCount(t *testing.T) {
	const opening = "flow 0 10.0.1.1:40000 10.0.1.2:5001\nflow 1 10.0.2.1:7777 10.0.2.2:50000\nflow 2 10.0.1.1:40000 10.0.2.2:50001\n" +
		"0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n0.03 C>S 0 P. len=50 dss ack8=1 dsn8=1 ssn=1\n0.04 S>C 0 . dss ack8=51\n"
	const join = "0.05 S>C N S mp_join id=3\n0.06 C>S N S. mp_join id=2\n0.07 S>C N . mp_join\n0.08 C>S N . dss ack8=1\n"
	const removal = "0.09 C>S 1 . remove_addr ids=0\n0.10 C>S 0 F.\n0.11 S>C 0 F.\n"
	for _, c := range []struct {
		end             stream.Dest
		counter, script string
		want            uint64
	}{
		{stream.Client, "MPJoinPortSynRx", strings.ReplaceAll(join, "N", "1"), 1},
		{stream.Client, "MPJoinPortAckRx", strings.ReplaceAll(join, "N", "1"), 1},
		{stream.Server, "MPJoinPortSynAckRx", strings.ReplaceAll(join, "N", "1"), 1},
		{stream.Client, "MPJoinPortSynRx", strings.ReplaceAll(join, "N", "2"), 0},
		{stream.Client, "RmSubflow", strings.ReplaceAll(join, "N", "1") + removal, 1},
	} {
		tr, _ := fromScript(t, opening+c.script)
		if got := analysis.CountersOf(tr, []*conn.Conn{&tr.Conns[0]}).Of(c.end, c.counter); got != c.want {
			t.Errorf("%q: %s %d, want %d", c.script, c.counter, got, c.want)
		}
	}
}
