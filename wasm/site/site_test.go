package site_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/mptcpanalyzer/mptcpanalyzer/wasm/site"
)

func TestHandler(t *testing.T) {
	files := fstest.MapFS{
		"index.html":           {Data: []byte("<!doctype html><title>x</title>")},
		"v/mptcp.wasm":         {Data: []byte("\x00asm")},
		"v/app.js":             {Data: []byte("1")},
		"v/page.webmanifest":   {Data: []byte("{}")},
		"samples/a.pcapng":     {Data: []byte("\n\r\r\n")},
		"v/echarts.NOTICE.txt": {Data: []byte("notice")},
	}
	handler := site.Handler(files)
	for _, c := range []struct {
		method, path string
		status       int
		contentType  string
	}{
		{http.MethodGet, "/", http.StatusOK, "text/html; charset=utf-8"},
		{http.MethodGet, "/v/mptcp.wasm", http.StatusOK, "application/wasm"},
		{http.MethodHead, "/v/app.js", http.StatusOK, "text/javascript; charset=utf-8"},
		{http.MethodGet, "/v/page.webmanifest", http.StatusOK, "application/manifest+json"},
		{http.MethodGet, "/samples/a.pcapng", http.StatusOK, "application/octet-stream"},
		{http.MethodGet, "/v/echarts.NOTICE.txt", http.StatusOK, "text/plain; charset=utf-8"},
		{http.MethodGet, "/samples/", http.StatusNotFound, ""},
		{http.MethodGet, "/nosuch", http.StatusNotFound, ""},
		{http.MethodGet, "/../site.go", http.StatusNotFound, ""},
		{http.MethodPost, "/", http.StatusMethodNotAllowed, ""},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(c.method, "http://x/", nil)
		r.URL.Path = c.path
		handler.ServeHTTP(w, r)
		if w.Code != c.status {
			t.Errorf("%s %s: status %d, want %d", c.method, c.path, w.Code, c.status)
		}
		if c.status != http.StatusOK {
			continue
		}
		if got := w.Header().Get("Content-Type"); got != c.contentType {
			t.Errorf("%s: content type %q, want %q", c.path, got, c.contentType)
		}
		if got := w.Header().Get("Content-Security-Policy"); got != site.Policy {
			t.Errorf("%s: policy %q", c.path, got)
		}
	}
}
