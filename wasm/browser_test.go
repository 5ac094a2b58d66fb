//go:build !js

package main_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/mptcpanalyzer/mptcpanalyzer/wasm/site"
)

// patience is how long anything in the browser may take before a test gives up on it. It is no measure of speed.
const patience = 2 * time.Minute

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

// browserPath finds a Chromium.
func browserPath(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium is installed (apt-get install chromium): the page is not tested in a browser")
	return ""
}

// tab is the page in a browser of its own: no profile, no other page, and a record of every request and complaint.
type tab struct {
	t    *testing.T
	ctx  context.Context
	host *httptest.Server
	url  string

	mu       sync.Mutex
	requests []string // what the host was asked for
	foreign  []string // what any other host was asked for
	console  []string // errors and warnings
}

// openTab opens the page in a browser. query is what stands behind its address: "", "#url=…".
func openTab(t *testing.T, query string) *tab {
	t.Helper()
	return openAt(t, site.Handler(os.DirFS(dist)), "/"+query)
}

// openAt opens an address of a host.
func openAt(t *testing.T, files http.Handler, address string) *tab {
	t.Helper()
	path := browserPath(t)
	b := &tab{t: t}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.record(&b.requests, r.URL.Path)
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(host.Close)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.ProxyServer(b.newProxy().URL),
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 800))
	options = append(options, quieter()...)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(end)
	b.ctx, b.host, b.url = ctx, host, host.URL+address
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.Type == chromedp.ConsoleException || m.Type == "error" || m.Type == "warning" {
				b.record(&b.console, m.Text)
			}
		}
	}()
	b.watch()
	b.do(chromedp.Navigate(b.url))
	return b
}

func (b *tab) record(to *[]string, what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*to = append(*to, what)
}

// taken gives what was recorded and begins anew.
func (b *tab) taken(from *[]string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := *from
	*from = nil
	return all
}

// quiet fails the test if the page complained, or asked another host for anything.
func (b *tab) quiet() {
	b.t.Helper()
	if said := b.taken(&b.console); len(said) > 0 {
		b.t.Errorf("the console says:\n%s", strings.Join(said, "\n"))
	}
	if asked := b.taken(&b.foreign); len(asked) > 0 {
		b.t.Errorf("requests to other hosts: %s", strings.Join(asked, ", "))
	}
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// eval is the value of a JavaScript expression.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// wait waits until an expression is true.
func (b *tab) wait(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool]("("+expression+") || undefined", chromedp.WithPollingTimeout(patience))); err != nil {
		b.t.Fatalf("waiting for %s: %v\nstate %s, console %q", expression, err,
			eval[string](b, "document.documentElement.dataset.state"), b.taken(&b.console))
	}
}

// state waits for a state of the page.
func (b *tab) state(name string) {
	b.t.Helper()
	b.wait(fmt.Sprintf("document.documentElement.dataset.state === %q", name))
}

// follow records every state that the page goes through from now on.
func (b *tab) follow() {
	b.t.Helper()
	eval[bool](b, `(() => {
		const root = document.documentElement;
		window.states = [];
		new MutationObserver(() => window.states.push(root.dataset.state)).observe(root, { attributes: true, attributeFilter: ['data-state'] });
		return true;
	})()`)
}

// text is what an element shows.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector))
}

// choose gives files to the file input.
func (b *tab) choose(paths ...string) {
	b.t.Helper()
	b.do(chromedp.SetUploadFiles(chromedp.CSS("[data-testid=file]"), paths))
}

// drop drops files from the desktop on the window, as the operating system does.
func (b *tab) drop(paths ...string) {
	b.t.Helper()
	for _, kind := range []input.DispatchDragEventType{
		input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop,
	} {
		_, err := chromedp.Call(b.ctx, input.DispatchDragEvent, input.DispatchDragEventParams{
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
	eval[bool](b, `document.querySelector('[data-testid=prompt]').value = '', true`)
	b.do(chromedp.SendKeys(prompt, line+"\r"))
}

// dark says whether the page is to be dark by the system.
func (b *tab) dark(on bool) {
	b.t.Helper()
	value := "light"
	if on {
		value = "dark"
	}
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// picture writes a screenshot where PAGE_PICTURES says, to be looked at; nowhere if it is not set.
func (b *tab) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("PAGE_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
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
