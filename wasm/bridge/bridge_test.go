package bridge_test

import (
	"bytes"
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
	"github.com/mptcpanalyzer/mptcpanalyzer/wasm/bridge"
)

// event is any event, as a page reads it.
type event map[string]any

func (e event) text(key string) string {
	s, _ := e[key].(string)
	return s
}

// recorder keeps the events of one call.
type recorder struct {
	t      *testing.T
	events []event
	data   []byte
}

func (r *recorder) emit(line, data []byte) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		r.t.Fatalf("an event is no JSON: %v\n%s", err, line)
	}
	r.events = append(r.events, e)
	if data != nil {
		r.data = data
	}
}

// of gives the events of one kind.
func (r *recorder) of(kind string) []event {
	var found []event
	for _, e := range r.events {
		if e.text("event") == kind {
			found = append(found, e)
		}
	}
	return found
}

// one gives the only event of its kind.
func (r *recorder) one(kind string) event {
	r.t.Helper()
	found := r.of(kind)
	if len(found) != 1 {
		r.t.Fatalf("%d events %q, want one: %v", len(found), kind, r.events)
	}
	return found[0]
}

// ask makes a request and checks that it ends with "done".
func ask(t *testing.T, b *bridge.Bridge, request map[string]any) *recorder {
	t.Helper()
	text, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{t: t}
	b.Do(t.Context(), text, r.emit)
	if n := len(r.events); n == 0 || r.events[n-1].text("event") != "done" || len(r.of("done")) != 1 {
		t.Fatalf("%s does not end with one done: %v", text, r.events)
	}
	return r
}

// rows asks for a window of a table until all of its rows have been looked at.
func rows(t *testing.T, b *bridge.Bridge, request map[string]any) event {
	t.Helper()
	for {
		if part := ask(t, b, request).one("rows"); part["more"] != true {
			return part
		}
	}
}

func run(t *testing.T, b *bridge.Bridge, line string) *recorder {
	t.Helper()
	return ask(t, b, map[string]any{"do": "run", "line": line})
}

// read reads the content of a capture of ours.
func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(coretest.Captures(), name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// feed pushes a capture in chunks of that size.
func feed(t *testing.T, b *bridge.Bridge, name string, content []byte, chunk int) *recorder {
	t.Helper()
	r := &recorder{t: t}
	l := b.Begin(name, int64(len(content)), r.emit)
	for len(content) > 0 {
		n := min(chunk, len(content))
		if !l.Feed(bytes.Clone(content[:n])) {
			return r
		}
		content = content[n:]
	}
	l.Finish()
	return r
}

// loaded is a bridge that holds a capture.
func loaded(t *testing.T, name string) *bridge.Bridge {
	t.Helper()
	b := bridge.New(bridge.Options{})
	r := feed(t, b, name, read(t, name), 1<<20)
	if got := r.one("done").text("capture"); got != name {
		t.Fatalf("the capture is %q, want %q: %v", got, name, r.events)
	}
	return b
}

func TestScripts(t *testing.T) {
	coretest.Run(t, func(t *testing.T) coretest.Face {
		b := bridge.New(bridge.Options{Options: core.Options{Open: disk.Open, Paths: disk.Paths}})
		return func(cell string) string {
			r := ask(t, b, map[string]any{"do": "run", "line": cell, "plain": true})
			var all strings.Builder
			for _, e := range r.events {
				switch e.text("event") {
				case "plain":
					all.WriteString(e.text("body"))
				case "error":
					all.WriteString("error: " + e.text("message"))
					if s := e.text("suggestion"); s != "" {
						all.WriteString(": " + s)
					}
					all.WriteString("\n")
				}
			}
			return all.String()
		}
	})
}

func TestLoadingTellsProgress(t *testing.T) {
	const name = "two-path-upload.client.pcapng"
	content := read(t, name)
	b := bridge.New(bridge.Options{})
	r := feed(t, b, name, content, 1000)
	progress := r.of("progress")
	if chunks := (len(content) + 999) / 1000; len(progress) == 0 || len(progress) > chunks {
		t.Errorf("%d progress events of %d chunks", len(progress), chunks)
	}
	last := progress[len(progress)-1]
	if last["share"] != 1.0 || last["count"] != float64(len(content)) || !strings.Contains(last.text("note"), "1 MPTCP connection") {
		t.Errorf("the last progress is %v", last)
	}
	if text := r.one("text").text("body"); !strings.HasPrefix(text, name) {
		t.Errorf("the answer is %q", text)
	}
}

func TestChunksDoNotMatter(t *testing.T) {
	const name = "handover.client.pcapng"
	whole := run(t, loaded(t, name), "summary")
	b := bridge.New(bridge.Options{})
	feed(t, b, name, read(t, name), 37)
	if got, want := run(t, b, "summary").events, whole.events; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("fed by 37 bytes:\n%v\nfed at once:\n%v", got, want)
	}
}

func TestBadFiles(t *testing.T) {
	whole := read(t, "two-path-upload.client.pcapng")
	for _, c := range []struct {
		name    string
		content []byte
		says    string
	}{
		{"empty.pcap", nil, "empty"},
		{"notes.pcap", []byte("# my notes\nnothing here is a capture\n"), "not a capture"},
		{"zeros.pcap", make([]byte, 4096), "not a capture"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := loaded(t, "two-path-upload.client.pcapng")
			r := feed(t, b, c.name, c.content, 1<<20)
			e := r.one("error")
			if !strings.Contains(e.text("message"), c.name) || !strings.Contains(e.text("message"), c.says) {
				t.Errorf("the error is %q: it should name the file and say %q", e.text("message"), c.says)
			}
			if kept := r.one("done").text("capture"); kept != "two-path-upload.client.pcapng" {
				t.Errorf("the current capture is %q: what was loaded before must stay", kept)
			}
		})
	}
	t.Run("cut", func(t *testing.T) {
		b := bridge.New(bridge.Options{})
		r := feed(t, b, "cut.pcapng", whole[:len(whole)/2+3], 1<<20)
		if len(r.of("error")) > 0 || r.one("done").text("capture") != "cut.pcapng" {
			t.Fatalf("a cut capture is to be kept: %v", r.events)
		}
		note := r.of("note")
		if len(note) == 0 || note[0]["caution"] != true || !strings.Contains(note[0].text("body"), "byte") {
			t.Errorf("no caution says at which byte it is cut: %v", r.events)
		}
		if rows := run(t, b, "lc").one("table"); rows["total"] != 1.0 {
			t.Errorf("the connection is not listed: %v", rows)
		}
	})
}

func TestTableWindows(t *testing.T) {
	b := loaded(t, "fallback.client.pcapng")
	table := run(t, b, "lc").one("table")
	if table["total"] != 2.0 || len(table["rows"].([]any)) != 2 || table.text("name") != "connections" {
		t.Fatalf("the table is %v", table)
	}
	if open := table["open"].([]any); open[1] != "ls 1" {
		t.Errorf("rows open with %v", open)
	}
	part := rows(t, b, map[string]any{"do": "table", "handle": table["handle"], "from": 1, "count": 10})
	if got := fmt.Sprint(part["ids"]); got != "[1]" || part["from"] != 1.0 || part["total"] != 2.0 {
		t.Errorf("the second window is %v", part)
	}
	part = rows(t, b, map[string]any{"do": "table", "handle": table["handle"], "count": 10, "sort": "mptcpstream", "descending": true})
	if got := fmt.Sprint(part["ids"]); got != "[1 0]" {
		t.Errorf("sorted downwards the rows are %s", got)
	}
	part = rows(t, b, map[string]any{"do": "table", "handle": table["handle"], "count": 10, "filter": "10.0.2.1:"})
	if got := fmt.Sprint(part["ids"]); got != "[1]" || part["total"] != 1.0 {
		t.Errorf("filtered the rows are %v", part)
	}
}

func TestRequestsThatMakeNoSense(t *testing.T) {
	b := loaded(t, "fallback.client.pcapng")
	handle := run(t, b, "lc").one("table")["handle"]
	for _, request := range []map[string]any{
		{"do": "dance"},
		{"do": "table", "handle": 999},
		{"do": "chart", "handle": 999},
		{"do": "save", "handle": 999, "name": "x.csv"},
		{"do": "save", "handle": handle, "name": "x.docx"},
		{"do": "table", "handle": handle, "sort": "nosuch"},
	} {
		if e := ask(t, b, request).one("error"); e.text("message") == "" {
			t.Errorf("%v: the error says nothing", request)
		}
	}
	for _, request := range []map[string]any{
		{"do": "table", "handle": handle, "from": -5, "count": -5},
		{"do": "table", "handle": handle, "from": 1 << 40, "count": 1 << 40},
		{"do": "complete", "line": "plot é", "cursor": -1},
		{"do": "complete", "line": "plot é", "cursor": 99},
		{"do": "inspect", "line": "", "cursor": 5},
		{"do": "release", "handles": []int{-1, 77}},
	} {
		if r := ask(t, b, request); len(r.of("error")) > 0 {
			t.Errorf("%v: %v", request, r.of("error"))
		}
	}
	r := &recorder{t: t}
	b.Do(t.Context(), []byte("{"), r.emit)
	if len(r.of("error")) != 1 || len(r.of("done")) != 1 {
		t.Errorf("half a request is answered with %v", r.events)
	}
}

func TestReleasedTablesAreGone(t *testing.T) {
	b := loaded(t, "fallback.client.pcapng")
	handle := run(t, b, "lc").one("table")["handle"]
	ask(t, b, map[string]any{"do": "release", "handles": []any{handle}})
	if r := ask(t, b, map[string]any{"do": "table", "handle": handle, "count": 1}); len(r.of("error")) != 1 {
		t.Errorf("a released table still answers: %v", r.events)
	}
}

func TestErrorsPointAtTheWord(t *testing.T) {
	b := loaded(t, "fallback.client.pcapng")
	// Offsets count UTF-16 units: the sign before the word takes two.
	e := run(t, b, "plot nosuch 0 --title 😀").one("error")
	if got := e.text("text")[int(e["start"].(float64)):int(e["end"].(float64))]; got != "nosuch" {
		t.Errorf("the error blames %q: %v", got, e)
	}
	e = run(t, b, "ls 😀").one("error")
	if e["start"] != 3.0 || e["end"] != 5.0 {
		t.Errorf("the error blames %v to %v, want 3 to 5", e["start"], e["end"])
	}
}

func TestComplete(t *testing.T) {
	b := loaded(t, "fallback.client.pcapng")
	e := ask(t, b, map[string]any{"do": "complete", "line": "plot --title 😀 ds", "cursor": 18}).one("complete")
	found := false
	for _, item := range e["items"].([]any) {
		found = found || item.(map[string]any)["text"] == "dsn"
	}
	if !found || e["start"] != 16.0 || e["end"] != 18.0 {
		t.Errorf("completion is %v", e)
	}
}

func TestCommandsComeFromTheRegistry(t *testing.T) {
	b := bridge.New(bridge.Options{})
	commands := ask(t, b, map[string]any{"do": "commands"}).one("commands")["commands"].([]any)
	if len(commands) != len(core.Commands()) {
		t.Errorf("%d commands, the language has %d", len(commands), len(core.Commands()))
	}
}

func TestCancel(t *testing.T) {
	b := loaded(t, "fallback.client.pcapng")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := &recorder{t: t}
	b.Do(ctx, []byte(`{"do":"run","line":"lc"}`), r.emit)
	if e := r.one("error"); e["cancelled"] != true {
		t.Errorf("a cancelled command answers %v", e)
	}
}

func TestSave(t *testing.T) {
	b := loaded(t, "fallback.client.pcapng")
	handle := run(t, b, "lc").one("table")["handle"]
	r := ask(t, b, map[string]any{"do": "save", "handle": handle, "name": "connections.csv"})
	if f := r.one("file"); f.text("name") != "connections.csv" || f.text("type") != "text/csv" {
		t.Errorf("the file is %v", f)
	}
	if lines := strings.Split(strings.TrimSpace(string(r.data)), "\n"); len(lines) != 3 || !strings.HasPrefix(lines[0], "mptcpstream,") {
		t.Errorf("the CSV is\n%s", r.data)
	}
	r = ask(t, b, map[string]any{"do": "save", "handle": handle, "name": "connections.json"})
	var rows []map[string]any
	if err := json.Unmarshal(r.data, &rows); err != nil || len(rows) != 2 {
		t.Errorf("the JSON is\n%s\n%v", r.data, err)
	}
}

func TestCharts(t *testing.T) {
	b := loaded(t, "two-path-upload.client.pcapng")
	chart := run(t, b, "plot dsn 0").one("chart")
	level := chart["payload"].(map[string]any)["levels"].([]any)[0].(map[string]any)
	if chart.text("command") != "plot dsn 0" || level["points"].(float64) < 1000 {
		t.Fatalf("the chart is %v", chart)
	}
	from, to := level["from"].(float64), level["to"].(float64)
	middle := (from + to) / 2
	window := func(from, to float64, width int) map[string]any {
		r := ask(t, b, map[string]any{"do": "chart", "handle": chart["handle"], "window": map[string]any{"from": from, "to": to, "width": width}})
		return r.one("window")["level"].(map[string]any)
	}
	closer := window(from, middle, 800)
	if closer["points"].(float64) >= level["points"].(float64) || closer["to"].(float64) > middle+1 {
		t.Errorf("half the chart has %v points up to %v, the whole %v up to %v", closer["points"], closer["to"], level["points"], to)
	}
	if series, all := closer["series"].([]any), level["series"].([]any); len(series) != len(all) {
		t.Errorf("a window has %d series, the chart %d", len(series), len(all))
	}
	if narrow := window(from, to, 10); narrow["marks"].(float64) >= level["marks"].(float64) {
		t.Errorf("ten pixels get %v marks, 900 get %v", narrow["marks"], level["marks"])
	}
	for _, odd := range [][2]float64{{-1e300, 1e300}, {to, from}, {0.5, 0.25}} {
		window(odd[0], odd[1], -1)
	}
	r := ask(t, b, map[string]any{"do": "save", "handle": chart["handle"], "name": "points.csv"})
	if lines := strings.Count(string(r.data), "\n"); lines < 1000 || !strings.HasPrefix(string(r.data), "series,reltime,abstime,value,") {
		t.Errorf("the points as CSV have %d lines:\n%.200s", lines, r.data)
	}
}

func TestFilesOfCharts(t *testing.T) {
	b := loaded(t, "two-path-upload.client.pcapng")
	f := run(t, b, "plot dsn 0 --out pictures/dsn.svg").one("file")
	if drawn, ok := f["chart"].(map[string]any); !ok || drawn["payload"] == nil || f.text("name") != "dsn.svg" {
		t.Errorf("a picture is not left to the page: %v", f)
	}
	r := run(t, b, "plot dsn 0 --out dsn.csv")
	if r.one("file").text("name") != "dsn.csv" || !bytes.HasPrefix(r.data, []byte("series,")) {
		t.Errorf("the points are %.100s", r.data)
	}
	if e := run(t, b, "plot dsn 0 --out dsn.xcf").one("error"); !strings.Contains(e.text("message"), ".png") {
		t.Errorf("the error is %v", e)
	}
}
