package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
)

// labPackages are JupyterLab's renderer and what bundles it, from npm.
var labPackages = []string{"@jupyterlab/rendermime@4.6.6", "@lumino/widgets@2.10.0", "esbuild@0.28.2"}

// labBundle makes the script of JupyterLab's renderer. The packages are kept in the project's node_modules.
func labBundle(t *testing.T) []byte {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("needs npm (Debian: npm), to fetch JupyterLab's renderer")
	}
	modules := filepath.Join(coretest.Root(), "node_modules")
	_, err := os.Stat(filepath.Join(modules, "@jupyterlab", "rendermime"))
	_, bundler := os.Stat(filepath.Join(modules, ".bin", "esbuild"))
	if err != nil || bundler != nil {
		args := append([]string{"install", "--no-save", "--no-audit", "--no-fund", "--prefix", coretest.Root()}, labPackages...)
		ctx, cancel := context.WithTimeout(t.Context(), browser.Patience) // npm itself is patient with a network that swallows all
		defer cancel()
		npm := exec.CommandContext(ctx, "npm", args...)
		npm.WaitDelay = time.Second // what it has started may live on
		if out, err := npm.CombinedOutput(); err != nil {
			t.Skipf("JupyterLab's renderer cannot be fetched from npm: %v\n%s", err, out)
		}
	}
	// esbuild looks for packages beside the script.
	entry := filepath.Join(modules, ".mptcp-lab.js")
	script, err := os.ReadFile(filepath.Join("testdata", "lab.js"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(entry, script, 0o644); err != nil {
		t.Fatal(err)
	}
	bundle := exec.Command(filepath.Join(modules, ".bin", "esbuild"), entry, "--bundle", "--loader:.css=empty", "--loader:.svg=text",
		"--log-level=error", "--minify")
	bundle.Stderr = os.Stderr
	out, err := bundle.Output()
	if err != nil {
		t.Fatal("bundling:", err)
	}
	return out
}

// labPage is a page of JupyterLab's as far as an output can see it.
const labPage = `<!doctype html><html><head><meta charset="utf-8"><title>lab</title><link rel="icon" href="data:,">
<script id="jupyter-config-data" type="application/json">{"baseUrl": "/"}</script></head><body><script src="/lab.js"></script></body></html>`

// serveLab serves the page, the renderer, the chart library as the kernelspec has it, and the outputs.
func serveLab(t *testing.T, outputs []map[string]lines) string {
	t.Helper()
	library, err := echarts.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(outputs)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]struct {
		kind    string
		content []byte
	}{
		"/":                                     {"text/html", []byte(labPage)},
		"/lab.js":                               {"text/javascript", labBundle(t)},
		"/outputs.json":                         {"application/json", encoded},
		"/kernelspecs/mptcpanalyzer/echarts.js": {"text/javascript", library},
	}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", f.kind)
		w.Write(f.content)
	}))
	t.Cleanup(host.Close)
	return host.URL
}

// rich gives the outputs of a notebook that have several forms, and counts the tables and charts among them.
func (n *notebook) rich() (outputs []map[string]lines, tables, charts int) {
	for _, c := range n.Cells {
		for _, o := range c.Outputs {
			if o.Data == nil {
				continue
			}
			outputs = append(outputs, o.Data)
			tables += strings.Count(string(o.Data["text/html"]), "<table")
			if o.Data["image/png"] != "" {
				charts++
			}
		}
	}
	return outputs, tables, charts
}

// JupyterLab 4 and Notebook 7 show what the kernel answers: charts drawn by script where the notebook is trusted, as
// pictures where it is not.
func TestLabRenderer(t *testing.T) {
	need(t, "python3-nbconvert python3-nbclient", "nbconvert", "nbclient")
	j := installed(t)
	folder := j.executed(filepath.Join(coretest.Root(), "notebooks", "quickstart.ipynb"))
	outputs, tables, charts := readNotebook(t, filepath.Join(folder, "first.ipynb")).rich()
	home := serveLab(t, outputs)
	for _, tc := range []struct {
		trusted         string
		drawn, pictures int
	}{{"true", charts, 0}, {"false", 0, charts}} {
		tab := browser.Open(t, home, "/")
		browser.Eval[bool](tab, `(fetch('/outputs.json').then((r) => r.json()).then((o) => renderOutputs(o, `+tc.trusted+
			`)).then((c) => { window.chosen = c; }), true)`)
		tab.Wait(`window.chosen`)
		for i, mime := range browser.Eval[[]string](tab, `window.chosen`) {
			if mime != "text/html" {
				t.Errorf("trusted %s: output %d is shown as %s", tc.trusted, i, mime)
			}
		}
		tab.Wait(fmt.Sprintf(`document.querySelectorAll('canvas').length === %d`, tc.drawn))
		tab.Wait(fmt.Sprintf(`[...document.querySelectorAll('img')].filter((i) => i.naturalWidth > 100).length === %d`, tc.pictures))
		tab.Picture("lab-" + tc.trusted)
		if n := browser.Eval[int](tab, `document.querySelectorAll('table').length`); n != tables {
			t.Errorf("trusted %s: %d tables, want %d", tc.trusted, n, tables)
		}
		tab.Quiet()
	}
}
