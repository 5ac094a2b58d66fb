//go:build unix

package plugin_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/plugin"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// written is an Output that keeps the text of what is shown.
type written struct {
	bytes.Buffer
	charts []*display.Chart
}

func (w *written) Show(b display.Block) error {
	if c, ok := b.(*display.Chart); ok {
		w.charts = append(w.charts, c)
		return nil
	}
	return text.Renderer{}.Block(w, b)
}
func (w *written) Progress(display.Progress) {}
func (w *written) Ask(context.Context, string) (string, error) {
	return "", core.ErrNoInput
}

// script makes a plugin of a shell script.
func script(t *testing.T, folder, name, body string) string {
	t.Helper()
	file := filepath.Join(folder, "mptcpanalyzer-"+name)
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+body), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

// describing is the start of a script that describes itself.
func describing(more string) string {
	return `if [ "$1" = --describe ]; then echo '{"protocol": 1, "kind": "command", "summary": "try it"` + more + `}'; exit; fi
`
}

// session finds the plugins of a folder and loads a capture.
func session(t *testing.T, folder string, limit time.Duration) (*core.Session, []string) {
	t.Helper()
	commands, warnings := plugin.Find(context.Background(), plugin.Place{
		Folder: folder, Path: os.Getenv("PATH"), Builtin: core.Commands(), Limit: func() time.Duration { return limit },
		Patience: time.Minute, // other tests may keep the machine busy
	})
	o := disk.Options()
	o.Commands = commands
	s := core.New(o)
	load := "load " + core.Quote(filepath.Join(coretest.Captures(), "handover.client.pcapng"))
	if err := s.Run(context.Background(), load, &written{}); err != nil {
		t.Fatal(err)
	}
	return s, warnings
}

func answer(t *testing.T, s *core.Session, line string) string {
	t.Helper()
	var out written
	if err := s.Run(context.Background(), line, &out); err != nil {
		t.Errorf("%s: %v", line, err)
	}
	return out.String()
}

func TestPythonExample(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is not installed: the example in Python is not tried")
	}
	examples, err := filepath.Abs("examples")
	if err != nil {
		t.Fatal(err)
	}
	s, warnings := session(t, examples, time.Minute)
	if len(warnings) > 0 {
		t.Error(warnings)
	}
	got := answer(t, s, "gaps 0 --most 2 --csv")
	if want := "gap,packetid,tcpstream\n0.58"; !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 3 {
		t.Errorf("got %q", got)
	}
	// The same silences by the program's own columns.
	l := s.Capture("1")
	longest, rows := int64(0), l.Trace.ConnRows(0)
	for i := 1; i < len(rows); i++ {
		longest = max(longest, l.Trace.Time(rows[i])-l.Trace.Time(rows[i-1]))
	}
	if want := fmt.Sprintf("\n%d.%09d,", longest/1e9, longest%1e9); !strings.Contains(got, want) {
		t.Errorf("the longest is %s, got %q", want, got)
	}
	if all, some := answer(t, s, "gaps 0 --most 99999 --csv"), answer(t, s, "gaps 0 --most 99999 --csv --where tcplen > 0"); len(some) >= len(all) {
		t.Error("--where selects nothing")
	}
	if help := answer(t, s, "help gaps"); !strings.Contains(help, "gaps CONNECTION [--most N]") {
		t.Errorf("help says %s", help)
	}
	if c := s.Complete("ga", 2); len(c.Items) != 1 || c.Items[0].Doc != "list the longest silences of a connection" {
		t.Errorf("completion offers %v", c.Items)
	}
	if err := s.Run(context.Background(), "gaps 0 --most many", &written{}); err == nil || !strings.Contains(err.Error(), "--most is no number") {
		t.Errorf("its error is %v", err)
	}
}

func TestGoExample(t *testing.T) {
	folder := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", folder, "./examples/mptcpanalyzer-sizes").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s, warnings := session(t, folder, time.Minute)
	if len(warnings) > 0 {
		t.Error(warnings)
	}
	for _, line := range []string{"sizes 0 --bin 1500", "plot sizes 0 --bin 1500 --title Mine"} {
		var out written
		if err := s.Run(context.Background(), line, &out); err != nil || len(out.charts) != 1 {
			t.Fatalf("%s: %v, %d charts", line, err, len(out.charts))
		}
		c := out.charts[0]
		sum, want := 0.0, 0.0
		for _, y := range c.Series[0].Y {
			sum += y
		}
		l := s.Capture("1")
		for _, row := range l.Trace.ConnRows(0) {
			if l.Trace.PayloadLen(row) > 0 {
				want++
			}
		}
		if sum != want || sum == 0 {
			t.Errorf("%s: %v segments, want %v", line, sum, want)
		}
		if strings.Contains(line, "Mine") != (c.Title == "Mine") {
			t.Errorf("%s: the title is %q", line, c.Title)
		}
	}
	if got := answer(t, s, "plugins --csv"); !strings.Contains(got, "sizes,plot,draw how many") {
		t.Errorf("plugins lists %s", got)
	}
}

// A plugin that asks for Arrow gets the selected packets to the last bit.
func TestArrowRows(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "rows")
	script(t, folder, "try", describing(`, "rows": "arrow", "columns": ["packetid", "abstime", "dsnraw64", "ipsrc", "subtype"], "parameters": [{"name": "STREAM", "kind": "stream", "doc": "tcp.stream"}]`)+
		"read line; cat > "+file+`; echo '{"protocol": 1, "blocks": []}'`+"\n")
	s, warnings := session(t, folder, time.Minute)
	if len(warnings) > 0 {
		t.Fatal(warnings)
	}
	answer(t, s, "try 1 --where tcplen > 0 || subtype != nil")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := ipc.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Release()
	l := s.Capture("1")
	seen, covered := 0, 0
	var row trace.Row
	for rows.Next() {
		batch := rows.RecordBatch()
		column := func(name string) arrow.Array { return batch.Column(batch.Schema().FieldIndices(name)[0]) }
		ids, times, dsns := column("packetid").(*array.Uint32), column("abstime").(*array.Int64), column("dsnraw64").(*array.Uint64)
		for i := range int(batch.NumRows()) {
			l.Trace.Row(int(ids.Value(i))-1, &row)
			if row.Stream != 1 || row.Time != times.Value(i) || row.HasDSN != dsns.IsValid(i) || row.HasDSN && row.DSN != dsns.Value(i) ||
				column("ipsrc").ValueStr(i) != row.Src.Addr().String() {
				t.Fatalf("packet %d is %v", ids.Value(i), batch.NewSlice(int64(i), int64(i)+1))
			}
			if row.HasDSN {
				covered++
			}
			seen++
		}
	}
	want := 0
	for _, r := range l.Trace.StreamRows(1) {
		if l.Trace.Row(int(r), &row); row.Len > 0 || row.HasMPTCP {
			want++
		}
	}
	if rows.Err() != nil || seen != want || want == 0 || covered == 0 {
		t.Errorf("%d packets, %d of them with a data sequence number, want %d: %v", seen, covered, want, rows.Err())
	}
}

func TestWhatIsLeftOut(t *testing.T) {
	for name, test := range map[string]struct{ name, body, want string }{
		"shadows a command":    {"load", describing(""), "load is a built-in command"},
		"shadows an alias":     {"list_tcp", describing(""), "list_tcp is a built-in command"},
		"no name":              {"A-b", describing(""), "no name of a command"},
		"says nothing":         {"try", "exit 0\n", "nothing was written"},
		"fails":                {"try", "echo I will not >&2; exit 3\n", "exit status 3): I will not"},
		"no JSON":              {"try", "echo hello\n", "its description: invalid character"},
		"another protocol":     {"try", "echo '{\"protocol\": 2}'\n", "it speaks protocol 2"},
		"unknown kind":         {"try", `echo '{"protocol": 1, "kind": "x", "summary": "y"}'` + "\n", `kind is "x"`},
		"unknown key":          {"try", describing(`, "colour": "red"`), `unknown field "colour"`},
		"no summary":           {"try", `echo '{"protocol": 1, "kind": "command"}'` + "\n", "one line without a full stop"},
		"unknown rows":         {"try", describing(`, "rows": "xml"`), `rows is "xml"`},
		"unknown column":       {"try", describing(`, "rows": "csv", "columns": ["tcplem"]`), `no column "tcplem"`},
		"odd parameter":        {"try", describing(`, "parameters": [{"name": "A B", "doc": "x"}]`), "A B is undocumented"},
		"parameter of no kind": {"try", describing(`, "parameters": [{"name": "A", "kind": "y", "doc": "x"}]`), "A is undocumented"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			file := script(t, folder, test.name, test.body)
			commands, warnings := plugin.Find(context.Background(), plugin.Place{Folder: folder, Builtin: core.Commands(), Patience: time.Minute})
			if len(commands) != 0 || len(warnings) != 1 || !strings.Contains(warnings[0], test.want) || !strings.Contains(warnings[0], file) {
				t.Errorf("%d commands, warnings %q, want %q", len(commands), warnings, test.want)
			}
		})
	}
	folder := t.TempDir()
	script(t, folder, "try", describing(""))
	if err := os.Chmod(filepath.Join(folder, "mptcpanalyzer-try"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(folder)
	if commands, warnings := plugin.Find(context.Background(), plugin.Place{Folder: folder, Path: ".:", Builtin: core.Commands()}); len(commands)+len(warnings) != 0 {
		t.Errorf("a file that is no program: %d commands, %v", len(commands), warnings)
	}
}

func TestWrongAnswers(t *testing.T) {
	folder := t.TempDir()
	script(t, folder, "try", describing(`, "parameters": [{"name": "ANSWER", "doc": "what to say", "required": true}]`)+
		`read line; printf '%s' "$line" | sed 's/.*"ANSWER":\["//; s/"\]}.*//; s/\\"/"/g'
`)
	s, warnings := session(t, folder, time.Minute)
	if len(warnings) > 0 {
		t.Fatal(warnings)
	}
	for page, want := range map[string]string{
		`{"protocol": 1, "blocks": [{"text": {"body": "hello"}}]}`: "",
		`{"protocol": 1, "blocks": []} x`:                          "something follows",
		`{"protocol": 3, "blocks": []}`:                            "speaks protocol 3",
		`{"protocol": 1, "blocks": [{}]}`:                          "block 0: one of text",
		`{"protocol": 1, "blocks": [{"text": {}, "note": {}}]}`:    "block 0: one of text",
		`{"protocol": 1, "blocks": [{"table": {"columns": [{"key": "a", "head": "A"}], "rows": [["x", "y"]]}}]}`:                                                                        "row 0 has 2 cells for 1 columns",
		`{"protocol": 1, "blocks": [{"table": {"columns": [{"key": "a", "head": "A", "type": "integer"}], "rows": [["x"]]}}]}`:                                                          "x is no integer",
		`{"protocol": 1, "blocks": [{"table": {"columns": [{"key": "a", "head": "A", "type": "integer"}], "rows": [[1.5]]}}]}`:                                                          "1.5 is no integer",
		`{"protocol": 1, "blocks": [{"table": {"columns": [{"key": "a", "head": "A", "type": "integer"}], "rows": [[18446744073709551615], ["18446744073709551615"], [-3], [null]]}}]}`: "",
		`{"protocol": 1, "blocks": [{"table": {"columns": [{"key": "a", "head": "A", "type": "subflow"}], "rows": [[[0, 3]], [[0]]]}}]}`:                                                "is no subflow",
		`{"protocol": 1, "blocks": [{"table": {"columns": [{"key": "a", "head": "A", "unit": "furlong"}]}}]}`:                                                                           "unknown unit",
		`{"protocol": 1, "blocks": [{"chart": {"series": [{"x": [1, 2], "y": [1]}]}}]}`:                                                                                                 "2 x for 1 y",
		`{"protocol": 1, "blocks": [{"chart": {"series": [{"x": [2, 1], "y": [1, 1]}]}}]}`:                                                                                              "before the one before it",
		`{"protocol": 1, "blocks": [{"chart": {"series": [{"mark": "pie"}]}}]}`:                                                                                                         "unknown mark",
		`{"protocol": 1, "blocks": [{"chart": {"x": {"base": -1}}}]}`:                                                                                                                   "no number from 0 on",
		`{"protocol": 1, "blocks": [{"chart": {"series": [{"mark": "segments", "x": [1], "y": [1]}]}}]}`:                                                                                "0 y2 for 1 y",
	} {
		var out written
		err := s.Run(context.Background(), "try "+core.Quote(page), &out)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", page, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", page, err, want)
		}
		if strings.Contains(page, "18446744073709551615") && strings.Count(strings.ReplaceAll(out.String(), "\u2009", ""), "18446744073709551615") != 2 {
			t.Errorf("a large number became %s", out.String())
		}
	}
}

func TestFailure(t *testing.T) {
	folder := t.TempDir()
	script(t, folder, "try", describing(`, "rows": "csv"`)+"echo it went wrong >&2; exit 7\n")
	s, _ := session(t, folder, time.Minute)
	err := s.Run(context.Background(), "try", &written{})
	if err == nil || !strings.Contains(err.Error(), "exit status 7") || !strings.Contains(err.Error(), "it went wrong") {
		t.Errorf("got %v", err)
	}
}

// A plugin that does not end is killed, and so is what it has started.
func TestKilled(t *testing.T) {
	for name, limit := range map[string]time.Duration{"time": 200 * time.Millisecond, "interrupt": 0} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			pid := filepath.Join(folder, "pid")
			script(t, folder, "try", describing("")+"sleep 1000 & echo $! > "+pid+".new; mv "+pid+".new "+pid+"; wait\n")
			s, warnings := session(t, folder, limit)
			if len(warnings) > 0 {
				t.Fatal(warnings)
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if limit == 0 {
				go func() {
					for {
						if _, err := os.Stat(pid); err == nil {
							cancel()
							return
						}
						time.Sleep(time.Millisecond)
					}
				}()
			}
			err := s.Run(ctx, "try", &written{})
			if want := map[bool]string{true: "took longer than", false: "interrupted"}[limit > 0]; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
			if text, err := os.ReadFile(pid); err == nil {
				n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
				if !gone(n) {
					t.Errorf("its child %d lives on", n)
				}
			}
		})
	}
}

// gone waits until a process has ended.
func gone(pid int) bool {
	for range 12_000 { // two minutes
		if syscall.Kill(pid, 0) != nil {
			return true
		}
		if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && strings.Contains(string(stat), ") Z ") {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// A description is asked for once, until the program changes.
func TestDescribedOnce(t *testing.T) {
	folder := t.TempDir()
	count := filepath.Join(folder, "count")
	file := script(t, folder, "try", "echo x >> "+count+"\n"+describing(""))
	place := plugin.Place{Folder: folder, Builtin: core.Commands(), Patience: time.Minute, Known: filepath.Join(folder, "cache", "plugins.json")}
	for range 3 {
		if commands, warnings := plugin.Find(context.Background(), place); len(commands) != 1 || len(warnings) != 0 {
			t.Fatalf("%d commands, %v", len(commands), warnings)
		}
	}
	if err := os.Chtimes(file, time.Now(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	plugin.Find(context.Background(), place)
	if text, _ := os.ReadFile(count); string(text) != "x\nx\n" {
		t.Errorf("it was asked %d times, want 2", strings.Count(string(text), "x"))
	}
}
