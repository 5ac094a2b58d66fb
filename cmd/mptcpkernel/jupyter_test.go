package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// python is the one that Debian's Jupyter packages are for.
const python = "/usr/bin/python3"

// need skips a test whose Python modules are missing.
func need(t *testing.T, debian string, modules ...string) {
	t.Helper()
	for _, m := range modules {
		if out, err := exec.Command(python, "-W", "ignore", "-c", "import "+m).CombinedOutput(); err != nil {
			t.Skipf("needs Python's %s (Debian: %s): %s", m, debian, bytes.TrimSpace(out))
		}
	}
}

// jupyter is a Jupyter data folder of its own with the kernel installed in it.
type jupyter struct {
	t       *testing.T
	dir     string
	program string
	env     []string
}

// programs is the folder in which programs are built, each once.
var programs string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "mptcpkernel-test-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		programs = dir
		return m.Run()
	}())
}

// built builds a program of the project, under the race detector if the test is, unless that was done, and gives its path.
func built(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(programs, name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	build := []string{"build", "-o", path}
	if raceDetector {
		build = append(build, "-race")
	}
	if out, err := exec.Command("go", append(build, "../"+name)...).CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	return path
}

// installed is a Jupyter in which the program is installed.
func installed(t *testing.T, flags ...string) *jupyter {
	t.Helper()
	j := &jupyter{t: t, dir: t.TempDir()}
	j.program = filepath.Join(j.dir, "mptcpkernel")
	if err := os.Link(built(t, "mptcpkernel"), j.program); err != nil {
		t.Fatal(err)
	}
	j.env = append(os.Environ(),
		"JUPYTER_DATA_DIR="+filepath.Join(j.dir, "data"), "JUPYTER_RUNTIME_DIR="+filepath.Join(j.dir, "runtime"),
		"JUPYTER_CONFIG_DIR="+filepath.Join(j.dir, "config"), "XDG_DATA_HOME="+filepath.Join(j.dir, "xdg"),
		"XDG_CONFIG_HOME="+filepath.Join(j.dir, "xdg-config"), "XDG_CACHE_HOME="+filepath.Join(j.dir, "xdg-cache"),
		"XDG_STATE_HOME="+filepath.Join(j.dir, "xdg-state"), "JUPYTER_PATH=", chartsVariable+"=",
		"IPYTHONDIR="+filepath.Join(j.dir, "ipython"), "PYDEVD_DISABLE_FILE_VALIDATION=1", "PYTHONWARNINGS=ignore",
		"GORACE=halt_on_error=1 exitcode=66", "CAPTURES="+coretest.Captures())
	j.must(exec.Command(j.program, append([]string{"install"}, flags...)...))
	return j
}

// must runs a command in the environment of this Jupyter and gives what it says.
func (j *jupyter) must(c *exec.Cmd) string {
	j.t.Helper()
	c.Env = append(j.env, c.Env...)
	out, err := c.CombinedOutput()
	if err != nil {
		j.t.Errorf("%s: %v\n%s", strings.Join(c.Args, " "), err, out)
	}
	return string(out)
}

func TestProtocol(t *testing.T) {
	need(t, "python3-jupyter-client", "jupyter_client", "zmq")
	j := installed(t)
	endless := filepath.Join(j.dir, "endless.pcap")
	writeEndless(t, endless)
	j.env = append(j.env, "ENDLESS_CAPTURE="+endless)
	for _, act := range []string{
		"control", "subshells", "interrupts", "strangers", "clients", "welcome", "shutdown", "ipc", "orphan", "listening", "key",
	} {
		t.Run(act, func(t *testing.T) {
			(&jupyter{t: t, dir: j.dir, env: j.env}).must(exec.Command(python, "testdata/protocol.py", act))
		})
	}
}

// The doctor finds nothing wrong with an installation that works, and much with one that is gone.
func TestDoctor(t *testing.T) {
	if _, err := exec.LookPath("jupyter"); err != nil {
		t.Skip("needs jupyter (Debian: jupyter-notebook):", err)
	}
	j := installed(t)
	if out := j.must(exec.Command(j.program, "doctor")); strings.Contains(out, "PROBLEM") || !strings.Contains(out, "it starts and answers") {
		t.Errorf("%s", out)
	}
	if out := j.must(exec.Command(j.program, "doctor", "--user")); !strings.Contains(out, "it starts and answers") {
		t.Errorf("%s", out)
	}
	elsewhere := exec.Command(j.program, "doctor", "--prefix", j.dir)
	elsewhere.Env = j.env
	if out, err := elsewhere.CombinedOutput(); err == nil || !strings.Contains(string(out), "in none of "+j.dir) {
		t.Errorf("doctor of a prefix without a kernelspec: %v\n%s", err, out)
	}
	j.must(exec.Command(j.program, "uninstall"))
	c := exec.Command(j.program, "doctor")
	c.Env = j.env
	out, err := c.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "cure: mptcpkernel install --user") {
		t.Errorf("after uninstall: %v\n%s", err, out)
	}
}

// writeEndless makes a capture that is read for longer than anybody waits, and takes no room: after its head a hole, which
// reads as packets without bytes.
func writeEndless(t *testing.T, name string) {
	t.Helper()
	head := []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0}
	if err := os.WriteFile(name, head, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(name, 200<<30); err != nil {
		t.Skip("the file system has no large sparse files:", err)
	}
}

func TestConformance(t *testing.T) {
	need(t, "python3-jupyter-kernel-test", "jupyter_kernel_test")
	j := installed(t)
	whole, err := os.ReadFile(filepath.Join(coretest.Captures(), "two-path-upload.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	cut := j.file("cut.pcapng", whole[:len(whole)/2])
	c := exec.Command(python, "testdata/conformance.py", "-v")
	c.Env = []string{
		"CUT_CAPTURE=" + cut, "EXPECTED_LC=" + j.file("lc", answer(t, "lc")), "EXPECTED_LT=" + j.file("lt", answer(t, "lt")),
	}
	out := j.must(c)
	t.Log(out)
	if n := strings.Count(out, " ... ok"); n < 12 {
		t.Errorf("only %d tests ran", n)
	}
}

func (j *jupyter) file(name string, content []byte) string {
	j.t.Helper()
	path := filepath.Join(j.dir, name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		j.t.Fatal(err)
	}
	return path
}

// answer is what a command says of the capture with the two fallbacks, as the terminal writes it.
func answer(t *testing.T, command string) []byte {
	t.Helper()
	s := core.New(disk.Options())
	load := "load " + core.Quote(filepath.Join(coretest.Captures(), "fallback.client.pcapng"))
	if err := s.Run(context.Background(), load, &written{to: io.Discard}); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.Run(context.Background(), command, &written{to: &b}); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// written is an Output that writes text.
type written struct{ to io.Writer }

func (w *written) Show(b display.Block) error                    { return text.Renderer{Human: true}.Block(w.to, b) }
func (*written) Progress(display.Progress)                       {}
func (*written) Ask(_ context.Context, _ string) (string, error) { return "", core.ErrNoInput }

// TestSoak has clients work with a kernel for some seconds, or for the minutes that SOAK_MINUTES says: nothing grows.
func TestSoak(t *testing.T) {
	need(t, "python3-jupyter-client", "jupyter_client", "zmq")
	if runtime.GOOS != "linux" {
		t.Skip("looks at /proc")
	}
	minutes := os.Getenv("SOAK_MINUTES")
	if minutes == "" {
		minutes = "0.4"
	}
	t.Log(installed(t).must(exec.Command(python, "testdata/soak.py", minutes)))
}
