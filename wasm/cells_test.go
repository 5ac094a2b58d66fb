//go:build !js

package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// terminal is the program that the page's tables are compared with.
var terminal = sync.OnceValues(func() (string, error) {
	program := dist + ".mptcpanalyzer"
	out, err := exec.Command("go", "build", "-o", program, "../cmd/mptcpanalyzer").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("building the terminal's program: %w\n%s", err, out)
	}
	return program, err
})

// nativeRows are the rows that the terminal's --json gives, each value as its JSON; null is "".
func nativeRows(t *testing.T, name, line string) []map[string]string {
	t.Helper()
	program, err := terminal()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command(program, "--load", capture(t, name), "--batch", "-")
	run.Stdin = strings.NewReader(strings.Replace(line, " --where", " --json --where", 1))
	if !strings.Contains(line, "--where") {
		run.Stdin = strings.NewReader(line + " --json")
	}
	out, err := run.Output()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	d := json.NewDecoder(bytes.NewReader(out[bytes.IndexByte(out, '['):]))
	d.UseNumber()
	var rows []map[string]any
	if err := d.Decode(&rows); err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	made := make([]map[string]string, len(rows))
	for i, row := range rows {
		made[i] = map[string]string{}
		for key, v := range row {
			if v != nil {
				made[i][key] = fmt.Sprint(v)
			}
		}
	}
	return made
}

// TestCellsAreTheTerminals compares the cells of tables on the page with what the terminal says of the same capture.
func TestCellsAreTheTerminals(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	for _, name := range []string{"two-path-upload.client.pcapng", "fallback.client.pcapng", "ipv6-checksum.client.pcapng"} {
		b.choose(capture(t, name))
		b.titled(name)
		for _, line := range []string{"lc", "lt", "ls 0", "summary 0", "list_reinjections 0", "addresses 0", "counters", "account 0", `dump packetid reltime tcpseq dsn dack dsnraw64 tcpflags -n 40 --where "tcplen > 0"`} {
			b.enter(line)
			b.state("idle")
			cells := browser.Eval[[]map[string]string](b.Tab, `(() => {
				const table = document.querySelector('#log .answer:last-child table');
				if (!table) return [];
				const keys = [...table.tHead.rows[0].cells].map((th) => th.dataset.key);
				return [...table.tBodies[0].querySelectorAll('tr[data-index]')].map((tr) => Object.fromEntries([...tr.cells].map((td, i) => [keys[i], td.dataset.value]).filter(([, v]) => v !== undefined)));
			})()`)
			want := nativeRows(t, name, line)
			if len(cells) != len(want) {
				t.Errorf("%s, %s: the page has %d rows, the terminal %d", name, line, len(cells), len(want))
				continue
			}
			for i := range want {
				if got, want := fmt.Sprint(cells[i]), fmt.Sprint(want[i]); got != want {
					t.Errorf("%s, %s, row %d: the page has\n%s\nthe terminal\n%s", name, line, i, got, want)
					break
				}
			}
		}
	}
	b.Quiet()
}
