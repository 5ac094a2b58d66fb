package analysis_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// TestOneVerdict holds that every answer says the same of a connection: the list, the ranking and its totals, the sentence
// that ls and summary begin with, and explain with its findings.
func TestOneVerdict(t *testing.T) {
	kinds := map[string]bool{}
	for _, name := range captureFiles(t) {
		tr := coretest.Trace(t, name)
		list := cells(analysis.Connections(tr))
		ranked, err := analysis.Rank(t.Context(), tr, "bytes", 1)
		if err != nil {
			t.Fatal(err)
		}
		top, totals := map[string]string{}, analysis.RankTotals(ranked)
		for _, row := range cells(analysis.RankTable(tr, ranked, "bytes", 0)) {
			top[row["mptcpstream"]] = row["verdict"]
		}
		for i := range tr.Conns {
			c := &tr.Conns[i]
			where := fmt.Sprintf("%s, connection %d", filepath.Base(name), c.ID)
			e, d := explained(t, tr, c), analysis.Diagnose(tr, c)[0].Diagnosis
			kinds[d.Key()] = true
			if got := list[i]["verdict"]; got != d.Verdict() {
				t.Errorf("%s: lc says %q, explain %q", where, got, d.Verdict())
			}
			if got := top[fmt.Sprint(c.ID)]; got != d.Verdict() {
				t.Errorf("%s: top says %q, explain %q", where, got, d.Verdict())
			}
			sentence, first := analysis.Verdict(tr, c), cells(e.Found)[0]
			if told, _, _ := strings.Cut(e.Verdict, "\n"); told != sentence || first["diagnosis"] != d.Key() || first["what"] != sentence {
				t.Errorf("%s: ls says %q, explain %q and finds %v", where, sentence, told, first)
			}
			why := strings.TrimPrefix(d.String(), "cannot tell: ")
			if !strings.Contains(sentence, why) {
				t.Errorf("%s: %q is not in %q", where, why, sentence)
			}
			if d != analysis.Healthy && d != analysis.NotCaptured && !strings.Contains(totals, why) {
				t.Errorf("%s: %q is not in %q", where, why, totals)
			}
		}
	}
	if len(kinds) < 20 {
		t.Errorf("only %d verdicts were compared", len(kinds))
	}
}
