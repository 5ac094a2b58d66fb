package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// screen is a real terminal with the program in it.
type screen struct {
	t      *testing.T
	socket string
	home   string
	binary string
}

// newScreen starts the program in a terminal of tmux.
func newScreen(t *testing.T, width, height int, args ...string) *screen {
	t.Helper()
	if testing.Short() {
		t.Skip("a real terminal takes seconds: it is left out of short tests")
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed: the program is not tried in a real terminal")
	}
	s := &screen{t: t, home: t.TempDir()}
	var err error
	if s.binary, err = os.Executable(); err != nil {
		t.Fatal(err)
	}
	s.start(width, height, args...)
	t.Cleanup(s.stop)
	return s
}

func (s *screen) start(width, height int, args ...string) {
	s.t.Helper()
	s.socket = fmt.Sprintf("mptcpanalyzer-%d-%d", os.Getpid(), time.Now().UnixNano()) // a server that ends keeps its name a while
	command := []string{"env", "-u", "NO_COLOR", "-u", "PAGER", "-u", "LESS", asProgram + "=1", "PROGRAM=" + s.binary, "TERM=tmux-256color", "HOME=" + s.home,
		"XDG_CONFIG_HOME=" + s.home, "XDG_CACHE_HOME=" + s.home, "XDG_DATA_HOME=" + s.home, s.binary}
	tmux := append([]string{"-L", s.socket, "-f", os.DevNull, "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height), "-c", coretest.Captures()}, append(command, args...)...)
	if out, err := exec.Command("tmux", tmux...).CombinedOutput(); err != nil {
		s.t.Skipf("tmux does not start here: %v: %s", err, out)
	}
}

func (s *screen) stop() { _ = s.tmux("kill-server").Run() }

func (s *screen) tmux(args ...string) *exec.Cmd {
	return exec.Command("tmux", append([]string{"-L", s.socket}, args...)...)
}

// text is what stands on the screen.
func (s *screen) text() string {
	out, _ := s.tmux("capture-pane", "-p").Output()
	return string(out)
}

// keys types; names of keys as tmux has them: Enter, Tab, C-c.
func (s *screen) keys(keys ...string) {
	s.t.Helper()
	for _, k := range keys {
		if out, err := s.tmux("send-keys", k).CombinedOutput(); err != nil {
			s.t.Fatalf("typing %s: %v: %s", k, err, out)
		}
	}
}

// patience is how long something may take to appear on a busy machine.
const patience = 30 * time.Second

// wait waits until the screen is as wanted.
func (s *screen) wait(what string, wanted func(text string) bool) string {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if text := s.text(); wanted(text) {
			return text
		}
	}
	s.t.Fatalf("%s: the screen says\n%s", what, s.text())
	return ""
}

// sees waits for a text.
func (s *screen) sees(text string) string {
	s.t.Helper()
	return s.wait("waiting for "+text, func(screen string) bool { return strings.Contains(screen, text) })
}

// prompt waits until the program wants the next line: the latest prompt has nothing behind it.
func (s *screen) prompt(name string) string {
	s.t.Helper()
	return s.wait("waiting for the prompt "+name, func(screen string) bool {
		last := ""
		for _, line := range strings.Split(screen, "\n") {
			if strings.HasPrefix(line, name+">") {
				last = line
			}
		}
		return strings.TrimRight(last, " ") == name+">"
	})
}

// run types a line, runs it and waits for the prompt of the capture that is current then.
func (s *screen) run(line, next string) string {
	s.t.Helper()
	s.line(line)
	s.keys("Enter")
	return s.prompt(next)
}

// line types a line and waits until it stands there: keys that come at once are taken for a paste, and those that come
// while the line editor asks the terminal where its cursor is may be lost, so they are typed again.
func (s *screen) line(line string) {
	s.t.Helper()
	for range 5 {
		s.keys(line)
		for end := time.Now().Add(patience / 10); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if strings.Contains(s.text(), "> "+line) {
				return
			}
		}
		s.keys("C-u")
	}
	s.sees("> " + line)
}

// cancel leaves the line: Ctrl-C closes a menu of completions first.
func (s *screen) cancel(name string) {
	s.t.Helper()
	for range 3 {
		s.keys("C-c")
		time.Sleep(100 * time.Millisecond)
	}
	s.prompt(name)
}

// ended waits until the program has left.
func (s *screen) ended() {
	s.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if s.tmux("has-session").Run() != nil {
			return
		}
	}
	s.t.Fatalf("the program does not leave:\n%s", s.text())
}

const sampleCapture = "two-path-upload.client.pcapng"

func TestTerminalCompletion(t *testing.T) {
	s := newScreen(t, 100, 30, sampleCapture)
	s.prompt(sampleCapture)
	s.line("accou")
	s.keys("Tab")
	s.sees("> account")
	s.keys("Tab")
	s.sees("10.0.1.1:34026 → 10.0.1.2:5001, 2 subflows") // an id with what it is
	for line, offered := range map[string]string{"ls --c": "--csv", "plot dss_": "DSS subflow sequence number", "load hand": "handover."} {
		s.cancel(sampleCapture)
		s.line(line)
		s.keys("Tab")
		s.sees(offered)
	}
	s.cancel(sampleCapture)
	s.line("summary 0")
	s.sees("summary [CONNECTION] [DEST]") // the hint
	s.cancel(sampleCapture)
	s.keys("C-d")
	s.ended()
}

func TestTerminalHistory(t *testing.T) {
	s := newScreen(t, 100, 30)
	s.prompt("Ready")
	s.run("echo first line", "Ready")
	s.run("echo second line", "Ready")
	s.keys("C-d")
	s.ended()
	s.start(100, 30)
	s.prompt("Ready")
	s.keys("Up")
	s.sees("> echo second line")
	s.keys("Up")
	s.sees("> echo first line")
	s.keys("C-c")
	s.prompt("Ready")
	s.keys("C-r")
	s.wait("waiting for the search", func(screen string) bool { return strings.Contains(screen, "search") })
	s.keys("sec")
	s.sees("echo second line")
	info, err := os.Stat(filepath.Join(s.home, "mptcpanalyzer", "history"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the history is no private file: %v, %v", info, err)
	}
}

func TestTerminalInterrupt(t *testing.T) {
	s := newScreen(t, 100, 30, sampleCapture)
	s.prompt(sampleCapture)
	s.line("!echo waiting; sleep 1000")
	s.keys("Enter")
	s.sees("\nwaiting")
	s.keys("C-c")
	s.sees("interrupted")
	s.prompt(sampleCapture)
	s.line("load --follow handover.client.pcapng")
	s.keys("Enter")
	s.sees("a subflow joins")
	s.keys("C-c")
	s.sees("what came until then is kept")
	text := s.prompt("handover.client.pcapng")
	if strings.Contains(text, "a subflow joins") {
		t.Errorf("the summary was not taken away:\n%s", text)
	}
	s.run("lc", "handover.client.pcapng")
	s.sees("MPTCP connections · handover.client.pcapng")
	s.keys("half a line")
	s.sees("> half a line")
	s.keys("C-c")
	s.prompt("handover.client.pcapng")
	s.keys("C-d")
	s.ended()
}

func TestTerminalPaging(t *testing.T) {
	if _, err := exec.LookPath("less"); err != nil {
		t.Skip("less is not installed: paging is not tried")
	}
	s := newScreen(t, 100, 12, sampleCapture)
	s.prompt(sampleCapture)
	s.line("help plot")
	s.keys("Enter")
	s.wait("waiting for less", func(screen string) bool {
		return strings.Contains(screen, "Draw a chart") && strings.HasSuffix(strings.TrimRight(screen, "\n "), ":")
	})
	s.keys("q")
	s.prompt(sampleCapture)
	s.run("ls 0", sampleCapture) // short answers are not paged
	s.run("help plot | head -n 1", sampleCapture)
	s.run("set pager none", sampleCapture)
	s.run("help plot", sampleCapture)
}

func TestTerminalResize(t *testing.T) {
	s := newScreen(t, 120, 30, sampleCapture)
	s.prompt(sampleCapture)
	s.run("lc", sampleCapture)
	s.sees("Duration  Verdict")
	if out, err := s.tmux("resize-window", "-x", "60", "-y", "30").CombinedOutput(); err != nil {
		t.Skipf("this tmux cannot resize: %s", out)
	}
	s.prompt(sampleCapture)
	s.run("clear", sampleCapture)
	s.run("lc", sampleCapture)
	text := s.sees("Duration 4.23 s")
	if !strings.Contains(text, "Verdict") || !strings.Contains(text, "60.0 kB") {
		t.Errorf("something is lost:\n%s", text)
	}
}

func TestTerminalPaste(t *testing.T) {
	s := newScreen(t, 100, 30, sampleCapture)
	s.prompt(sampleCapture)
	if out, err := s.tmux("set-buffer", "echo one\necho two").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := s.tmux("paste-buffer", "-p").CombinedOutput(); err != nil {
		t.Skipf("this tmux cannot paste: %s", out)
	}
	s.sees("echo two")
	s.keys("Enter")
	s.wait("waiting for both answers", func(screen string) bool {
		return strings.Contains(screen, "\none\n") && strings.Contains(screen, "\ntwo\n")
	})
}

func TestTerminalRedirections(t *testing.T) {
	s := newScreen(t, 100, 30, sampleCapture)
	file := filepath.Join(s.home, "answer")
	s.prompt(sampleCapture)
	s.run("lc > ~/answer", sampleCapture)
	s.run("echo more >> ~/answer", sampleCapture)
	text, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(text), "MPTCP connections") || !strings.HasSuffix(string(text), "more\n") || strings.Contains(string(text), "\x1b") {
		t.Errorf("the file holds %q (%v)", text, err)
	}
	s.run("lc | tr a-z A-Z", sampleCapture)
	s.sees("SUBFLOWS")
	s.run("lc > "+sampleCapture, sampleCapture)
	s.sees("it is not written over")
}

// A capture from a pipe leaves the terminal for the commands that follow.
func TestTerminalPipedCapture(t *testing.T) {
	s := newScreen(t, 100, 30)
	s.prompt("Ready")
	s.line("!cat " + sampleCapture + " | $PROGRAM --load -")
	s.keys("Enter")
	s.prompt("standard input")
	s.run("lc", "standard input")
	s.sees("MPTCP connections · standard input")
	s.keys("C-d")
	s.prompt("Ready")
}
