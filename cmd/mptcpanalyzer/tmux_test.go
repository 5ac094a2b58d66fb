package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest/screen"
)

// typed is a terminal with the program in it.
type typed struct {
	*screen.Screen
	t    *testing.T
	home string
}

// newScreen starts the program in a terminal.
func newScreen(t *testing.T, width, height int, args ...string) *typed {
	t.Helper()
	s := &typed{t: t, home: t.TempDir()}
	s.start(width, height, args...)
	return s
}

func (s *typed) start(width, height int, args ...string) {
	s.t.Helper()
	binary, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	window := screen.Window{
		Width: width, Height: height, Folder: coretest.Captures(), Unset: []string{"NO_COLOR", "PAGER", "LESS"}, Term: "tmux-256color",
		Env: []string{asProgram + "=1", "PROGRAM=" + binary, "HOME=" + s.home, "XDG_CONFIG_HOME=" + s.home,
			"XDG_CACHE_HOME=" + s.home, "XDG_DATA_HOME=" + s.home},
	}
	s.Screen = screen.Start(s.t, window, append([]string{binary}, args...)...)
}

// prompt waits until the program wants the next line: the latest prompt has nothing behind it.
func (s *typed) prompt(name string) string {
	s.t.Helper()
	return s.Wait("waiting for the prompt "+name, func(shown string) bool { return prompts(shown, name) })
}

func prompts(shown, name string) bool {
	last := ""
	for _, line := range strings.Split(shown, "\n") {
		if strings.HasPrefix(line, name+">") {
			last = line
		}
	}
	return strings.TrimRight(last, " ") == name+">"
}

// run types a line, runs it and waits for the prompt of the capture that is current then. An Enter may be lost, as any key:
// one too many does nothing.
func (s *typed) run(line, next string) string {
	s.t.Helper()
	s.line(line)
	s.Keys("Enter")
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if shown := s.Text(); prompts(shown, next) {
			return shown
		}
	}
	s.Keys("Enter")
	return s.prompt(next)
}

// line types a line and waits until it stands there: keys that come at once are taken for a paste, and those that come
// while the line editor asks the terminal where its cursor is may be lost, so they are typed again.
func (s *typed) line(line string) {
	s.t.Helper()
	for range 20 {
		s.Keys(line)
		for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if strings.Contains(s.Text(), "> "+line) {
				return
			}
		}
		s.Keys("C-u")
	}
	s.Sees("> " + line)
}

// press presses a key, a second apart, until it has done its work: one that comes before the command listens is lost.
func (s *typed) press(key string, done func() bool) {
	s.t.Helper()
	for end := time.Now().Add(screen.Patience); !done(); {
		if time.Now().After(end) {
			s.t.Fatalf("%s does nothing:\n%s", key, s.Text())
		}
		time.Sleep(time.Second)
		if !done() {
			_ = s.Tmux("send-keys", key).Run() // the program may leave meanwhile
		}
	}
}

// cancel leaves the line: Ctrl-C closes a menu of completions first.
func (s *typed) cancel(name string) {
	s.t.Helper()
	for range 3 {
		s.Keys("C-c")
		time.Sleep(100 * time.Millisecond)
	}
	s.prompt(name)
}

const sampleCapture = "two-path-upload.client.pcapng"

func TestTerminalCompletion(t *testing.T) {
	s := newScreen(t, 100, 30, sampleCapture)
	s.prompt(sampleCapture)
	s.line("accou")
	s.Keys("Tab")
	s.Sees("> account")
	s.Keys("Tab")
	s.Sees("10.0.1.1:34026 → 10.0.1.2:5001, 2 subflows") // an id with what it is
	for line, offered := range map[string]string{"ls --c": "--csv", "plot dss_": "DSS subflow sequence number", "load hand": "handover."} {
		s.cancel(sampleCapture)
		s.line(line)
		s.Keys("Tab")
		s.Sees(offered)
	}
	s.cancel(sampleCapture)
	s.line("summary 0")
	s.Sees("summary [CONNECTION] [DEST]") // the hint
	s.cancel(sampleCapture)
	s.Keys("C-d")
	s.Ended()
}

func TestTerminalHistory(t *testing.T) {
	s := newScreen(t, 100, 30)
	s.prompt("Ready")
	s.run("echo first line", "Ready")
	s.run("echo second line", "Ready")
	s.Keys("C-d")
	s.Ended()
	s.start(100, 30)
	s.prompt("Ready")
	s.Keys("Up")
	s.Sees("> echo second line")
	s.Keys("Up")
	s.Sees("> echo first line")
	s.Keys("C-c")
	s.prompt("Ready")
	s.Keys("C-r")
	s.Wait("waiting for the search", func(shown string) bool { return strings.Contains(shown, "search") })
	s.Keys("sec")
	s.Sees("echo second line")
	info, err := os.Stat(filepath.Join(s.home, "mptcpanalyzer", "history"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the history is no private file: %v, %v", info, err)
	}
}

func TestTerminalInterrupt(t *testing.T) {
	s := newScreen(t, 100, 30, sampleCapture)
	s.prompt(sampleCapture)
	s.line("!echo waiting; sleep 1000")
	s.Keys("Enter")
	s.Sees("\nwaiting")
	s.Keys("C-c")
	s.Sees("interrupted")
	s.prompt(sampleCapture)
	s.run("!(sleep 0.3; kill -INT $PPID; echo; echo late) &", sampleCapture) // it comes when no command runs
	s.Sees("\nlate")
	s.run("clear", sampleCapture)
	s.line("load --follow handover.client.pcapng")
	s.Keys("Enter")
	s.Sees("a subflow joins")
	s.Keys("C-c")
	s.Sees("what came until then is kept")
	text := s.prompt("handover.client.pcapng")
	if strings.Contains(text, "a subflow joins") {
		t.Errorf("the summary was not taken away:\n%s", text)
	}
	s.run("lc", "handover.client.pcapng")
	s.Sees("MPTCP connections · handover.client.pcapng")
	s.Keys("half a line")
	s.Sees("> half a line")
	s.Keys("C-c")
	s.prompt("handover.client.pcapng")
	s.Keys("C-d")
	s.Ended()
}

func TestTerminalPaging(t *testing.T) {
	if _, err := exec.LookPath("less"); err != nil {
		t.Skip("less is not installed: paging is not tried")
	}
	s := newScreen(t, 100, 12, sampleCapture)
	s.prompt(sampleCapture)
	s.line("help plot")
	s.Keys("Enter")
	s.Wait("waiting for less", func(shown string) bool {
		return strings.Contains(shown, "Draw a chart") && strings.HasSuffix(strings.TrimRight(shown, "\n "), ":")
	})
	s.Keys("q")
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
	s.Sees("Duration  Verdict")
	if out, err := s.Tmux("resize-window", "-x", "60", "-y", "30").CombinedOutput(); err != nil {
		t.Skipf("this tmux cannot resize: %s", out)
	}
	s.prompt(sampleCapture)
	s.run("clear", sampleCapture)
	s.run("lc", sampleCapture)
	text := s.Sees("Duration 4.23 s")
	if !strings.Contains(text, "Verdict") || !strings.Contains(text, "60.0 kB") {
		t.Errorf("something is lost:\n%s", text)
	}
}

func TestTerminalPaste(t *testing.T) {
	s := newScreen(t, 100, 30, sampleCapture)
	s.prompt(sampleCapture)
	if out, err := s.Tmux("set-buffer", "echo one\necho two").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := s.Tmux("paste-buffer", "-p").CombinedOutput(); err != nil {
		t.Skipf("this tmux cannot paste: %s", out)
	}
	s.Sees("echo two")
	s.Keys("Enter")
	s.Wait("waiting for both answers", func(shown string) bool {
		return strings.Contains(shown, "\none\n") && strings.Contains(shown, "\ntwo\n")
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
	s.Sees("SUBFLOWS")
	s.run("lc > "+sampleCapture, sampleCapture)
	s.Sees("it is not written over")
}

// A capture from a pipe leaves the terminal for the commands that follow.
func TestTerminalPipedCapture(t *testing.T) {
	s := newScreen(t, 100, 30)
	s.prompt("Ready")
	s.line("!cat " + sampleCapture + " | $PROGRAM --load -")
	s.Keys("Enter")
	s.prompt("standard input")
	s.run("lc", "standard input")
	s.Sees("MPTCP connections · standard input")
	s.Keys("C-d")
	s.prompt("Ready")
}

// A command that does not listen to Ctrl-C ends with the second one, and with it the program.
func TestTerminalSecondInterrupt(t *testing.T) {
	s := newScreen(t, 100, 30, sampleCapture)
	s.prompt(sampleCapture)
	s.run("!mkfifo ~/pipe", sampleCapture)
	s.line("load ~/pipe") // waits for a writer: the first interrupt is heard
	s.Keys("Enter")
	s.press("C-c", func() bool { return strings.Contains(s.Text(), "interrupted") })
	s.prompt(sampleCapture)
	s.run("clear", sampleCapture)
	s.run("!mkfifo ~/other", sampleCapture)
	s.line("export ~/other --format csv") // waits for a reader, deaf
	s.Keys("Enter")
	s.press("C-c", func() bool { return s.Tmux("has-session").Run() != nil })
}

// A load that takes long shows how far it is, how quick, and how long it will take still; it leaves nothing behind.
func TestTerminalProgress(t *testing.T) {
	s := newScreen(t, 120, 30)
	s.prompt("Ready")
	long := filepath.Join(s.home, "long.pcapng.gz")
	repeat(t, long, 6000)
	s.line("load --regen ~/long.pcapng.gz")
	s.Keys("Enter")
	bar := regexp.MustCompile(`reading long\.pcapng\.gz · [\d ]+ packets, 0 MPTCP connections \d+% \|.*\| \(.*[kM]B/s\) \[[\dhms]+:[\dhms]+\]`)
	s.Wait("waiting for the bar", func(shown string) bool { return bar.MatchString(strings.Join(strings.Fields(shown), " ")) })
	text := s.prompt("long.pcapng.gz")
	if strings.Contains(text, "reading") || !strings.Contains(text, "no packet is TCP") {
		t.Errorf("the bar is still there:\n%s", text)
	}
}

// repeat writes a compressed capture of frames that are no TCP, as many thousands of them as told: it takes long to read,
// and little room.
func repeat(t *testing.T, name string, thousands int) {
	t.Helper()
	le := binary.LittleEndian
	head := le.AppendUint32(le.AppendUint16(le.AppendUint16(le.AppendUint32(nil, 0xa1b2c3d4), 2), 4), 0)
	head = le.AppendUint32(le.AppendUint32(le.AppendUint32(head, 0), 1<<16), 1)
	frame := make([]byte, 1400)
	packet := append(le.AppendUint32(le.AppendUint32(make([]byte, 8), uint32(len(frame))), uint32(len(frame))), frame...)
	var file bytes.Buffer
	packed := func(raw []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(raw)
		w.Close()
		return b.Bytes()
	}
	file.Write(packed(head))
	thousand := packed(bytes.Repeat(packet, 1000))
	for range thousands {
		file.Write(thousand)
	}
	if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
