//go:build !js

package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
	"github.com/mptcpanalyzer/mptcpanalyzer/wasm/site"
)

// dist is the built page; TestMain makes it.
var dist string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "mptcp-page-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		dist = filepath.Join(dir, "dist")
		if out, err := exec.Command("go", "run", "./build", "-o", dist).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building the page: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

// tab is the page in a browser, and a record of what it asked its host for.
type tab struct {
	*browser.Tab
	t    testing.TB
	url  string
	host *httptest.Server

	mu       sync.Mutex
	requests []string
}

// openTab opens the page in a browser. query is what stands behind its address: "", "#url=…".
func openTab(t testing.TB, query string) *tab {
	t.Helper()
	return openAt(t, site.Handler(os.DirFS(dist)), "/"+query)
}

// openAt opens an address of a host.
func openAt(t testing.TB, files http.Handler, address string) *tab {
	t.Helper()
	b := &tab{t: t}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.record(r.RequestURI)
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(host.Close)
	b.host, b.url = host, host.URL+address
	b.Tab = browser.Open(t, host.URL, address)
	return b
}

func (b *tab) record(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = append(b.requests, what)
}

// asked gives what the host was asked for since the last call, but for the scripts of workers: the one that reads files is begun
// when the page is ready, and may ask a little later; for a newer service worker the browser looks when it likes.
func (b *tab) asked() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.requests
	b.requests = nil
	return slices.DeleteFunc(all, func(what string) bool { return slices.Contains([]string{"worker.js", "sw.js"}, path.Base(what)) })
}

// state waits for a state of the page.
func (b *tab) state(name string) {
	b.t.Helper()
	b.Wait(fmt.Sprintf("document.documentElement.dataset.state === %q", name))
}

// listed waits until the list of connections stands: the counts of its verdicts, which come last, push it down.
func (b *tab) listed() {
	b.t.Helper()
	b.Wait("document.querySelectorAll('#verdicts button').length > 0")
}

// follow records every state that the page goes through from now on.
func (b *tab) follow() {
	b.t.Helper()
	browser.Eval[bool](b.Tab, `(() => {
		const root = document.documentElement;
		window.states = [];
		new MutationObserver(() => window.states.push(root.dataset.state)).observe(root, { attributes: true, attributeFilter: ['data-state'] });
		return true;
	})()`)
}

// text is what an element shows.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return browser.Eval[string](b.Tab, fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector))
}

// choose gives files to the file input.
func (b *tab) choose(paths ...string) {
	b.t.Helper()
	b.Do(chromedp.SetUploadFiles(chromedp.CSS("[data-testid=file]"), paths))
}

// drop drops files from the desktop on the window, as the operating system does.
func (b *tab) drop(paths ...string) {
	b.t.Helper()
	for _, kind := range []input.DispatchDragEventType{
		input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop,
	} {
		_, err := chromedp.Call(b.Ctx, input.DispatchDragEvent, input.DispatchDragEventParams{
			Type: kind, X: 400, Y: 300,
			Data: &input.DragData{Items: []*input.DragDataItem{}, Files: paths, DragOperationsMask: 1},
		})
		if err != nil {
			b.t.Fatalf("%s: %v", kind, err)
		}
	}
}

// enter types a command and Enter.
func (b *tab) enter(line string) {
	b.t.Helper()
	prompt := chromedp.CSS("[data-testid=prompt]")
	browser.Eval[bool](b.Tab, `document.querySelector('[data-testid=prompt]').value = '', true`)
	b.Do(chromedp.SendKeys(prompt, line+"\r"))
}

// dark says whether the page is to be dark by the system.
func (b *tab) dark(on bool) {
	b.t.Helper()
	value := "light"
	if on {
		value = "dark"
	}
	b.media("prefers-color-scheme", value)
}

// media has the system wish for something.
func (b *tab) media(feature, value string) {
	b.t.Helper()
	_, err := chromedp.Call(b.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// capture is the path of one of our captures.
func capture(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "testdata", "captures", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// altered writes a file with that content.
func altered(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
