package analysis_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// TestEveryCapture measures and draws every connection there is, faulty ones too, and holds that figures are in their range.
func TestEveryCapture(t *testing.T) {
	faulty, _ := filepath.Glob(filepath.Join(coretest.Root(), "testdata", "faulty", "cut.*"))
	for _, name := range append(captureFiles(t), faulty...) {
		tr := coretest.Trace(t, name)
		for i := range tr.Conns {
			list, err := analysis.Profile(t.Context(), tr, &tr.Conns[i])
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range list {
				if v := m.Value; m.Unit == "share" && v.Kind() == display.FloatKind && !(v.Float() >= 0 && v.Float() <= 1) || v.Kind() == display.DurationKind && v.Int() < 0 {
					t.Errorf("%s, connection %d: %s towards %s is %v", filepath.Base(name), tr.Conns[i].ID, m.Name, m.Dest, v)
				}
			}
			s := &analysis.Scope{Trace: tr, Conn: &tr.Conns[i], Window: analysis.Always()}
			for _, draw := range []func(context.Context, *analysis.Scope) (*display.Chart, error){analysis.ReorderQueue, analysis.HeadOfLine, analysis.Timeline} {
				chart, err := draw(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				for _, series := range chart.Series {
					if len(series.Y) != len(series.X) || len(series.Frame) != len(series.X) {
						t.Errorf("%s: %s: %d times, %d values, %d frames", name, series.Name, len(series.X), len(series.Y), len(series.Frame))
					}
				}
			}
			for _, d := range bothEnds {
				schedule, err := analysis.NewSchedule(t.Context(), tr, &tr.Conns[i], d)
				if err != nil {
					t.Fatal(err)
				}
				if g := schedule.Guess; g.Confidence < 0 || g.Confidence > 1 || g.Evidence.Free > g.Evidence.Contested {
					t.Errorf("%s: %+v", name, g)
				}
			}
		}
	}
}

// TestCancelled holds that a connection is left when nobody wants the answer any more.
func TestCancelled(t *testing.T) {
	tr := coretest.Trace(t, filepath.Join(coretest.Captures(), "two-path-upload.client.pcapng"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := analysis.Profile(ctx, tr, &tr.Conns[0]); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := analysis.Rank(ctx, tr, "bytes", 0); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
