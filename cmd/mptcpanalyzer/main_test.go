package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
)

// TestScripts runs the session scripts through the terminal.
func TestScripts(t *testing.T) {
	coretest.Run(t, func(t *testing.T) coretest.Face {
		session := core.New(disk.Options())
		return func(cell string) string {
			var out bytes.Buffer
			term := newTerminal(strings.NewReader(""), &out, &out)
			if err := session.Run(context.Background(), cell, term); err != nil {
				fmt.Fprintf(&out, "error: %v\n", err)
			}
			return out.String()
		}
	})
}

// runProgram runs the program as a shell would and gives what it wrote and its exit status.
func runProgram(stdin string, args ...string) (stdout, stderr string, status int) {
	var out, err bytes.Buffer
	status = run(args, strings.NewReader(stdin), &out, &err)
	return out.String(), err.String(), status
}

func capture(name string) string { return filepath.Join(coretest.Captures(), name) }

func TestExitStatus(t *testing.T) {
	sample := capture("two-path-upload.client.pcapng")
	tests := []struct {
		name   string
		args   []string
		stdin  string
		status int
		stdout string // a part of it
		stderr string
	}{
		{"one command", []string{"--load", sample, "lc"}, "", console.Fine, "MPTCP connections", ""},
		{"command as one word", []string{"--load", sample, "ls 0"}, "", console.Fine, "Subflows of connection 0", ""},
		{"two commands", []string{"--load", sample, "lc", ";", "lt"}, "", console.Fine, "TCP streams", ""},
		{"help", []string{"--help"}, "", console.Fine, "--load", ""},
		{"version", []string{"--version"}, "", console.Fine, "mptcpanalyzer ", ""},
		{"unknown option", []string{"--nosuch"}, "", console.Usage, "", "--nosuch"},
		{"unknown command", []string{"lx"}, "", console.Usage, "", "unknown command"},
		{"wrong argument", []string{"--load", sample, "plot", "dsnn", "0"}, "", console.Usage, "", "did you mean dsn"},
		{"file that is not there", []string{"nope.pcap"}, "", console.Usage, "", "no such file"},
		{"file before a command", []string{sample, "lt"}, "", console.Usage, "", "--load"},
		{"batch and command", []string{"-b", "-", "lc"}, "", console.Usage, "", "both"},
		{"missing file", []string{"--load", "nosuch.pcap", "lc"}, "", console.Failed, "", "no such file"},
		{"nothing loaded", []string{"lc"}, "", console.Failed, "", "no capture is loaded"},
		{"batch from standard input", []string{"-l", sample, "-b", "-"}, "lc\nls 0\n", console.Fine, "Subflows of connection 0", ""},
		{"commands piped in", []string{"-l", sample}, "lc\nquit\nnosuch\n", console.Fine, "MPTCP connections", ""},
		{"batch stops", []string{"-l", sample, "-b", "-"}, "lc\nnosuch\nls 0\n", console.Failed, "MPTCP connections", "standard input:2:"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stdout, stderr, status := runProgram(test.stdin, test.args...)
			if status != test.status || !strings.Contains(stdout, test.stdout) || !strings.Contains(stderr, test.stderr) {
				t.Errorf("status %d, want %d\nstdout: %s\nstderr: %s", status, test.status, stdout, stderr)
			}
		})
	}
}

func TestBatchStopsOrGoesOn(t *testing.T) {
	script := "load " + core.Quote(capture("fallback.client.pcapng")) + "\nnosuch\nlc\n"
	name := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(name, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status := runProgram("", "--batch", name)
	if status != console.Failed || strings.Contains(stdout, "Verdict") || !strings.Contains(stderr, name+":2:") {
		t.Errorf("a batch file did not stop at its error: %d\n%s\n%s", status, stdout, stderr)
	}
	stdout, _, status = runProgram("", "--keep-going", "--batch", name)
	if status != console.Failed || !strings.Contains(stdout, "Verdict") {
		t.Errorf("--keep-going did not go on: %d\n%s", status, stdout)
	}
}

func TestErrorMarksTheWord(t *testing.T) {
	_, stderr, _ := runProgram("", "-l", capture("two-path-upload.client.pcapng"), "plot dsn 9")
	if !strings.Contains(stderr, "  plot dsn 9\n           ^\n") {
		t.Errorf("the word is not marked:\n%s", stderr)
	}
}

func TestPlotFile(t *testing.T) {
	dir := t.TempDir()
	for name, magic := range map[string]string{"a.png": "\x89PNG", "a.svg": "<?xml", "a.pdf": "%PDF", "a.html": "<!", "a.csv": "series"} {
		out := filepath.Join(dir, name)
		_, stderr, status := runProgram("", "-l", capture("two-path-upload.client.pcapng"), "plot", "dsn", "0", "--out", out)
		got, err := os.ReadFile(out)
		if status != console.Fine || err != nil || !bytes.HasPrefix(got, []byte(magic)) {
			t.Errorf("%s: status %d, %v, begins %.20q\n%s", name, status, err, got, stderr)
		}
	}
	_, stderr, status := runProgram("", "-l", capture("two-path-upload.client.pcapng"), "plot", "dsn", "0", "--out", filepath.Join(dir, "a.gif"))
	if status == console.Fine || !strings.Contains(stderr, ".png") {
		t.Errorf("an unknown format was accepted: %s", stderr)
	}
	left, _ := os.ReadDir(dir)
	if len(left) != 5 {
		t.Errorf("%d files are left, want 5: %v", len(left), left)
	}
}

// No answer is written over a capture of the session, whatever path leads to it.
func TestCaptureIsNotOverwritten(t *testing.T) {
	folder := t.TempDir()
	file, link := filepath.Join(folder, "a.pcapng"), filepath.Join(folder, "link.csv")
	put(t, capture("fallback.client.pcapng"), file)
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"export " + file + " --format csv", "export " + folder + "/./link.csv", "lc > " + link, "plot dsn 0 --out " + link} {
		if _, stderr, status := runProgram("", "-l", file, line); status == console.Fine || !strings.Contains(stderr, "not written over") {
			t.Errorf("%s: status %d: %s", line, status, stderr)
		}
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the capture was changed: %v", err)
	}
}

// closedPipe is a reader's end that went away.
type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestBrokenOutput(t *testing.T) {
	var stderr bytes.Buffer
	status := run([]string{"-l", capture("two-path-upload.client.pcapng"), "lc"}, strings.NewReader(""), io.Writer(closedPipe{}), &stderr)
	if status != console.Failed {
		t.Errorf("a failed write gave status %d", status)
	}
}
