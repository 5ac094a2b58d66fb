package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// elsewhere is the Output of a command whose answer is redirected: what it says meanwhile stays with the user.
type elsewhere struct {
	*terminal
	user core.Output
}

// Progress shows how far work has come to the user.
func (e elsewhere) Progress(p display.Progress) { e.user.Progress(p) }

// Ask asks the user.
func (e elsewhere) Ask(ctx context.Context, prompt string) (string, error) {
	return e.user.Ask(ctx, prompt)
}

// into is a terminal that writes its answers, without colour and width, to w.
func (t *terminal) into(w io.Writer, user core.Output) elsewhere {
	to := newTerminal(t.in, w, t.stderr)
	to.settings, to.debug = t.settings, t.debug
	return elsewhere{terminal: to, user: user}
}

// redirect opens where an answer goes.
func (t *terminal) redirect(ctx context.Context, r core.Redirection, out core.Output) (core.Redirect, error) {
	if r.Kind == core.ToProgram {
		return t.toProgram(ctx, r.Target, out)
	}
	if err := t.files.Check(r.Target); err != nil {
		return core.Redirect{}, err
	}
	if r.Kind == core.AppendFile {
		f, err := os.OpenFile(disk.ExpandHome(r.Target), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
		if err != nil {
			return core.Redirect{}, fmt.Errorf("%s: %w", r.Target, disk.Plain(err))
		}
		return core.Redirect{Output: t.into(f, out), Close: func(error) error { return f.Close() }}, nil
	}
	d, err := disk.Create(r.Target)
	if err != nil {
		return core.Redirect{}, err
	}
	return core.Redirect{Output: t.into(d, out), Close: func(failed error) error {
		if failed != nil {
			d.Abandon()
			return nil
		}
		return d.Commit()
	}}, nil
}

// shellCommand is a line for the system's shell.
func shellCommand(ctx context.Context, line string) *exec.Cmd {
	if runtime.GOOS == "windows" {
		return exec.CommandContext(ctx, "cmd", "/c", line)
	}
	return exec.CommandContext(ctx, "sh", "-c", line)
}

// toProgram starts a program that reads the answer. It ends with its input: Ctrl-C reaches it from the terminal.
func (t *terminal) toProgram(ctx context.Context, line string, out core.Output) (core.Redirect, error) {
	if err := t.long.flush(); err != nil {
		return core.Redirect{}, err
	}
	cmd := shellCommand(ctx, line)
	cmd.Stdout, cmd.Stderr = t.answer(), t.stderr
	if t.long != nil {
		cmd.Stdout = t.stdout // it may be a pager itself
	}
	pipe, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return core.Redirect{}, fmt.Errorf("%s: %w", line, err)
	}
	return core.Redirect{Output: untilClosed{t.into(pipe, out)}, Close: func(error) error {
		pipe.Close()
		return programError(ctx, line, cmd.Wait())
	}}, nil
}

// untilClosed takes an answer whose reader has left as read.
type untilClosed struct{ elsewhere }

// Show writes a block.
func (u untilClosed) Show(b display.Block) error {
	if err := u.elsewhere.Show(b); !errors.Is(err, syscall.EPIPE) {
		return err
	}
	return nil
}

// shell runs a line of the system's shell with this terminal.
func (t *terminal) shell(ctx context.Context, line string, _ core.Output) error {
	if err := t.long.flush(); err != nil {
		return err
	}
	cmd := shellCommand(ctx, line)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = t.in, t.stdout, t.stderr
	if _, ok := t.in.(*os.File); !ok {
		cmd.Stdin = t.stdin
	}
	t.shown = true
	return programError(ctx, line, cmd.Run())
}

func programError(ctx context.Context, line string, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		// Ctrl-C reaches the program at once, and us a moment later.
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGINT {
			return context.Canceled
		}
		return fmt.Errorf("%s: ended with %w", line, err)
	}
	return err
}
