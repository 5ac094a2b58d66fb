package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// TestReadmeQuery runs README's query over the dataset it speaks of: DuckDB must give the table that follows it.
func TestReadmeQuery(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(coretest.Root(), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```sql\n")
	query, rest, found := strings.Cut(rest, "```\n\n")
	if !found {
		t.Fatal("README has no query with a table after it")
	}
	shown, _, _ := strings.Cut(rest, "\n\n")

	dir := filepath.Join(t.TempDir(), "packets")
	captures := []string{capture("two-path-upload.client.pcapng"), capture("two-path-upload.server.pcapng")}
	if _, stderr, status := runProgram("", append(captures, "--partition", "capture,mptcpstream", "-o", dir)...); status != console.Fine {
		t.Fatalf("status %d: %s", status, stderr)
	}
	var got []string
	for _, row := range duck(t, strings.ReplaceAll(query, "'packets/", "'"+dir+"/")) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = *cell
		}
		got = append(got, "| "+strings.Join(cells, " | ")+" |")
	}
	if want := strings.Split(shown, "\n")[2:]; strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("DuckDB gives\n%s\nREADME has\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
