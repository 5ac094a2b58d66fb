//go:build !js

package main_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/wasm/site"
)

// seen is what testdata/firefox/firefox.mjs tells.
type seen struct {
	Connections, Charts         int
	Answers                     string
	Cells, Complaints, Requests []string
}

// inFirefox opens an address in Firefox and gives a capture to the page there.
func inFirefox(t *testing.T, address, capture, how string) seen {
	t.Helper()
	script := filepath.Join("testdata", "firefox", "firefox.mjs")
	if _, err := os.Stat(filepath.Join("testdata", "firefox", "node_modules")); err != nil {
		t.Skip("puppeteer-core is not installed (make firefox): nothing is tested in Firefox")
	}
	var firefox string
	for _, name := range []string{"firefox-esr", "firefox"} {
		if path, err := exec.LookPath(name); err == nil {
			firefox = path
			break
		}
	}
	if firefox == "" {
		t.Skip("no Firefox is installed (apt-get install firefox-esr): nothing is tested in it")
	}
	cmd := exec.Command("node", script, firefox, address, capture, how)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, complaint.String())
	}
	var s seen
	if err := json.Unmarshal(out, &s); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return s
}

// check holds what Firefox shows of fallback.client.pcapng to what is known of it.
func (s seen) check(t *testing.T) {
	t.Helper()
	if s.Connections != 2 || !strings.Contains(strings.Join(s.Cells, "\n"), "10.0.1.1:") {
		t.Errorf("Firefox lists %d connections: %q", s.Connections, s.Cells)
	}
	if s.Charts == 0 {
		t.Error("Firefox draws no chart")
	}
	if !strings.Contains(s.Answers, "summary 0") {
		t.Errorf("Firefox answers a command with\n%s", s.Answers)
	}
	if len(s.Complaints) > 0 {
		t.Errorf("Firefox complains: %q", s.Complaints)
	}
	if len(s.Requests) > 0 {
		t.Errorf("after a capture was given, the page asked for %q", s.Requests)
	}
}

func TestFirefox(t *testing.T) {
	host := httptest.NewServer(site.Handler(os.DirFS(dist)))
	t.Cleanup(host.Close)
	for _, how := range []string{"choose", "drop"} {
		inFirefox(t, host.URL, capture(t, "fallback.client.pcapng"), how).check(t)
	}
}

// TestFirefoxSingleFile opens the page in one file from a disk.
func TestFirefoxSingleFile(t *testing.T) {
	inFirefox(t, "file://"+filepath.Join(dist, "mptcpanalyzer.html"), capture(t, "fallback.client.pcapng"), "choose").check(t)
}
