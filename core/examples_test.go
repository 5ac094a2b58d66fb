package core_test

import (
	"context"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// TestTablesOfExamples holds that the tables by which examples of commands are answered have what every face and every
// export asks a table for: a name and a title, and columns with a head and a key of their own.
func TestTablesOfExamples(t *testing.T) {
	t.Chdir(coretest.Captures())
	tables := 0
	for _, c := range core.Commands() {
		s := core.New(disk.Options())
		if err := s.Run(context.Background(), "load nat-clocks.client.pcapng nat-clocks.server.pcapng", &collector{}); err != nil {
			t.Fatal(err)
		}
		for _, x := range c.Examples {
			var answer collector
			_ = s.Run(context.Background(), x.Line, &answer) // some name files that are not there
			for _, b := range answer.blocks {
				if table, ok := b.(*display.Table); ok {
					tables++
					checkTable(t, x.Line, table)
				}
			}
		}
	}
	if tables < len(core.Commands()) {
		t.Errorf("only %d tables were seen", tables)
	}
}

func checkTable(t *testing.T, line string, table *display.Table) {
	if table.Name == "" || table.Title == "" {
		t.Errorf("%s: a table has the name %q and the title %q", line, table.Name, table.Title)
	}
	seen := map[string]bool{}
	for _, c := range table.Columns {
		if c.Key == "" || c.Head == "" || seen[c.Key] {
			t.Errorf("%s: a column has the key %q and the head %q; another one has that key: %v", line, c.Key, c.Head, seen[c.Key])
		}
		seen[c.Key] = true
	}
}
