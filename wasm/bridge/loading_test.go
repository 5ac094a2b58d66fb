package bridge_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/wasm/bridge"
)

// The first connections are told while the rest is read, with the columns of the list that follows.
func TestConnectionsAreToldWhileReading(t *testing.T) {
	const name = "many-connections.client.pcapng"
	content, err := os.ReadFile(filepath.Join(coretest.Captures(), name))
	if err != nil {
		t.Fatal(err)
	}
	b := bridge.New(bridge.Options{})
	r := feed(t, b, name, content, len(content)/2)
	early := r.of("partial")
	if len(early) == 0 {
		t.Fatalf("no connection was told before the end: %v", r.events)
	}
	whole := ask(t, b, map[string]any{"do": "run", "line": "lc"}).one("table")
	total, all := early[0]["total"].(float64), whole["total"].(float64)
	if rows := early[0]["rows"].([]any); total < 1 || total >= all || len(rows) != int(total) {
		t.Errorf("half of the file tells %v connections in %d rows, the whole %v", total, len(rows), all)
	}
	first := func(e event) any { return e["columns"].([]any)[0].(map[string]any)["key"] }
	if first(early[0]) != first(whole) || len(early[0]["columns"].([]any)) != len(whole["columns"].([]any)) {
		t.Errorf("the columns are %v, of the whole %v", early[0]["columns"], whole["columns"])
	}
	for _, e := range feed(t, b, name, content, len(content)).of("partial") {
		t.Errorf("a capture that is read at once is told before its end: %v", e)
	}
}

// What would not fit is refused before it is read, and what is open stays.
func TestMemoryIsForeseen(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(coretest.Captures(), "two-path-upload.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	b := bridge.New(bridge.Options{Memory: 64 << 20})
	feed(t, b, "small.pcapng", content, 1<<20)
	endless := func(chunks int) *recorder {
		r := &recorder{t: t}
		l := b.Begin("big.pcapng", 100<<30, r.emit)
		for range chunks {
			if !l.Feed(content) {
				return r
			}
		}
		t.Fatalf("a file that claims 100 GB was read on and on")
		return nil
	}
	r := endless(100)
	if said := r.one("error").text("message"); !strings.Contains(said, "big.pcapng") || !strings.Contains(said, "of memory") || !strings.Contains(said, "editcap") {
		t.Errorf("it says %q", said)
	}
	if left := r.one("done").text("capture"); left != "small.pcapng" {
		t.Errorf("the capture before is %q now", left)
	}
}
