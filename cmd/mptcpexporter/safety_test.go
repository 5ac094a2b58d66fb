//go:build linux

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
)

// TestMain lets the tests start the program itself, as a process that can be killed and limited.
func TestMain(m *testing.M) {
	if os.Getenv("MPTCPEXPORTER_CHILD") != "" {
		os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func child(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), "MPTCPEXPORTER_CHILD=1")
	return cmd
}

// files lists what is in a folder, hidden files too.
func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

var typed = []string{"a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.arrow", "a.sqlite", "a.pcapng"}

// TestFullDevice writes to a disk without room.
func TestFullDevice(t *testing.T) {
	for _, name := range typed {
		_, stderr, status := runProgram("", capture(samples[0]), "--format", strings.TrimPrefix(filepath.Ext(name), "."), "-o", "/dev/full")
		if status != console.Failed || stderr != "mptcpexporter: /dev/full: no space left on device\n" {
			t.Errorf("%s: status %d: %s", name, status, stderr)
		}
	}
}

// TestFileTooLarge limits the size of files, as a quota does, and wants the old output to stay and nothing else.
func TestFileTooLarge(t *testing.T) {
	for _, name := range typed {
		dir := t.TempDir()
		out := filepath.Join(dir, name)
		if err := os.WriteFile(out, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("sh", "-c", `ulimit -f 32; trap "" XFSZ; exec "$@"`, "sh")
		c := child(t, capture(samples[0]), "-o", out)
		cmd.Args, cmd.Env = append(cmd.Args, c.Args...), append(c.Env, "TMPDIR="+t.TempDir())
		text, err := cmd.CombinedOutput()
		if err == nil || cmd.ProcessState.ExitCode() != console.Failed {
			t.Errorf("%s: %v: %s", name, err, text)
		}
		if left := files(t, dir); len(left) != 1 {
			t.Errorf("%s: left %v", name, left)
		}
		if content, err := os.ReadFile(out); err != nil || string(content) != "old" {
			t.Errorf("%s: the old output is gone: %v", name, err)
		}
	}
}

// TestClosedPipe wants a quiet end when the reader has had enough, and no temporary file.
func TestClosedPipe(t *testing.T) {
	for _, name := range typed {
		t.Run(name, func(t *testing.T) { closePipe(t, strings.TrimPrefix(filepath.Ext(name), ".")) })
	}
}

func closePipe(t *testing.T, format string) {
	dir := t.TempDir()
	cmd := child(t, capture(samples[0]), "--quiet", "--format", format)
	cmd.Env = append(cmd.Env, "TMPDIR="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	out.Close()
	err = cmd.Wait()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if signalled := ok && status.Signaled() && status.Signal() == syscall.SIGPIPE; err != nil && !signalled || stderr.Len() > 0 {
		t.Errorf("%v: %s", err, stderr.String())
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestKilled kills the program while it waits for more of its input, and wants no output, whole or half, and no work file.
func TestKilled(t *testing.T) {
	data, err := os.ReadFile(capture(samples[0]))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range typed {
		for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGKILL} {
			t.Run(name+" "+signal.String(), func(t *testing.T) {
				t.Parallel()
				kill(t, data, name, signal)
			})
		}
	}
}

func kill(t *testing.T, data []byte, name string, signal os.Signal) {
	dir, work := t.TempDir(), t.TempDir()
	cmd := child(t, "-", "-o", filepath.Join(dir, name))
	cmd.Env = append(cmd.Env, "TMPDIR="+work)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write(data[:len(data)/2]); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	deaf := time.AfterFunc(time.Minute, func() { in.Close() })
	if err := cmd.Wait(); err == nil || !deaf.Stop() {
		t.Errorf("the program did not end by the signal: %v", err)
	}
	if left := append(files(t, dir), files(t, work)...); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestKilledDataset wants the folder that a killed run left to be removed by the next run, and one that is being filled not.
func TestKilledDataset(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "set")
	cmd := child(t, "-", "--partition", "capture", "-o", target)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for len(files(t, dir)) == 0 {
		time.Sleep(10 * time.Millisecond)
	}
	draft := filepath.Join(dir, files(t, dir)[0])
	export := func(name string) {
		long := time.Now().Add(-time.Hour)
		if err := os.Chtimes(draft, long, long); err != nil {
			t.Fatal(err)
		}
		if _, stderr, status := runProgram("", capture(samples[0]), "--partition", "capture", "-o", filepath.Join(dir, name)); status != console.Fine {
			t.Fatalf("status %d: %s", status, stderr)
		}
	}
	export("set")
	if left := files(t, dir); len(left) != 2 {
		t.Errorf("while another run goes on: %v", left)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if err := os.Rename(target, filepath.Join(dir, "before")); err != nil {
		t.Fatal(err)
	}
	export("set")
	if left := files(t, dir); len(left) != 2 || left[0] != "before" || left[1] != "set" {
		t.Errorf("after the other run was killed: %v", left)
	}
}
