package where

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Looking among the packets of one connection or stream finds what looking at all packets finds.
func TestAmong(t *testing.T) {
	f, err := os.Open(filepath.Join(coretest.Captures(), "many-connections.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tr, err := trace.Load(t.Context(), f, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := make([]uint32, tr.Len())
	for i := range all {
		all[i] = uint32(i)
	}
	for _, c := range []struct {
		source string
		among  bool
	}{
		{"mptcpstream == 3", true},
		{"3 == mptcp.stream && tcplen > 0", true},
		{"(tcplen > 0 and tcpstream == 2) and dsn != nil", true},
		{"tcp.stream == 2 && mptcpstream == 3", true},
		{"mptcpstream == 3000", true},
		{"mptcpstream == 3 || tcpstream == 0", false},
		{"not (mptcpstream == 3)", false},
		{"mptcpstream != 3 and tcplen > 0", false},
		{"mptcpstream == -1", false},
		{"mptcpstream == 3.0", false},
		{"mptcpstream == nil", false},
		{"mptcpstream == tcpstream", false},
		{"tcpstream in [1, 2]", false},
	} {
		p, err := Compile(c.source)
		if err != nil {
			t.Fatalf("%s: %v", c.source, err)
		}
		if got := p.among.rows != nil; got != c.among {
			t.Errorf("%s: only some packets are looked at: %t", c.source, got)
		}
		want, err := p.Rows(t.Context(), tr, all)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Rows(t.Context(), tr, nil); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s finds %d packets, there are %d: %v", c.source, len(got), len(want), err)
		}
	}
}
