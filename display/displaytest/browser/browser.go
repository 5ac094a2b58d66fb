//go:build !js

// Package browser opens pages in a real Chromium, for tests: Open gives a Tab of a browser of its own, with no profile,
// which records what the page complains of and every other host that it asks. A test is skipped, saying so, where no
// Chromium is installed.
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Patience is how long anything in the browser may take before a test gives up on it. It is no measure of speed.
const Patience = 5 * time.Minute

// path finds a Chromium.
func path(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium is installed (apt-get install chromium): nothing is tested in a browser")
	return ""
}

// folder makes a folder for a browser's files: its profile, and what it leaves where temporary files belong. Its processes
// may write there for a moment after it has ended, so that t.TempDir would fail. The name is short, as a socket is put there.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := os.RemoveAll(dir)
		for end := time.Now().Add(Patience); err != nil && time.Now().Before(end); err = os.RemoveAll(dir) {
			time.Sleep(50 * time.Millisecond)
		}
		if err != nil {
			t.Errorf("the browser's files stay: %v", err)
		}
	})
	return dir
}

// Tab is a page in a browser of its own.
type Tab struct {
	// Ctx is the browser's, for what chromedp can do beside the methods here.
	Ctx context.Context

	t    testing.TB
	home string // the one host that may be asked: "http://127.0.0.1:1234"

	mu      sync.Mutex
	foreign []string // what any other host was asked for
	console []string // errors and warnings
}

// Open opens an address of the host home ("http://127.0.0.1:1234").
func Open(t testing.TB, home, address string) *Tab {
	t.Helper()
	program := path(t)
	b := &Tab{t: t, home: home}
	own := folder(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.ProxyServer(b.newProxy().URL),
		chromedp.UserDataDir(filepath.Join(own, "profile")), chromedp.Env("TMPDIR="+own), chromedp.WindowSize(1280, 800),
		chromedp.WSURLReadTimeout(Patience))
	options = append(options, quieter()...)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(end)
	b.Ctx = ctx
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.Type == chromedp.ConsoleException || m.Type == "error" || m.Type == "warning" {
				b.note(&b.console, m.Text)
			}
		}
	}()
	b.watch()
	b.slowDown()
	b.Do(chromedp.Navigate(home + address))
	return b
}

func (b *Tab) note(to *[]string, what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*to = append(*to, what)
}

func (b *Tab) take(from *[]string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := *from
	*from = nil
	return all
}

// Console gives the errors and warnings since the last call.
func (b *Tab) Console() []string { return b.take(&b.console) }

// Foreign gives the requests to other hosts since the last call.
func (b *Tab) Foreign() []string { return b.take(&b.foreign) }

// Quiet fails the test if the page complained, or asked another host for anything.
func (b *Tab) Quiet() {
	b.t.Helper()
	if said := b.Console(); len(said) > 0 {
		b.t.Errorf("the console says:\n%s", strings.Join(said, "\n"))
	}
	if asked := b.Foreign(); len(asked) > 0 {
		b.t.Errorf("requests to other hosts: %s", strings.Join(asked, ", "))
	}
}

// Do takes steps.
func (b *Tab) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, Patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// Eval is the value of a JavaScript expression.
func Eval[T any](b *Tab, expression string) T {
	b.t.Helper()
	return eval[T](b, expression)
}

// Await is the value that the promise of a JavaScript expression is kept with.
func Await[T any](b *Tab, expression string) T {
	b.t.Helper()
	return eval[T](b, expression, chromedp.EvalAwaitPromise)
}

func eval[T any](b *Tab, expression string, options ...chromedp.EvaluateOption) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, Patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// Wait waits until an expression is true.
func (b *Tab) Wait(expression string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, Patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool]("!!("+expression+") || undefined", chromedp.WithPollingTimeout(Patience))); err != nil {
		b.t.Fatalf("waiting for %s: %v\nstate %s, console %q", expression, err,
			Eval[string](b, "(document.documentElement.dataset.state ?? document.body.innerText.slice(0, 400)) + ' at ' + location"), b.Console())
	}
}

// Picture writes a screenshot where PAGE_PICTURES says, to be looked at; nowhere if it is not set.
func (b *Tab) Picture(name string) {
	b.t.Helper()
	dir := os.Getenv("PAGE_PICTURES")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(b.Ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(fmt.Errorf("keeping a picture: %w", err))
	}
}
