package analysis_test

import (
	"path/filepath"
	"strconv"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// TestReinjectionsAreNoRetransmissions holds that the bytes of the list, and of its summary, are those that the connection table
// counts, and that of a packet whose bytes all had been on its own subflow before none are reinjected.
func TestReinjectionsAreNoRetransmissions(t *testing.T) {
	for _, name := range []string{"two-path-upload.client", "two-path-upload.server", "handover.server"} {
		tr := coretest.Trace(t, filepath.Join(coretest.Captures(), name+".pcapng"))
		c := &tr.Conns[0]
		for _, dest := range []stream.Dest{stream.Client, stream.Server} {
			list, err := analysis.Reinjections(t.Context(), tr, c, dest)
			if err != nil {
				t.Fatal(err)
			}
			summary, err := analysis.ReinjectionSummary(t.Context(), tr, c, dest)
			if err != nil {
				t.Fatal(err)
			}
			var listed, counted uint64
			for _, row := range cells(list) {
				n, _ := strconv.ParseUint(row["reinjected"], 10, 64)
				listed += n
				id, _ := strconv.Atoi(row["packetid"])
				if (n == 0) != sentBefore(tr, uint32(id)-1) {
					t.Errorf("%s: packet %d reinjects %d bytes", name, id, n)
				}
			}
			for _, row := range cells(summary) {
				n, _ := strconv.ParseUint(row["bytes"], 10, 64)
				counted += n
			}
			if want := c.Toward[dest].Reinjected; listed != want || counted != want {
				t.Errorf("%s: %d bytes listed to the %v, %d summed up, want %d", name, listed, dest, counted, want)
			}
		}
	}
}

// sentBefore reports whether the subflow of a row had sent the same TCP segment before.
func sentBefore(tr *trace.Trace, row uint32) bool {
	w := tr.Wire(row)
	for _, at := range tr.StreamRows(tr.StreamOf(row)) {
		if at == row {
			return false
		}
		if before := tr.Wire(at); before.Seq == w.Seq && before.Len >= w.Len && tr.Dest(at) == tr.Dest(row) {
			return true
		}
	}
	return false
}
