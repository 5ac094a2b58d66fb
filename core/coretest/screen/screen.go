// Package screen is a real terminal, of tmux, for tests of programs that people type at.
//
//	s := screen.Start(t, screen.Window{Width: 100, Height: 30}, "mptcpanalyzer", "capture.pcapng")
//	s.Keys("lc", "Enter")
//	s.Sees("MPTCP connections")
//
// Where tmux is missing, and in short tests, the test is skipped, saying so. The terminal ends with the test.
package screen

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Window is how the terminal is.
type Window struct {
	Width, Height int      // in characters
	Folder        string   // where the command begins; "" is here
	Env           []string // NAME=VALUE, besides what the test has
	Unset         []string // names that the command must not have
	Term          string   // TERM; "" is tmux's own choice
}

// Screen is a terminal with a command in it.
type Screen struct {
	t      *testing.T
	socket string
}

// Start starts a command in a terminal.
func Start(t *testing.T, w Window, command ...string) *Screen {
	t.Helper()
	if testing.Short() {
		t.Skip("a real terminal takes seconds: it is left out of short tests")
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed: nothing is tried in a real terminal")
	}
	// A server that ends keeps its name a while, so that each has another.
	s := &Screen{t: t, socket: fmt.Sprintf("mptcpanalyzer-%d-%d", os.Getpid(), time.Now().UnixNano())}
	args := []string{"-f", os.DevNull, "new-session", "-d", "-x", fmt.Sprint(w.Width), "-y", fmt.Sprint(w.Height)}
	if w.Folder != "" {
		args = append(args, "-c", w.Folder)
	}
	args = append(args, "env")
	for _, name := range w.Unset {
		args = append(args, "-u", name)
	}
	if w.Term != "" {
		args = append(args, "TERM="+w.Term)
	}
	start := s.Tmux(append(args, command...)...)
	start.Env = append(os.Environ(), w.Env...) // the server hands it on
	if out, err := start.CombinedOutput(); err != nil {
		t.Skipf("tmux does not start here: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = s.Tmux("kill-server").Run() })
	return s
}

// Tmux is a command to the terminal's server.
func (s *Screen) Tmux(args ...string) *exec.Cmd {
	return exec.Command("tmux", append([]string{"-L", s.socket}, args...)...)
}

// Text is what stands on the screen.
func (s *Screen) Text() string {
	out, _ := s.Tmux("capture-pane", "-p").Output()
	return strings.TrimRight(string(out), " \n")
}

// Keys types; names of keys as tmux has them: Enter, Tab, C-c.
func (s *Screen) Keys(keys ...string) {
	s.t.Helper()
	for _, k := range keys {
		if out, err := s.Tmux("send-keys", k).CombinedOutput(); err != nil {
			s.t.Fatalf("typing %s: %v: %s", k, err, out)
		}
	}
}

// Patience is how long something may take to appear on a busy machine.
const Patience = 5 * time.Minute

// Wait waits until the screen is as wanted, and gives what stands on it.
func (s *Screen) Wait(what string, wanted func(text string) bool) string {
	s.t.Helper()
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if text := s.Text(); wanted(text) {
			return text
		}
	}
	s.t.Fatalf("%s: the screen says\n%s", what, s.Text())
	return ""
}

// Sees waits for a text.
func (s *Screen) Sees(text string) string {
	s.t.Helper()
	return s.Wait("waiting for "+text, func(screen string) bool { return strings.Contains(screen, text) })
}

// Ended waits until the command has left.
func (s *Screen) Ended() {
	s.t.Helper()
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if s.Tmux("has-session").Run() != nil {
			return
		}
	}
	s.t.Fatalf("the program does not leave:\n%s", s.Text())
}
