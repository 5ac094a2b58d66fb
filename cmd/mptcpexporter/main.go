// Command mptcpexporter turns captures into tables for the tools that come after: packets, streams, connections,
// subflows, MPTCP options, mappings, reinjections and issues as CSV, TSV, JSON Lines, Parquet, Arrow or SQLite, or the
// selected packets as pcapng.
//
//	mptcpexporter [OPTION]... CAPTURE... [-o OUT]
//
// A file is read twice where the rows need to know of later packets; standard input is streamed, in memory that grows
// with the number of connections, not with the length of the capture. An output file appears whole or not at all. The
// exit status is 0 when all is well, 1 when a capture or the output failed, 2 when the command line is wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/home"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// formats are all that the program can write.
func formats() []export.Format { return append(export.Formats(), home.Formats()...) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a, flags, err := parse(args)
	for _, w := range a.warnings {
		fmt.Fprintf(stderr, "warning: %s\n", w)
	}
	switch {
	case errors.Is(err, pflag.ErrHelp):
		err = console.Help(stdout, about(flags))
	case err == nil && a.manual:
		err = about(flags).Manual(stdout)
	case err == nil && a.version:
		err = console.Version(stdout, "mptcpexporter")
	case err == nil && a.schema:
		err = schema(stdout, a)
	case err == nil:
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		w := &work{args: a, stdin: stdin, stdout: stdout, stderr: stderr}
		err = w.run(ctx)
	}
	return status(err, stderr)
}

// misuse is an error of the command line.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

func misused(format string, a ...any) error { return misuse{fmt.Errorf(format, a...)} }

// status reports an error and says how the program ends. A reader that closed the pipe has what it wanted.
func status(err error, stderr io.Writer) int {
	var wrong misuse
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe):
		return console.Fine
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "mptcpexporter: %v\ntry: mptcpexporter --help\n", err)
		return console.Usage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "mptcpexporter: interrupted")
		return console.Failed
	}
	fmt.Fprintf(stderr, "mptcpexporter: %v\n", err)
	return console.Failed
}
