package core_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
)

// TestTranscripts compares figures with those of the original's recorded sessions. Where they differ, the list says why.
func TestTranscripts(t *testing.T) {
	dir := corpus.Dir(t)
	text, err := os.ReadFile(filepath.Join("testdata", "transcripts.txt"))
	if err != nil {
		t.Fatal(err)
	}
	sessions := map[string]*core.Session{}
	for _, line := range strings.Split(string(text), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, " | ")
		if len(f) != 5 && len(f) != 7 {
			t.Fatalf("%d fields in %q", len(f), line)
		}
		if sessions[f[0]] == nil {
			folder := filepath.Join(dir, "public", "pymptcpanalyzer")
			if strings.HasPrefix(f[0], "csv/") {
				folder = filepath.Join(dir, "oracle")
			}
			sessions[f[0]] = core.New(disk.Options())
			if err := sessions[f[0]].Run(context.Background(), "load "+core.Quote(filepath.Join(folder, f[0])), &collector{}); err != nil {
				t.Fatal(err)
			}
		}
		want := f[4]
		if len(f) == 7 {
			want = f[5]
		}
		table := answer(t, sessions[f[0]], f[1]+" --csv --where "+f[2])
		if table.Rows != 1 {
			t.Errorf("%s: %d rows", line, table.Rows)
			continue
		}
		for col := range table.Columns {
			if table.Columns[col].Key != f[3] {
				continue
			}
			if got := display.Format(table.Cell(0, col), &table.Columns[col], display.Machine); got != want {
				t.Errorf("%s: %s", line, got)
			}
			f[3] = ""
		}
		if f[3] != "" {
			t.Errorf("%s: no such column", line)
		}
	}
}
