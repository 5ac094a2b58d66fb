package core_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// printed is an Output that keeps the text of what is shown.
type printed struct{ bytes.Buffer }

func (p *printed) Show(b display.Block) error {
	if _, note := b.(*display.Note); note {
		return nil
	}
	return text.Renderer{}.Block(&p.Buffer, b)
}
func (p *printed) Progress(display.Progress)                   {}
func (p *printed) Ask(context.Context, string) (string, error) { return "", core.ErrNoInput }

// A key of a listing that the exporter's table has too means the same in both: their values are the same, row by row.
func TestKeysMeanTheSame(t *testing.T) {
	for listing, table := range map[string]string{"lc": "connections", "lt": "streams"} {
		compared := map[string]int{}
		for _, name := range []string{"two-path-upload.client.pcapng", "handover.server.pcapng", "fallback.client.pcapng", "many-connections.client.pcapng"} {
			s := core.New(disk.Options())
			run := func(line string, out core.Output) {
				if err := s.Run(context.Background(), line, out); err != nil {
					t.Fatalf("%s: %v", line, err)
				}
			}
			run("load "+core.Quote(filepath.Join(coretest.Captures(), name)), &printed{})
			var shown printed
			run(listing+" --csv", &shown)
			file := filepath.Join(t.TempDir(), "table.csv")
			run("export "+core.Quote(file)+" --table "+table+" --format csv", &saving{})
			written, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			ours, theirs := byKey(t, shown.Bytes(), ','), byKey(t, written, '|')
			for key, values := range ours {
				other, both := theirs[key]
				if !both {
					continue
				}
				compared[key] += len(values)
				if !slices.Equal(values, other) {
					t.Errorf("%s: %s is %q in %s, and %q in the table %s", name, key, values, listing, other, table)
				}
			}
		}
		if len(compared) < 3 {
			t.Errorf("%s and %s share only %v", listing, table, compared)
		}
	}
}

// saving is an Output that saves files.
type saving struct{ printed }

func (s *saving) Show(b display.Block) error {
	f, ok := b.(*display.File)
	if !ok {
		return nil
	}
	out, err := os.Create(f.Name)
	if err != nil {
		return err
	}
	defer out.Close()
	return f.Write(out)
}

// byKey reads a table into its columns.
func byKey(t *testing.T, table []byte, delimiter rune) map[string][]string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(string(table)))
	r.Comma = delimiter
	records, err := r.ReadAll()
	if err != nil || len(records) == 0 {
		t.Fatalf("%v: %s", err, table)
	}
	columns := map[string][]string{}
	for i, key := range records[0] {
		for _, record := range records[1:] {
			columns[key] = append(columns[key], record[i])
		}
	}
	return columns
}
