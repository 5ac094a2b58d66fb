//go:build !js

// These ask the go command, which a program in WebAssembly cannot run.

package core_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

const module = "github.com/mptcpanalyzer/mptcpanalyzer/"

// forbidden are the imports that may not be drawn, directly or through others, each with its reason. A package "x/..." is x
// and everything below it. except names packages of ours below from that may.
var forbidden = []struct {
	from, to, except, goos, why string
}{
	{from: "dissect/mptcp", to: module + "...", except: "dissect/mptcp", why: "options are the standard library's work only"},
	{from: "dissect/capture", to: module + "...", except: "dissect/capture", why: "it knows files, no protocol"},
	{from: "dissect/memory", to: module + "...", except: "dissect/memory", why: "everybody may ask for advice"},
	{from: "dissect/...", to: module + "core/...", why: "arrows go from bytes to answers"},
	{from: "dissect/...", to: module + "display/...", why: "a trace is not a drawing"},
	{from: "dissect/...", to: "github.com/google/gopacket/...", why: "its readers and decoders err and are slow; tests use it as an oracle"},
	{from: "dissect/...", to: "github.com/gopacket/gopacket/...", why: "its readers and decoders err and are slow; tests use it as an oracle"},
	{from: "display", to: module + "...", except: "display", why: "the model knows no renderer"},
	{from: "core/...", to: module + "display/...", except: "display", why: "the face picks the renderers"},
	{from: "core", to: "os/exec", why: "the language runs in a browser too"},
	{from: "core", to: module + "core/cache", why: "faces inject it: the language runs in a browser too"},
	{from: "core", to: module + "core/config", why: "faces read the configuration: a page has none"},
	{from: "core", to: module + "core/plugin", why: "faces inject it: a page runs no programs"},
	{from: "core", to: module + "core/live", why: "faces inject it: a page captures nothing"},
	{from: "core", to: "net/http", why: "captures stay where they are"},
	{from: "core", to: "github.com/apache/arrow-go/...", why: "heavy formats are given to the session by the face"},
	{from: "core", to: "modernc.org/...", why: "heavy formats are given to the session by the face"},
	{from: "core", to: "github.com/gopacket/gopacket/...", why: "heavy formats are given to the session by the face"},
	{from: "kernel/message", to: "github.com/go-zeromq/zmq4/...", why: "messages are pure"},
	{from: "cmd/mptcpanalyzer", to: "github.com/go-zeromq/zmq4/...", why: "the terminal needs no sockets"},
	{from: "cmd/mptcpexporter", to: "github.com/go-zeromq/zmq4/...", why: "the exporter needs no sockets"},
	{from: "wasm", goos: "js", to: "github.com/go-zeromq/zmq4/...", why: "a page has no sockets"},
	{from: "wasm", goos: "js", to: "github.com/google/gopacket/...", why: "it triples the download"},
	{from: "wasm", goos: "js", to: "github.com/gopacket/gopacket/...", why: "it triples the download"},
	{from: "wasm", goos: "js", to: "net/http", why: "nothing leaves the browser"},
	{from: "wasm", goos: "js", to: "os/exec", why: "a page has no processes"},
	{from: "wasm", goos: "js", to: "gonum.org/v1/plot/...", why: "the page draws with ECharts; fonts are heavy"},
	{from: "wasm", goos: "js", to: "modernc.org/sqlite", why: "heavy formats are native"},
	{from: "wasm", goos: "js", to: "github.com/apache/arrow-go/...", why: "heavy formats are native"},
}

func TestForbiddenImports(t *testing.T) {
	for _, rule := range forbidden {
		for _, from := range list(t, rule.goos, "list", "./"+rule.from) {
			if from == module+"dissect/dissecttest" {
				continue // for tests: it writes captures
			}
			for _, dep := range list(t, rule.goos, "list", "-deps", from) {
				if matches(dep, rule.to) && !matches(dep, module+rule.except) {
					t.Errorf("%s reaches %s: %s", strings.TrimPrefix(from, module), dep, rule.why)
				}
			}
		}
	}
}

func matches(name, pattern string) bool {
	if prefix, tree := strings.CutSuffix(pattern, "/..."); tree {
		return name == prefix || strings.HasPrefix(name, prefix+"/")
	}
	return name == pattern
}

func list(t *testing.T, goos string, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = coretest.Root()
	cmd.Stderr = os.Stderr
	if goos == "js" {
		cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	return strings.Fields(string(out))
}

// sole are the packages of ours that alone may import what they wrap.
var sole = []struct{ importer, of, goos string }{
	{importer: "kernel/socket", of: "github.com/go-zeromq/zmq4/..."},
	{importer: "display/echarts", of: "github.com/go-echarts/go-echarts/..."},
	{importer: "display/image", of: "gonum.org/v1/plot/..."},
	{importer: "core/export/database", of: "modernc.org/sqlite"},
	{importer: "wasm", of: "syscall/js", goos: "js"},
}

func TestSoleImporters(t *testing.T) {
	for _, rule := range sole {
		for _, line := range list(t, rule.goos, "list", "-e", "-f", `{{.ImportPath}}:{{join .Imports ","}}`, "./...") {
			name, imports, _ := strings.Cut(line, ":")
			for _, to := range strings.Split(imports, ",") {
				if matches(to, rule.of) && name != module+rule.importer {
					t.Errorf("%s imports %s: only %s may", strings.TrimPrefix(name, module), to, rule.importer)
				}
			}
		}
	}
}

// TestPackagesAreDocumented holds every package to a comment that says what it is.
func TestPackagesAreDocumented(t *testing.T) {
	cmd := exec.Command("go", "list", "-f", "{{if and .GoFiles (not .Doc)}}{{.ImportPath}}{{end}}", "./...")
	cmd.Dir = coretest.Root()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields(string(out)) {
		t.Errorf("%s has no package comment", name)
	}
}
