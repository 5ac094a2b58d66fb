package core_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// TestExportedVerdicts holds that rows of connections tell the verdict of explain where the capture was loaded, and what the
// dissection saw where it was streamed.
func TestExportedVerdicts(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(coretest.Captures(), "cause-*.pcapng"))
	if err != nil || len(names) == 0 {
		t.Fatal("no captures", err)
	}
	finer := 0
	for _, name := range names {
		tr := coretest.Trace(t, name)
		loaded := written(t, func(w *export.Writing) error { return w.Trace(t.Context(), name, tr, nil) })
		streamed := written(t, func(w *export.Writing) error {
			f, err := os.Open(name)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = w.Scan(t.Context(), name, f, trace.Options{})
			return err
		})
		for i := range tr.Conns {
			f, saw := analysis.Diagnose(tr, &tr.Conns[i])[0], tr.Conns[i].Fallback
			packet := ""
			if f.Diagnosis.Fallback() != "" {
				packet = fmt.Sprint(f.Packet())
			}
			if got, want := fmt.Sprint(loaded[i+1]), fmt.Sprint([]string{f.Diagnosis.Key(), f.Diagnosis.Fallback(), packet}); got != want {
				t.Errorf("%s, connection %d: wrote %s, want %s", name, i, got, want)
			}
			if got := streamed[i+1]; got[0] != "" || got[1] != saw.Cause.String() {
				t.Errorf("%s, connection %d: streamed %q, the dissection saw %q", name, i, got, saw.Cause)
			}
			if loaded[i+1][1] != "" && streamed[i+1][1] == "" {
				finer++
			}
		}
	}
	if finer == 0 {
		t.Error("no verdict is finer than what the dissection saw")
	}
}

// written is what a job writes of the connections' verdicts.
func written(t *testing.T, write func(w *export.Writing) error) [][]string {
	t.Helper()
	job, err := export.NewJob(export.Request{Tables: []string{"connections"}, Fields: []string{"diagnosis", "fallback", "fallback_packet"}, Delimiter: ',',
		Verdicts: core.ExportVerdicts}, export.Formats())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := job.Open(io.Writer(&out))
	if err != nil {
		t.Fatal(err)
	}
	if err := write(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
