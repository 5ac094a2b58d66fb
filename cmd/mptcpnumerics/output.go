package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"golang.org/x/term"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/file"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// output shows answers on stdout, everything else on stderr.
type output struct {
	stdout, stderr io.Writer
	shown          bool
}

// Show writes a block; one blank line between blocks.
func (o *output) Show(b display.Block) error {
	switch b := b.(type) {
	case *display.File:
		if err := disk.Save(b.Name, func(w io.Writer) error { return file.Write(w, b) }); err != nil {
			return err
		}
		fmt.Fprintf(o.stderr, "wrote %s\n", b.Name)
		return nil
	case *display.Note:
		return text.Renderer{}.Block(o.stderr, b)
	}
	if o.shown {
		fmt.Fprintln(o.stdout)
	}
	o.shown = true
	r := text.Renderer{Human: true}
	if f, ok := o.stdout.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		r.Colour = os.Getenv("NO_COLOR") == ""
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			r.Width = width
		}
	}
	return r.Block(o.stdout, b)
}

// Progress is not shown: nothing takes long.
func (o *output) Progress(display.Progress) {}

// Ask asks nobody.
func (o *output) Ask(context.Context, string) (string, error) { return "", core.ErrNoInput }

// cautions lets through only what the user must know.
type cautions struct{ *output }

func (c cautions) Show(b display.Block) error {
	if n, ok := b.(*display.Note); ok && n.Level >= display.Caution {
		return c.output.Show(b)
	}
	return nil
}

// tell shows an error with the offending word marked.
func (o *output) tell(err error) {
	fmt.Fprintf(o.stderr, "error: %v\n", err)
	var e *core.LineError
	if errors.As(err, &e) && e.End > e.Start && e.End <= len(e.Text) {
		fmt.Fprintf(o.stderr, "  %s\n  %s%s\n", e.Text, strings.Repeat(" ", text.Width(e.Text[:e.Start])), strings.Repeat("^", max(1, text.Width(e.Text[e.Start:e.End]))))
	}
}

// status tells an error and gives the exit status for it.
func (o *output) status(err error) int {
	if err == nil || errors.Is(err, errQuit) || errors.Is(err, syscall.EPIPE) {
		return fine
	}
	o.tell(err)
	if e := (*core.LineError)(nil); errors.As(err, &e) && e.Misuse {
		return usage
	}
	return failed
}
