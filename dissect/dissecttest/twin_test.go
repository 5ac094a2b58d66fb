package dissecttest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
)

const sample = `
0 C>S 0 S mss=1460 wscale=7 ts=1/0 mp_capable
0.01 S>C 0 S. mss=1460 wscale=7 ts=9/1 mp_capable
0.02 C>S 0 . mp_capable
0.03 C>S 0 P. len=10 mp_capable dlen=10
0.04 S>C 0 . ts=10/1 dss ack8=11
0.05 C>S 1 S mp_join id=2
0.06 S>C 1 S. mp_join id=1
0.07 C>S 1 . mp_join
0.08 C>S 1 P. len=5 dss dsn8=11 ssn=1 ack8=1
0.09 S>C 0 . add_addr id=3 addr=10.9.9.9 dss ack8=16
0.10 C>S 0 R mp_fastclose mp_tcprst reason=2
`

// TestTwin turns a capture into text and back: the text of what comes out is the same.
func TestTwin(t *testing.T) {
	file, err := dissecttest.Capture(sample)
	if err != nil {
		t.Fatal(err)
	}
	checkTwin(t, file)
}

// TestTwinCorpus does so with captures of other people's.
func TestTwinCorpus(t *testing.T) {
	dir := corpus.Dir(t)
	for _, name := range []string{"public/tcpdump/mptcp-v0.pcap", "public/DPI-MPTCP/mp_key_change.pcap",
		"public/MPTCProxy/mptcp.pcap", "public/mptcp-nids-evasion-tests/SQL_Injection_scenario3_r4_eth1.pcapng"} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			checkTwin(t, file)
		})
	}
}

func checkTwin(t *testing.T, file []byte) {
	t.Helper()
	first, err := dissecttest.Text(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(first, "\n") == 0 {
		t.Fatal("no lines")
	}
	again, err := dissecttest.Capture(first)
	if err != nil {
		t.Fatal(err)
	}
	second, err := dissecttest.Text(again)
	if err != nil {
		t.Fatal(err)
	}
	if first == second {
		return
	}
	a, b := strings.Split(first, "\n"), strings.Split(second, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			t.Fatalf("line %d was\n%s\nbecame\n%s", i+1, a[i], b[i])
		}
	}
	t.Fatalf("%d lines became %d", len(a), len(b))
}

func TestBadScript(t *testing.T) {
	for script, want := range map[string]string{
		"0 C>S 0 S bogus":      `no option "bogus"`,
		"0 C>S 0 S dss what=1": `dss has no parameter "what"`,
		"x C>S 0 S":            `time "x"`,
		"0 C>S 0 Q":            "no TCP flag",
		"\n0 C>S":              "line 2: a packet needs",
		"key X 1":              `no end "X"`,
		"0 C>S 0 . opt zz":     "invalid byte",
		"0 C>S 0 . ts=1/2 mp_join dss ack8=1 dsn8=1": "40 is the most",
	} {
		if _, err := dissecttest.Capture(script); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", script, err, want)
		}
	}
}
