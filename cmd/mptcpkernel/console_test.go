package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// screen is a terminal of its own that a test types in.
type screen struct {
	t    *testing.T
	args []string
}

// terminal starts a command in a terminal of 150 columns and 50 lines.
func terminal(t *testing.T, env []string, command ...string) *screen {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("needs tmux (Debian: tmux)")
	}
	s := &screen{t: t, args: []string{"-S", filepath.Join(t.TempDir(), "tmux"), "-f", "/dev/null"}}
	c := exec.Command("tmux", append(append(s.args, "new-session", "-d", "-x", "150", "-y", "50", "--"), command...)...)
	c.Env = append(env, "TERM=screen")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("tmux: %v\n%s", err, out)
	}
	t.Cleanup(func() { s.tmux("kill-server") })
	return s
}

func (s *screen) tmux(args ...string) string {
	out, _ := exec.Command("tmux", append(s.args[:len(s.args):len(s.args)], args...)...).Output()
	return string(out)
}

// keys types, as tmux names keys: "Enter", "Tab", "C-c".
func (s *screen) keys(keys ...string) { s.tmux(append([]string{"send-keys"}, keys...)...) }

// until waits for a text to be on the screen.
func (s *screen) until(text string) {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		shown := s.tmux("capture-pane", "-p")
		if strings.Contains(shown, text) {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("%q does not appear:\n%s", text, shown)
		}
	}
}

// The kernel in jupyter console, typed at in a real terminal: answers, completion, an error, the end.
// Interrupts are left out: the console itself falls over Ctrl-C, whichever kernel it has.
func TestConsole(t *testing.T) {
	need(t, "python3-jupyter-console", "jupyter_console")
	j := installed(t)
	s := terminal(t, j.env, python, "-m", "jupyter_console", "--kernel", "mptcpanalyzer")
	s.until("In [1]:")
	s.keys("load "+filepath.Join(coretest.Captures(), "fallback.client.pcapng"), "Enter")
	s.until("2 MPTCP connections")
	s.until("In [2]:")
	s.keys("l", "c", "Enter")
	s.until("fell back: ")
	s.until("In [3]:")
	s.keys("summ", "Tab")
	s.until("In [3]: summary")
	s.keys("C-u", "nosuch", "Enter")
	s.until(`unknown command "nosuch"`)
	s.until("In [4]:")
	s.keys("C-d")
	s.until("Do you really want to exit")
	s.keys("y", "Enter")
}
