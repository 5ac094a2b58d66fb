//go:build !js

package main_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestWatchers has a page without a policy ask hosts that the browser itself asks too, from everywhere it can.
func TestWatchers(t *testing.T) {
	const ask = `fetch('https://clients2.google.com/%s', { mode: 'no-cors' }).catch(() => 0)`
	from := func(who string) string { return strings.Replace(ask, "%s", who, 1) }
	pages := map[string]string{
		"/": `<!doctype html><title>t</title><script>
			const all = [` + from("page") + `,
				new Promise((done) => { new Worker('worker.js').onmessage = done; }),
				new Promise((done) => { new Worker('module.js', { type: 'module' }).onmessage = done; }),
				navigator.serviceWorker.register('sw.js').then(() => navigator.serviceWorker.ready),
				new Promise((done) => { new WebSocket('wss://socket.example/').onerror = done; }),
				new Promise((done) => { const i = new Image(); i.onerror = done; i.src = '/elsewhere'; })];
			Promise.all(all).then(() => { document.title = 'asked'; });
			</script>`,
		"/worker.js": from("worker") + `.then(() => postMessage(1))`,
		"/module.js": from("module") + `.then(() => postMessage(1))`,
		"/sw.js":     `self.addEventListener('install', (e) => e.waitUntil(` + from("service") + `))`,
	}
	b := openAt(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			http.Redirect(w, r, "https://www.google.com/redirected", http.StatusFound)
			return
		}
		if strings.HasSuffix(r.URL.Path, ".js") {
			w.Header().Set("Content-Type", "text/javascript")
		}
		io.WriteString(w, pages[r.URL.Path])
	}), "/")
	b.Wait(`document.title === 'asked'`)
	asked := b.Foreign()
	for _, want := range []string{
		"https://clients2.google.com/page", "https://clients2.google.com/worker", "https://clients2.google.com/module",
		"https://clients2.google.com/service", "https://www.google.com/redirected", "socket.example:443",
	} {
		if !slices.Contains(asked, want) {
			t.Errorf("a request to %s went unseen; seen: %q", want, asked)
		}
	}
}
