package analysis_test

import (
	"path/filepath"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// TestCompare puts a connection beside one with fewer subflows, and finds each figure in its column.
func TestCompare(t *testing.T) {
	profile := func(name string) []analysis.Measurement {
		tr := coretest.Trace(t, filepath.Join(coretest.Captures(), name+".pcapng"))
		list, err := analysis.Profile(t.Context(), tr, &tr.Conns[0])
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	two, one := profile("two-path-upload.client"), profile("fallback.client")
	table := analysis.Compare(two, one, "two", "one", stream.Server, false)
	rows := map[string][3]display.Value{}
	for row := range table.Rows {
		if to := table.Cell(row, 1); to.Kind() == display.TextKind && to.Text() != "Server" {
			t.Errorf("a row is towards the %s", to.Text())
		}
		rows[table.Cell(row, 0).Text()] = [3]display.Value{table.Cell(row, 3), table.Cell(row, 4), table.Cell(row, 5)}
	}
	if r := rows["Data"]; r[0].Uint() != 1_200_000 || r[1].Uint() != 40_000 || r[2].Float() != 1.0/30 {
		t.Errorf("data: %v", r)
	}
	if r := rows["Share of subflow 1"]; r[0].Kind() != display.FloatKind || r[1].Kind() != display.Missing || r[2].Kind() != display.Missing {
		t.Errorf("share of a subflow that only one has: %v", r)
	}
	if r := rows["Subflows"]; r[0].Uint() != 2 || r[1].Uint() != 1 {
		t.Errorf("subflows: %v", r)
	}
	if turned := analysis.Compare(one, two, "one", "two", stream.DestUnknown, true); turned.Rows <= table.Rows {
		t.Errorf("%d rows both ways, %d one way", turned.Rows, table.Rows)
	}
}
