package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/file"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// output shows answers on stdout, everything else on stderr.
type output struct {
	stdout, stderr io.Writer
	settings       *core.Settings
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
	return console.Renderer(o.stdout, o.settings).Block(o.stdout, b)
}

// Progress is not shown: nothing takes long.
func (o *output) Progress(display.Progress) {}

// Ask asks nobody.
func (o *output) Ask(context.Context, string) (string, error) { return "", core.ErrNoInput }

// status tells an error and gives the exit status for it.
func (o *output) status(err error) int {
	if err == nil || errors.Is(err, errQuit) || errors.Is(err, syscall.EPIPE) {
		return console.Fine
	}
	console.Tell(o.stderr, err, "")
	return console.Status(err)
}
