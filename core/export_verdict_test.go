package core_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
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

// TestExportedIssues holds that the table of issues is what the command lists.
func TestExportedIssues(t *testing.T) {
	for _, name := range []string{"cause-key-changed.server.pcapng", "fallback.client.pcapng", "many-connections.client.pcapng", "late-start.client.pcapng"} {
		tr := coretest.Trace(t, filepath.Join(coretest.Captures(), name))
		var all []*conn.Conn
		for i := range tr.Conns {
			all = append(all, &tr.Conns[i])
		}
		list, _ := analysis.Issues(tr, all, true, 0)
		var fields []string
		for _, c := range list.Columns {
			fields = append(fields, c.Key)
		}
		job, err := export.NewJob(export.Request{Tables: []string{"issues"}, Fields: fields, Format: "tsv", Issues: core.ExportIssues}, export.Formats())
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w, err := job.Open(&out)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Trace(t.Context(), name, tr, nil), w.Close()); err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(&out)
		r.Comma = '\t'
		rows, err := r.ReadAll()
		if err != nil || len(rows) != list.Rows+1 {
			t.Fatalf("%s: %d rows, want %d: %v", name, len(rows)-1, list.Rows, err)
		}
		for row := range list.Rows {
			for col := range fields {
				if got, want := rows[row+1][col], plain(list.Cell(row, col)); got != want {
					t.Errorf("%s, row %d, %s: %q, want %q", name, row, fields[col], got, want)
				}
			}
		}
	}
}

func plain(v display.Value) string {
	switch v.Kind() {
	case display.Missing:
		return ""
	case display.TextKind:
		return v.Text()
	case display.SubflowKind:
		_, id := v.Subflow()
		return fmt.Sprint(id)
	}
	return fmt.Sprint(v.Uint())
}
