// Command mptcpexporter turns a capture into a table of its TCP packets: one row a packet, 38 columns, for the tools that
// come after.
//
//	mptcpexporter FILE [-o OUT]
//
// It streams: memory grows with the number of connections, not with the length of the capture. The output file appears
// whole or not at all. The exit status is 0 when all is well, 1 when the capture or the output failed, 2 when the command
// line is wrong.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Exit statuses.
const (
	fine = iota
	failed
	usage
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// arguments are the program's options.
type arguments struct {
	output    string
	delimiter string
	version   bool
	input     string
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a, flags, err := parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprintf(stdout, "Usage: mptcpexporter [OPTION]... FILE\n\nWrite the TCP packets of a capture as a table of 38 columns (FILE -: standard input).\n\n%s", flags.FlagUsages())
		return fine
	case err == nil && a.version:
		fmt.Fprintln(stdout, "mptcpexporter", core.Version())
		return fine
	case err != nil:
		fmt.Fprintf(stderr, "mptcpexporter: %v\ntry: mptcpexporter --help\n", err)
		return usage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = export(ctx, a, stdin, stdout, stderr)
	if errors.Is(err, syscall.EPIPE) {
		return fine
	}
	if err != nil {
		fmt.Fprintf(stderr, "mptcpexporter: %v\n", err)
		return failed
	}
	return fine
}

func parse(args []string) (a arguments, flags *pflag.FlagSet, err error) {
	flags = pflag.NewFlagSet("mptcpexporter", pflag.ContinueOnError)
	flags.SortFlags = false
	flags.Usage = func() {}
	flags.StringVarP(&a.output, "output", "o", "", "write to `FILE` instead of standard output")
	flags.StringVarP(&a.delimiter, "delimiter", "d", "|", "`CHARACTER` between columns; \\t is a tab")
	flags.BoolVar(&a.version, "version", false, "print the version")
	if err = flags.Parse(args); err != nil || a.version {
		return a, flags, err
	}
	if a.delimiter == `\t` {
		a.delimiter = "\t"
	}
	switch {
	case flags.NArg() == 0:
		return a, flags, errors.New("which capture? (- is standard input)")
	case flags.NArg() > 1:
		return a, flags, fmt.Errorf("unexpected word %q after the capture", flags.Arg(1))
	case a.output != "" && sameFile(a.output, flags.Arg(0)):
		return a, flags, fmt.Errorf("the output %s is the capture itself", a.output)
	case len(a.delimiter) != 1 || strings.ContainsAny(a.delimiter, "\"\r\n"):
		return a, flags, fmt.Errorf("delimiter %q: one character is needed, no quote and no line end", a.delimiter)
	}
	a.input = flags.Arg(0)
	return a, flags, nil
}

// sameFile says whether two names are of one file, by whatever path or link: writing would destroy the capture.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// export reads the capture and writes the table, then says on stderr what was done.
func export(ctx context.Context, a arguments, stdin io.Reader, stdout, stderr io.Writer) error {
	source := core.Source{ReadCloser: io.NopCloser(stdin)}
	if a.input != "-" {
		var err error
		if source, err = disk.Open(a.input); err != nil {
			return fmt.Errorf("%s: %w", a.input, plain(err))
		}
	}
	defer source.Close()
	began := time.Now()
	var read trace.Capture
	write := func(w io.Writer) error {
		var err error
		read, err = writeTable(ctx, source, w, a.delimiter[0])
		return err
	}
	err := error(nil)
	if a.output == "" {
		err = write(stdout)
	} else {
		err = disk.Save(a.output, write)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a.input, err)
	}
	if read.Cut != nil {
		fmt.Fprintf(stderr, "warning: %s is cut: %v\n", a.input, read.Cut)
	}
	fmt.Fprintf(stderr, "%d packets read, %d rows written, %.2f s\n", read.Frames, read.Kept, time.Since(began).Seconds())
	return nil
}

// plain leaves out what the operating system's error repeats.
func plain(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// writeTable streams the rows of a capture as delimited text under a line of column names.
func writeTable(ctx context.Context, r io.Reader, w io.Writer, delimiter byte) (trace.Capture, error) {
	t := &tableWriter{w: bufio.NewWriterSize(w, 1<<18), delimiter: delimiter, columns: trace.Columns()}
	for i := range t.columns {
		if i > 0 {
			t.line = append(t.line, delimiter)
		}
		t.line = append(t.line, t.columns[i].Name...)
	}
	if _, err := t.w.Write(append(t.line, '\n')); err != nil {
		return trace.Capture{}, err
	}
	read, err := trace.Scan(ctx, r, t, trace.Options{})
	if err != nil {
		return read, err
	}
	return read, t.w.Flush()
}

// tableWriter is the sink of rows.
type tableWriter struct {
	w         *bufio.Writer
	delimiter byte
	columns   []trace.Column
	line      []byte
}

// Add writes one row.
func (t *tableWriter) Add(c *trace.Context, r *trace.Row) error {
	t.line = t.line[:0]
	for i := range t.columns {
		if i > 0 {
			t.line = append(t.line, t.delimiter)
		}
		start := len(t.line)
		t.line = t.columns[i].Append(t.line, c, r)
		if t.columns[i].Type == trace.Text || t.columns[i].Type == trace.List {
			t.line = quoteField(t.line, start, t.delimiter)
		}
	}
	_, err := t.w.Write(append(t.line, '\n'))
	return err
}

// quoteField puts the field that starts at start in quotes if it holds the delimiter, a quote or a line end (RFC 4180).
func quoteField(line []byte, start int, delimiter byte) []byte {
	needed := false
	for _, b := range line[start:] {
		if b == delimiter || b == '"' || b == '\n' || b == '\r' {
			needed = true
			break
		}
	}
	if !needed {
		return line
	}
	field := strings.ReplaceAll(string(line[start:]), `"`, `""`)
	return append(append(append(line[:start], '"'), field...), '"')
}
