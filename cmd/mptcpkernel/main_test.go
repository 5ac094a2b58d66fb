package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
)

func TestCommandLine(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "connection.json")
	if err := os.WriteFile(broken, []byte(`{"transport":"tcp","ip":"127.0.0.1","key":"very secret","shell_port":"x"`), 0o600); err != nil {
		t.Fatal(err)
	}
	portless := filepath.Join(t.TempDir(), "connection.json")
	if err := os.WriteFile(portless, []byte(`{"transport":"tcp","ip":"127.0.0.1","key":"very secret"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		line, stdout, stderr string
		status               int
	}{
		{"", "Usage: mptcpkernel VERB", "", console.Fine},
		{"--help", "Examples:", "", console.Fine},
		{"--manual", ".SH OPTIONS OF INSTALL", "", console.Fine},
		{"--version", "mptcpkernel 0.", "", console.Fine},
		{"install --help", "--sys-prefix", "", console.Fine},
		{"run --help", "Usage: mptcpkernel run [OPTION]... CONNECTION_FILE", "", console.Fine},
		{"fly", "", `unknown verb "fly"`, console.Usage},
		{"instal", "", `unknown verb "instal": did you mean install?`, console.Usage},
		{"install --fly", "", "unknown flag: --fly", console.Usage},
		{"install here", "", "install: 1 arguments, want 0", console.Usage},
		{"install --user --sys-prefix", "", "exclude each other", console.Usage},
		{"install --name a/b", "", "only letters", console.Usage},
		{"install --env X", "", "want NAME=VALUE", console.Usage},
		{"uninstall --prefix " + t.TempDir(), "", "no such kernelspec", console.Failed},
		{"doctor --help", "wherever Jupyter looks", "", console.Fine},
		{"doctor --user --sys-prefix", "", "exclude each other", console.Usage},
		{"run", "", "run: 0 arguments, want 1", console.Usage},
		{"run nosuch.json", "", "reading the connection file", console.Failed},
		{"run " + broken, "", "is no connection file", console.Failed},
		{"run " + portless, "", "shell_port is 0", console.Failed},
		{"run --charts loud " + portless, "", `charts: "loud" is none of server, inline, static`, console.Failed},
	} {
		var stdout, stderr strings.Builder
		status := run(strings.Fields(tc.line), &stdout, &stderr)
		if status != tc.status || !strings.Contains(stdout.String(), tc.stdout) || !strings.Contains(stderr.String(), tc.stderr) {
			t.Errorf("%q: status %d, want %d\nstdout %q, want %q\nstderr %q, want %q",
				tc.line, status, tc.status, stdout.String(), tc.stdout, stderr.String(), tc.stderr)
		}
		if strings.Contains(stderr.String(), "secret") {
			t.Errorf("%q shows the key: %s", tc.line, stderr.String())
		}
		if (status == console.Fine) != (stderr.Len() == 0) {
			t.Errorf("%q: status %d with %q on stderr", tc.line, status, stderr.String())
		}
	}
}

func TestInstallAndUninstall(t *testing.T) {
	prefix := t.TempDir()
	dir := filepath.Join(prefix, "share", "jupyter", "kernels", "my.kernel")
	for _, tc := range []struct{ line, want string }{
		{"install --name my.kernel --display-name Mine --env A=b=c --prefix " + prefix, "installed kernelspec my.kernel in " + dir},
		{"uninstall --name my.kernel --prefix " + prefix, "removed " + dir},
	} {
		var stdout, stderr strings.Builder
		if status := run(strings.Fields(tc.line), &stdout, &stderr); status != console.Fine || strings.TrimSpace(stdout.String()) != tc.want {
			t.Errorf("%s: status %d, %q %q", tc.line, status, stdout.String(), stderr.String())
		}
		if b, err := os.ReadFile(filepath.Join(dir, "kernel.json")); err == nil && !strings.Contains(string(b), `"A": "b=c"`) {
			t.Errorf("kernel.json: %s", b)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("still there")
	}
}
