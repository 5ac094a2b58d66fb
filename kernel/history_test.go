package kernel

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func rows(entries []entry) string {
	var s []string
	for _, e := range entries {
		s = append(s, fmt.Sprintf("%d.%d %s", e.session, e.line, e.source))
	}
	return strings.Join(s, "|")
}

func TestHistoryAcrossSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "history.jsonl")
	open := func() *History {
		t.Helper()
		h, err := OpenHistory(path)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	first := open()
	first.add(1, "load a")
	second := open() // beside the first
	first.add(2, "lc")
	second.add(1, "load b\nls 0")
	second.add(2, "lc")
	third := open()
	third.add(1, "plot dsn 0")
	third.add(2, "lc")
	three := 3
	for _, tc := range []struct {
		query historyQuery
		want  string
	}{
		{historyQuery{Access: "tail", N: 2}, "3.1 plot dsn 0|3.2 lc"},
		{historyQuery{Access: "tail", N: 3}, "2.2 lc|3.1 plot dsn 0|3.2 lc"},
		{historyQuery{Access: "range", Session: 0, Start: 1, Stop: &three}, "3.1 plot dsn 0|3.2 lc"},
		{historyQuery{Access: "range", Session: 0, Start: 2}, "3.2 lc"},
		{historyQuery{Access: "range", Session: -1, Start: 1}, "2.1 load b\nls 0|2.2 lc"},
		{historyQuery{Access: "range", Session: 1, Start: 0}, "1.1 load a|1.2 lc"},
		{historyQuery{Access: "range", Session: 9, Start: 0}, ""},
		{historyQuery{Access: "search", Pattern: "l*"}, "1.1 load a|1.2 lc|2.1 load b\nls 0|2.2 lc|3.2 lc"},
		{historyQuery{Access: "search", Pattern: "l?", Unique: true}, "3.2 lc"},
		{historyQuery{Access: "search", Pattern: "*dsn*", N: 5}, "3.1 plot dsn 0"},
		{historyQuery{Access: "search", Pattern: "[l]c"}, ""},
		{historyQuery{Access: "guess"}, ""},
	} {
		if got := rows(third.recall(tc.query)); got != tc.want {
			t.Errorf("%+v:\n%q, want\n%q", tc.query, got, tc.want)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others can read it", info.Mode(), err)
	}
}

func TestHistorySurvivesABrokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	if err := os.WriteFile(path, []byte("{\"id\":\"a\"}\nnonsense\n{\"id\":\"a\",\"line\":1,\"source\":\"lc\"}\n{\"id\":\"b\",\"line\":7}\n{\"id\":"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := rows(h.all()); got != "1.1 lc" {
		t.Errorf("%q", got)
	}
}

func TestHistoryWithoutADisk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := OpenHistory(filepath.Join(file, "history"))
	if err == nil {
		t.Error("no error")
	}
	h.add(1, "lc")
	if got := rows(h.all()); got != "1.1 lc" {
		t.Errorf("%q", got)
	}
}

func TestHistoryIsShortened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	long := strings.Repeat("x", 130_000)
	for i := range 30 {
		h, err := OpenHistory(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := h.session(0); n != i+1 {
			t.Fatalf("session %d, want %d", n, i+1)
		}
		h.add(1, fmt.Sprint(i, " ", long))
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() > maxHistory+200_000 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	h, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	if e := h.all(); len(e) < 6 || e[len(e)-1].session != 30 || !strings.HasPrefix(e[len(e)-1].source, "29 ") {
		t.Errorf("%d entries kept", len(e))
	}
}

// What a session wrote is there for later ones, though its file grew too large while another began beside it.
func TestHistoryBesideKeepsTheFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	first, err := OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	const cells = 40
	for i := range cells {
		first.add(i+1, strings.Repeat("x", maxHistory/cells+1))
	}
	other, err := first.Beside()
	if err != nil || len(other.all()) != cells {
		t.Fatalf("%d cells, %v", len(other.all()), err)
	}
	first.add(cells+1, "and one more")
	if third, err := other.Beside(); err != nil || len(third.all()) != cells+1 {
		t.Errorf("%d cells, %v", len(third.all()), err)
	}
}

func TestHistoryWithOutput(t *testing.T) {
	c := start(t, &toy{})
	c.run("table a")
	c.run("say b")
	r := c.ask(Shell, "history_request", map[string]any{"hist_access_type": "tail", "n": 2, "output": true, "raw": true}).reply
	want := []any{[]any{1.0, 1.0, []any{"table a", drawn(t, "a")}}, []any{1.0, 2.0, []any{"say b", nil}}}
	if !reflect.DeepEqual(r["history"], want) {
		t.Errorf("%v, want %v", r["history"], want)
	}
}

func TestGlob(t *testing.T) {
	for _, tc := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "a\nb/c", true}, {"?", "𨭎", true}, {"?", "", false},
		{"a*b*c", "aXbXbXc", true}, {"a*b*c", "aXbX", false}, {"*a", "ba", true}, {"*a", "ab", false}, {"a**b", "ab", true},
		{"a?c", "abc", true}, {"a?c", "ac", false}, {"[a]", "a", false}, {"[a]", "[a]", true}, {`\`, `\`, true},
		{"*?", "", false}, {"*?*", "x", true}, {strings.Repeat("*a", 20) + "b", strings.Repeat("a", 200), false},
	} {
		if got := glob(tc.pattern, tc.text); got != tc.want {
			t.Errorf("glob(%q, %q) is %v", tc.pattern, tc.text, got)
		}
	}
}
