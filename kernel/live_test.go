package kernel

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
)

// A file that grows is looked on in one place, which the answer takes in the end.
func TestLookingOn(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join(coretest.Captures(), "handover.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("growing.pcapng", whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	files := &Files{}
	c := start(t, core.New(files.Options()), func(o *Options) {
		o.Renderer = &Notebook{Charts: func() string { return string(echarts.Static) }}
	})
	a := c.run("load --follow growing.pcapng --for 4")
	id, pages := "", 0
	for _, m := range a.outputs {
		if m.Header.Type == "display_data" {
			id = displayID(m)
		}
		if id != "" && displayID(m) == id && strings.Contains(plainOf(m), "a subflow joins") {
			pages++
			if html, _ := fields(m)["data"].(map[string]any)["text/html"].(string); !strings.Contains(html, "<table") {
				t.Errorf("the summary is no table: %s", html)
			}
		}
	}
	last := plainOf(a.outputs[len(a.outputs)-1])
	if pages == 0 || displayID(a.outputs[len(a.outputs)-1]) != id || !strings.Contains(last, "1 MPTCP connection") {
		t.Errorf("%d pages in %q; the last says %q: %s", pages, id, last, kinds(a.outputs))
	}
	if a = c.run("lc"); !strings.Contains(plainOf(a.outputs[len(a.outputs)-1]), "growing.pcapng") {
		t.Errorf("what came is not kept: %s", plainOf(a.outputs[len(a.outputs)-1]))
	}
}
