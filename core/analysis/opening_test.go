package analysis_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

const ms = int64(1e6)

// TestOpenings measures two handshakes: one whose SYN got no answer at first, and a join to an announced address.
func TestOpenings(t *testing.T) {
	tr, _ := fromScript(t, `
flow 1 10.0.0.1:40001 10.9.9.9:5001
0 C>S 0 S mp_capable
1 C>S 0 S mp_capable
1.030 S>C 0 S. mp_capable
1.031 C>S 0 . mp_capable
1.100 S>C 0 . add_addr id=3 addr=10.9.9.9 port=5001 dss ack8=1
1.150 C>S 1 S mp_join id=0
1.200 S>C 1 S. mp_join id=3
1.201 C>S 1 . mp_join
1.250 S>C 1 . dss ack8=1
1.300 C>S 1 P. len=100 dss dsn8=1 ssn=1 ack8=1
`)
	o := analysis.Openings(tr, &tr.Conns[0])
	start := tr.Capture.First
	want := []analysis.Opening{
		{Ordinal: 0, SYN: start, LastSYN: start + 1000*ms, SYNs: 2, SYNACK: start + 1030*ms, ACK: start + 1031*ms,
			Confirmed: start + 1100*ms, Data: analysis.Never, Reset: analysis.Never, Announced: analysis.Never, Vantage: analysis.AtClient},
		{Ordinal: 1, SYN: start + 1150*ms, LastSYN: start + 1150*ms, SYNs: 1, SYNACK: start + 1200*ms, ACK: start + 1201*ms,
			Confirmed: start + 1250*ms, Data: start + 1300*ms, Reset: analysis.Never, Announced: start + 1100*ms, Vantage: analysis.AtClient},
	}
	for i := range want {
		if o[i] != want[i] {
			t.Errorf("subflow %d: %+v, want %+v", i, o[i], want[i])
		}
	}
	if o[0].Setup() != 1031*ms || o[0].RTT() != 31*ms || o[0].Waited() != 1000*ms || analysis.HandshakeRTT(o) != 31*ms {
		t.Errorf("setup %d, round trip %d, waited %d", o[0].Setup(), o[0].RTT(), o[0].Waited())
	}
}

// TestVantage tells where each capture of the project was made.
func TestVantage(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join(coretest.Captures(), "*.pcapng"))
	for _, name := range names {
		if strings.Contains(name, "late-start") || strings.Contains(name, "cause-no-answer") || strings.Contains(name, "cause-refused") {
			continue // without handshakes
		}
		want := analysis.AtClient
		if strings.Contains(name, ".server.") {
			want = analysis.AtServer
		}
		tr := coretest.Trace(t, name)
		for i := range tr.Conns {
			if !tr.Conns[i].Handshake && !tr.Streams[tr.Conns[i].Subflows[0].Stream].SYN {
				continue // it goes on where another stream ended
			}
			o := analysis.Openings(tr, &tr.Conns[i])
			if got := analysis.VantageOf(o); got != want {
				t.Errorf("%s, connection %d: %s", filepath.Base(name), tr.Conns[i].ID, got)
			}
		}
	}
}

// TestOvertakenThird holds that a server that saw later data before the third packet is not taken for one whose options are stripped:
// Linux goes on as plain TCP there (seen in the lab on a path that reorders). With MP_CAPABLE in that data it does not.
func TestOvertakenThird(t *testing.T) {
	const script = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 P. seq=101 len=100 %s\n0.03 S>C 0 . ack=1\n" +
		"0.04 C>S 0 P. seq=1 len=100 mp_capable dlen=100\n0.05 S>C 0 P. ack=201 len=50\n0.06 C>S 0 P. seq=201 ack=51 len=50\n0.07 S>C 0 . ack=251\n"
	for option, want := range map[string]analysis.Diagnosis{
		"dss dsn8=101 ssn=101 ack8=1": analysis.PeerFellBack,
		"mp_capable dlen=200":         analysis.StrippedHandshake,
	} {
		tr, _ := fromScript(t, strings.Replace(script, "%s", option, 1))
		if f := analysis.Diagnose(tr, &tr.Conns[0]); len(f) == 0 || f[0].Diagnosis != want {
			t.Errorf("%s: %+v, want %v", option, f, want)
		}
	}
}

// TestFirstSegmentAgain holds that a first segment that is sent again, or seen twice, is as long an evidence as before.
func TestFirstSegmentAgain(t *testing.T) {
	const script = "0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 .\n%s0.04 C>S 0 P. seq=1449 len=1448\n0.05 S>C 0 P. ack=2897 len=1448\n"
	const first = "0.03 C>S 0 P. seq=1 len=1448\n"
	for _, again := range []string{"", first, first + first} {
		tr, _ := fromScript(t, strings.Replace(script, "%s", first+again, 1))
		if f := analysis.Diagnose(tr, &tr.Conns[0]); len(f) == 0 || f[0].Diagnosis != analysis.StrippedSYNACK {
			t.Errorf("%q: %+v", again, f)
		}
	}
}
