package analysis_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

func scopeOf(t *testing.T, name string) *analysis.Scope {
	t.Helper()
	tr := coretest.Trace(t, filepath.Join(coretest.Captures(), name+".pcapng"))
	return &analysis.Scope{Trace: tr, Conn: &tr.Conns[0], Window: analysis.Always()}
}

// TestQueueCharts holds that what is drawn is what the queue went through.
func TestQueueCharts(t *testing.T) {
	s := scopeOf(t, "two-path-upload.server")
	s.Dest = stream.Server
	held := newStalls(t, s.Trace).Toward[stream.Server]
	ooo, err := analysis.ReorderQueue(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	most := uint64(slices.Max(ooo.Series[0].Y))
	if ooo.Series[0].Group != display.Connection || most > held.MaxQueue || len(ooo.Series) != 3 {
		t.Errorf("%d series, at most %d held, want %d", len(ooo.Series), most, held.MaxQueue)
	}
	if last := ooo.Series[0].Y[len(ooo.Series[0].Y)-1]; last != 0 {
		t.Errorf("%g bytes are held at the end", last)
	}
	hol, err := analysis.HeadOfLine(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	dots, longest := 0, 0.0
	for _, line := range hol.Series {
		dots += line.Len()
		longest = max(longest, slices.Max(line.Y))
	}
	if dots != len(held.Waited) || int64(longest) != held.Waits.Max {
		t.Errorf("%d dots up to %g ns, want %d up to %d", dots, longest, len(held.Waited), held.Waits.Max)
	}
	s.Window.To = s.Window.From
	if none, err := analysis.HeadOfLine(t.Context(), s); err != nil || len(none.Series) != 0 {
		t.Errorf("outside of the window: %v %v", none, err)
	}
}

// TestTimelineSigns holds that each sign is drawn once.
func TestTimelineSigns(t *testing.T) {
	for name, want := range map[string][]string{
		"signal-address.client": {"ADD_ADDR 4", "ADD_ADDR 4 echo", "DATA_FIN", "DATA_FIN", "DATA_FIN", "DATA_FIN", "FIN", "FIN", "FIN", "FIN", "MP_CAPABLE", "MP_CAPABLE", "MP_JOIN", "MP_JOIN"},
		"fastclose.client": {"MP_CAPABLE", "MP_CAPABLE", "MP_FASTCLOSE", "MP_FASTCLOSE", "MP_JOIN", "MP_JOIN", "MP_TCPRST", "MP_TCPRST", "MP_TCPRST",
			"RST", "RST", "RST", "RST", "RST", "RST", "RST", "RST", "RST", "RST"},
	} {
		chart, err := analysis.Timeline(t.Context(), scopeOf(t, name))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range chart.Series {
			got = append(got, s.Labels...)
			if len(s.Labels) > 0 && len(s.Labels) != len(s.X) {
				t.Errorf("%s: %d labels on %d points", name, len(s.Labels), len(s.X))
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q\nwant %q", name, got, want)
		}
	}
}
