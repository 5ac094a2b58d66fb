package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
)

// longText holds an answer back until it is over or longer than the terminal is high; then it goes on through a pager.
type longText struct {
	to      io.Writer
	height  int
	command string
	held    bytes.Buffer
	lines   int
	pager   *exec.Cmd
	pipe    io.WriteCloser
}

// paged runs something whose answer may be long. Only on a terminal, and for people who sit at it, there is a pager.
func (t *terminal) paged(run func() error) error {
	_, typed := console.Terminal(t.in)
	f, ok := console.Terminal(t.stdout)
	command := pagerCommand(t.settings.Get("pager"))
	if !typed || !ok || command == "" || os.Getenv("TERM") == "dumb" {
		return run()
	}
	_, height := console.Size(f)
	t.long = &longText{to: t.stdout, height: height, command: command}
	err := run()
	t.clearBar()
	closed := t.long.close()
	t.long = nil
	if errors.Is(err, syscall.EPIPE) {
		err = nil // the pager was left before the end
	}
	if err == nil {
		err = closed
	}
	return err
}

// pagerCommand is the pager chosen, "" for none.
func pagerCommand(setting string) string {
	for _, command := range []string{setting, os.Getenv("PAGER"), "less"} {
		command = strings.TrimSpace(command)
		switch {
		case command == "":
		case command == "none" || command == "cat":
			return ""
		default:
			if _, err := exec.LookPath(strings.Fields(command)[0]); err == nil {
				return command
			}
		}
	}
	return ""
}

func (l *longText) Write(p []byte) (int, error) {
	if l.pipe != nil {
		return l.pipe.Write(p)
	}
	l.held.Write(p)
	l.lines += bytes.Count(p, []byte("\n"))
	if l.height == 0 || l.lines < l.height {
		return len(p), nil
	}
	return len(p), l.start()
}

// start begins the pager with what was held back.
func (l *longText) start() error {
	l.pager = exec.Command("sh", "-c", l.command)
	l.pager.Stdout, l.pager.Stderr = l.to, os.Stderr
	l.pager.Env = os.Environ()
	if os.Getenv("LESS") == "" {
		l.pager.Env = append(l.pager.Env, "LESS=FRX")
	}
	pipe, err := l.pager.StdinPipe()
	if err == nil {
		err = l.pager.Start()
	}
	if err != nil {
		l.pager, l.height = nil, 0
		return l.flush()
	}
	l.pipe = pipe
	_, err = l.held.WriteTo(pipe)
	return err
}

// flush writes what is held back to the terminal: something else is about to be written there.
func (l *longText) flush() error {
	if l == nil || l.pipe != nil {
		return nil
	}
	l.lines = 0
	_, err := l.held.WriteTo(l.to)
	return err
}

// close ends the answer, and waits until it has been read.
func (l *longText) close() error {
	if l.pipe == nil {
		return l.flush()
	}
	l.pipe.Close()
	_ = l.pager.Wait() // how a pager ends says nothing of the answer
	return nil
}
