package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/reeflective/readline"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/config"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// interpret reads commands until the end of input or quit. Without a terminal it reads plain lines and stops at an error,
// as a batch file does.
func (t *terminal) interpret(s *core.Session) error {
	t.takeTerminal()
	if _, ok := console.Terminal(t.in); !ok {
		return t.runLines(context.Background(), s, "standard input", t.stdin, false)
	}
	width, _ := console.Size(t.stderr)
	for _, part := range text.Hang(fmt.Sprintf("mptcpanalyzer %s: help lists the commands, Ctrl-D leaves", core.Version()), 0, width) {
		fmt.Fprintln(t.stderr, part)
	}
	shell := t.newShell(s)
	defer keepOnInterrupt()()
	for {
		line, err := shell.Readline()
		switch {
		case errors.Is(err, readline.ErrInterrupt):
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading the terminal: %w", err)
		case leaves(line):
			return nil
		}
		t.shown = false
		if err := t.interruptible(s, line); err != nil {
			t.clearBar()
			if errors.Is(err, core.ErrQuit) {
				return nil
			}
			if errors.Is(err, context.Canceled) {
				fmt.Fprintln(t.stderr, "interrupted")
				continue
			}
			t.printError(err, "")
		}
	}
}

// takeTerminal makes the terminal the input where standard input was a capture.
func (t *terminal) takeTerminal() {
	_, answers := console.Terminal(t.stdout)
	if !t.consumed || !answers {
		return
	}
	if t.in == io.Reader(os.Stdin) && terminalAsInput() {
		t.stdin = bufio.NewReader(os.Stdin)
	}
}

// keepOnInterrupt takes its default action from Ctrl-C: one that arrives as a command ends, or between two, ends no session.
func keepOnInterrupt() (stop func()) {
	unread := make(chan os.Signal, 1)
	signal.Notify(unread, os.Interrupt)
	return func() { signal.Stop(unread) }
}

// interruptible runs a line that Ctrl-C ends; the session stays.
func (t *terminal) interruptible(s *core.Session, line string) error {
	ctx, stop := t.interrupts()
	defer stop()
	return t.paged(func() error { return t.timed(line, func() error { return s.Run(ctx, line, t) }) })
}

func leaves(line string) bool {
	switch strings.TrimSpace(line) {
	case "quit", "exit", "q":
		return true
	}
	return false
}

// newShell prepares line editing: prompt, history kept across sessions, completion and hints from the session.
func (t *terminal) newShell(s *core.Session) *readline.Shell {
	shell := readline.NewShell()
	// Tab completes what all candidates share and shows them; again, it walks through them.
	for _, keymap := range []string{"emacs", "emacs-standard", "vi-insert"} {
		t.warn(shell.Config.Bind(keymap, "\t", "menu-complete", false))
	}
	for name, value := range map[string]any{
		"menu-complete-display-prefix": true, "enable-bracketed-paste": true, "history-size": t.settings.Count("history_size"),
	} {
		t.warn(shell.Config.Set(name, value))
	}
	shell.Prompt.Primary(func() string {
		if name := s.Current(); name != "" {
			return printable(name) + "> "
		}
		return "Ready> "
	})
	shell.Prompt.Secondary(func() string { return "> " })
	// A backslash at the end goes on; an open quote is an error, so that a stray one does not swallow what follows.
	shell.AcceptMultiline = func(line []rune) bool { return len(line) == 0 || line[len(line)-1] != '\\' }
	shell.Completer = func(line []rune, cursor int) readline.Completions { return completions(s, line, cursor) }
	shell.Hint.SetProvider(func(line []rune, cursor int) []rune {
		return []rune(printable(s.Hint(string(line), len(string(line[:min(cursor, len(line))])))))
	})
	t.keepHistory(shell)
	return shell
}

func (t *terminal) warn(err error) {
	if err != nil {
		fmt.Fprintf(t.stderr, "warning: %v\n", err)
	}
}

// keepHistory reads the lines typed before, at most as many as the settings say, and has new ones added. Where they cannot
// be kept, they are remembered while the program runs.
func (t *terminal) keepHistory(shell *readline.Shell) {
	name := config.History(t.settings)
	err := os.MkdirAll(filepath.Dir(name), 0o700)
	if err == nil {
		err = trimHistory(name, t.settings.Count("history_size"))
	}
	if err != nil {
		t.warn(fmt.Errorf("lines are not kept: %w", err))
		return
	}
	shell.History.AddFromFile("history", name)
}

// trimHistory makes the file of lines private, and drops the oldest lines when there are half as many again as wanted.
func trimHistory(name string, most int) error {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	text, err := io.ReadAll(f)
	lines := strings.SplitAfter(string(text), "\n")
	if err != nil || len(lines) <= most+most/2+1 {
		return err
	}
	return disk.Save(name, func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Join(lines[len(lines)-1-most:], ""))
		return err
	})
}

// completions turns what the session offers into what the line editor shows.
func completions(s *core.Session, line []rune, cursor int) readline.Completions {
	c := s.Complete(string(line), len(string(line[:cursor])))
	values := make([]readline.Completion, 0, len(c.Items))
	for _, item := range c.Items {
		value := item.Text
		if item.Space {
			value += " "
		}
		values = append(values, readline.Completion{Value: value, Display: item.Text, Description: item.Doc})
	}
	return readline.CompleteRaw(values).NoSort()
}

// printable keeps a file name from steering the terminal.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return '?'
		}
		return r
	}, name)
}

// runBatch runs the commands of a file; "-" is standard input.
func (t *terminal) runBatch(ctx context.Context, s *core.Session, name string, keepGoing bool) error {
	if name == "-" {
		return t.runLines(ctx, s, "standard input", t.stdin, keepGoing)
	}
	f, err := disk.Open(name)
	if err != nil {
		return fmt.Errorf("batch file %s: %w", name, disk.Plain(err))
	}
	defer f.Close()
	return t.runLines(ctx, s, name, bufio.NewReader(f), keepGoing)
}

// errTold stands for errors that the user has read already.
var errTold = errors.New("the batch file had errors")

// runLines runs commands line by line. An error names the file and line.
func (t *terminal) runLines(ctx context.Context, s *core.Session, name string, r *bufio.Reader, keepGoing bool) error {
	var failure error
	cell := ""
	for number := 1; ; number++ {
		line, readErr := r.ReadString('\n')
		cell += line
		if readErr == nil && s.Check(cell) == core.Incomplete {
			continue
		}
		if leaves(cell) {
			return failure
		}
		if err := t.timed(strings.TrimSpace(cell), func() error { return s.Run(ctx, cell, t) }); err != nil {
			if errors.Is(err, core.ErrQuit) {
				return failure
			}
			var e *core.LineError
			if errors.As(err, &e) {
				e.Line = number - strings.Count(strings.TrimSuffix(cell, "\n"), "\n") + e.Line - 1
			}
			t.clearBar()
			t.printError(err, name)
			if failure = errTold; !keepGoing || ctx.Err() != nil {
				return failure
			}
		}
		cell = ""
		if errors.Is(readErr, io.EOF) {
			return failure
		}
		if readErr != nil {
			return fmt.Errorf("%s: %w", name, readErr)
		}
	}
}
