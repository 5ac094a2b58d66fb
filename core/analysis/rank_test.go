package analysis_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// TestRank compares what connections are ranked by with the accounts and stalls of each, and holds each order.
func TestRank(t *testing.T) {
	blocked := 0
	for _, name := range captureFiles(t) {
		tr := coretest.Trace(t, name)
		for _, order := range analysis.RankOrders() {
			list, err := analysis.Rank(t.Context(), tr, order.Name, 0)
			if err != nil || len(list) != len(tr.Conns) {
				t.Fatalf("%s by %s: %d of %d connections, %v", name, order.Name, len(list), len(tr.Conns), err)
			}
			if order.Name != "bytes" {
				continue
			}
			for i := range list {
				if list[i].Blocked > 0 {
					blocked++
				}
				checkRanked(t, name, tr, &list[i])
				if i > 0 && list[i].Bytes > list[i-1].Bytes {
					t.Errorf("%s: %d bytes after %d", name, list[i].Bytes, list[i-1].Bytes)
				}
			}
		}
	}
	if blocked < 10 {
		t.Errorf("only %d connections have stalls", blocked)
	}
}

func checkRanked(t *testing.T, name string, tr *trace.Trace, r *analysis.Ranked) {
	a, err := analysis.NewAccount(t.Context(), tr, r.Conn)
	if err != nil {
		t.Fatal(err)
	}
	s, err := analysis.NewStalls(t.Context(), tr, r.Conn)
	if err != nil {
		t.Fatal(err)
	}
	var unique, wire, held uint64
	var blocked int64
	for _, d := range bothEnds {
		sum := a.Total(d)
		unique, wire = unique+sum.Unique, wire+sum.Wire()
		blocked, held = blocked+s.Toward[d].Blocked, held+s.Toward[d].Held
	}
	if r.Bytes != unique || r.Wire != wire || r.Blocked != blocked || r.Held != held {
		t.Errorf("%s, connection %d: %d %d %d %d, want %d %d %d %d", name, r.Conn.ID, r.Bytes, r.Wire, r.Blocked, r.Held, unique, wire, blocked, held)
	}
}

func TestRankTotals(t *testing.T) {
	tr := coretest.Trace(t, filepath.Join(coretest.Captures(), "fallback.client.pcapng"))
	list, err := analysis.Rank(t.Context(), tr, "fallback", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := analysis.RankTotals(list); !strings.Contains(got, "2 fell back to TCP (1 MP_CAPABLE stripped from the SYN/ACK, 1 server without MPTCP, or option stripped).") {
		t.Error(got)
	}
	if none, err := analysis.Rank(t.Context(), tr, "size", 1); none != nil || err != nil {
		t.Errorf("%v %v", none, err)
	}
}
