//go:build !js

package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"strconv"
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

// alone is the environment without the user's own settings, data and cache.
func alone(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	return append(os.Environ(), "XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+dir, "XDG_DATA_HOME="+dir)
}

// nativeRows are the rows that the terminal's --json gives, each value as its JSON; null is "".
func nativeRows(t *testing.T, name, line string) []map[string]string {
	t.Helper()
	program, err := terminal()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command(program, "--load", capture(t, name), "--batch", "-")
	run.Env = alone(t)
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
			total := browser.Eval[int](b.Tab, `Number(document.querySelector('#log .answer:last-child table')?.getAttribute('aria-rowcount') ?? 1) - 1`)
			if total != len(want) || len(cells) > total || len(cells) == 0 && total > 0 {
				t.Errorf("%s, %s: the page has %d rows and shows %d, the terminal has %d", name, line, total, len(cells), len(want))
				continue
			}
			for i := range cells {
				if !same(cells[i], want[i]) {
					t.Errorf("%s, %s, row %d: the page has\n%v\nthe terminal\n%v", name, line, i, cells[i], want[i])
					break
				}
			}
		}
	}
	b.Quiet()
}

// same says whether two rows have the same values. A number may be written in another way: flags as hexadecimal.
func same(a, b map[string]string) bool {
	return maps.EqualFunc(a, b, func(x, y string) bool {
		if x == y {
			return true
		}
		i, first := strconv.ParseUint(x, 0, 64)
		k, second := strconv.ParseUint(y, 0, 64)
		if first == nil && second == nil {
			return i == k
		}
		f, first := strconv.ParseFloat(x, 64)
		g, second := strconv.ParseFloat(y, 64)
		return first == nil && second == nil && f == g
	})
}
