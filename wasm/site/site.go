// Package site serves the built page as a static host does, with the headers that a careful host adds. The page needs
// nothing of it: any host that sends files will do.
package site

import (
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// Policy is the page's content security policy: code, data and pictures from where the page lies, and nothing else. The
// page carries it in its own head too, for hosts that send no headers.
const Policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; " +
	"style-src 'self'; img-src 'self' data: blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'"

// Handler serves the files of a built page. Nothing is listed, and only GET and HEAD are answered.
func Handler(files fs.FS) http.Handler {
	server := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/") && r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", Policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		if t := contentType(r.URL.Path); t != "" {
			h.Set("Content-Type", t)
		}
		server.ServeHTTP(w, r)
	})
}

// contentType is the media type of a file of the page; "" for index.html, which the server knows. A machine's own table
// of types may lack them or be wrong.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".wasm":
		return "application/wasm"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".pcap", ".pcapng":
		return "application/octet-stream"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return ""
}
