package analysis_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// crossing is what became of a frame, by the lab's own record.
type crossing struct {
	sent, arrived int64
	delivered     bool
}

// truthOf reads the lab's record of a scenario, by frame number in the capture of one side.
func truthOf(t *testing.T, name, side string) map[uint32]crossing {
	t.Helper()
	lines, column := coretest.Truth(t, name)
	truth := map[uint32]crossing{}
	for _, l := range lines {
		frame, _ := strconv.ParseUint(l[column[side+"_frame"]], 10, 32)
		sent, _ := strconv.ParseInt(l[column["sent_ns"]], 10, 64)
		arrived, _ := strconv.ParseInt(l[column["recv_ns"]], 10, 64)
		truth[uint32(frame)] = crossing{sent, arrived, l[column["fate"]] == "delivered"}
	}
	return truth
}

// kernelTold reads a kernel's counters beside a capture.
func kernelTold(t *testing.T, name string) (counters map[string]map[string]uint64) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(coretest.Captures(), name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Counters map[string]map[string]uint64 `json:"counters"`
	}
	if err := json.Unmarshal(raw, &report); err != nil {
		t.Fatal(err)
	}
	return report.Counters
}

// TestRetransmissionsAreTheKernels compares the retransmissions that a capture at the sender shows with the sender's count,
// and holds that none is called spurious whose bytes had not arrived before.
func TestRetransmissionsAreTheKernels(t *testing.T) {
	for _, name := range []string{"two-path-upload", "handover"} {
		for _, side := range []string{"client", "server"} {
			t.Run(name+" "+side, func(t *testing.T) {
				tr := coretest.Trace(t, filepath.Join(coretest.Captures(), name+"."+side+".pcapng"))
				a, err := analysis.NewAccount(t.Context(), tr, &tr.Conns[0])
				if err != nil {
					t.Fatal(err)
				}
				checkCauses(t, tr, a, side, truthOf(t, name, side), kernelTold(t, name)[side]["RetransSegs"])
			})
		}
	}
}

func checkCauses(t *testing.T, tr *trace.Trace, a *analysis.Account, side string, truth map[uint32]crossing, want uint64) {
	segments, spurious, unneeded := uint64(0), 0, 0
	var row trace.Row
	for _, r := range a.Resent {
		if (r.Dest == stream.Server) != (side == "client") {
			continue // sent by the other side, where what was lost does not show
		}
		segments++
		tr.Row(int(r.Row), &row)
		needed := neededBy(tr, &row, truth)
		if !needed {
			unneeded++
		}
		if r.Cause == analysis.Spurious {
			spurious++
			if needed {
				t.Errorf("packet %d is called spurious (%s), but what it carries had not arrived", r.Row+1, r.Evidence)
			}
		}
	}
	bare := uint64(0) // SYNs and FINs sent again
	for i := range uint32(tr.Len()) {
		if tr.PayloadLen(i) == 0 && tr.Flags(i)&(stream.SYN|stream.FIN) != 0 && tr.Analysis(i)&stream.Retransmission != 0 && (tr.ConnDest(i) == stream.Server) == (side == "client") {
			bare++
		}
	}
	t.Logf("%d retransmissions and %d of SYN or FIN, the kernel counts %d; %d called spurious, %d were not needed", segments, bare, want, spurious, unneeded)
	if segments+bare != want {
		t.Errorf("%d retransmissions, the kernel counts %d", segments+bare, want)
	}
}

// neededBy reports whether bytes of a row had not arrived by the time it was sent, or were not to arrive, in any packet
// before it.
func neededBy(tr *trace.Trace, r *trace.Row, truth map[uint32]crossing) bool {
	missing := map[uint32]bool{}
	for i := range r.Len {
		missing[r.Seq+i] = true
	}
	var earlier trace.Row
	for _, row := range tr.StreamRows(r.Stream) {
		if row >= r.ID-1 {
			break
		}
		tr.Row(int(row), &earlier)
		if c, ok := truth[earlier.Frame]; earlier.Dest == r.Dest && ok && c.delivered {
			for i := range earlier.Len {
				delete(missing, earlier.Seq+i)
			}
		}
	}
	return len(missing) > 0
}
