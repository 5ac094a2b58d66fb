package core_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// application is what an end of a lab's flow says that it sent and received.
type application struct {
	Address  string `json:"address"`
	Sent     string `json:"sent_sha256"`
	Received string `json:"received_sha256"`
}

// TestFollowHash compares what follow puts together with what the lab's applications sent, wherever a capture holds the
// whole payload: a capture of the client's side with what that side sent and received, and likewise for the server.
func TestFollowHash(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(coretest.Captures(), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	compared := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var told struct {
			App []struct{ Client, Server application }
		}
		if err := json.Unmarshal(text, &told); err != nil {
			t.Fatal(err)
		}
		for _, side := range []string{"client", "server"} {
			name := strings.TrimSuffix(file, "json") + side + ".pcapng"
			if _, err := os.Stat(name); err != nil {
				continue
			}
			s := core.New(disk.Options())
			if err := s.Run(context.Background(), "load "+name, &collector{}); err != nil {
				t.Fatal(err)
			}
			for _, flow := range told.App {
				own, other := flow.Client, "Server"
				if side == "server" {
					own, other = flow.Server, "Client"
				}
				compared += compareFlow(t, s, filepath.Base(name), flow.Client.Address, map[string]string{other: own.Sent, map[string]string{"Server": "Client", "Client": "Server"}[other]: own.Received})
			}
		}
	}
	if compared < 2 {
		t.Errorf("%d directions compared", compared)
	}
	t.Logf("%d directions compared", compared)
}

// compareFlow finds a flow by its client's address and compares the directions that are whole.
func compareFlow(t *testing.T, s *core.Session, name, client string, want map[string]string) int {
	conns := answer(t, s, "lc")
	compared := 0
	for row := range conns.Rows {
		if conns.Cell(row, 1).Text() != client {
			continue
		}
		table := answer(t, s, fmt.Sprintf("follow %d --hash --json", conns.Cell(row, 0).Uint()))
		for r := range table.Rows {
			dest, sum := table.Cell(r, 0).Text(), table.Cell(r, 5).Text()
			if sum == "" || table.Cell(r, 1).Uint() == 0 || want[dest] == "" {
				continue
			}
			compared++
			if sum != want[dest] {
				t.Errorf("%s, towards the %s: %s, the application says %s", name, dest, sum, want[dest])
			}
		}
	}
	return compared
}

// answer is the first table of a command's answer.
func answer(t *testing.T, s *core.Session, line string) *display.Table {
	t.Helper()
	out := &collector{}
	if err := s.Run(context.Background(), line, out); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	for _, b := range out.blocks {
		if table, ok := b.(*display.Table); ok {
			return table
		}
	}
	t.Fatalf("%s shows no table", line)
	return nil
}
