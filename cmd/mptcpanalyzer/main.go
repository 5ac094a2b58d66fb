// Command mptcpanalyzer tells what Multipath TCP connections did, from captures, in a terminal: one command, a script, or
// an interpreter.
//
//	mptcpanalyzer --load FILE lc
//	mptcpanalyzer --load FILE --batch SCRIPT
//	mptcpanalyzer [FILE]
//
// Only the answer goes to standard output; progress, warnings and errors go to standard error. The exit status is 0 when
// all is well, 1 when a command failed, 2 when the command line is wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
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
	load    []string
	batch   string
	keep    bool
	raw     bool
	version bool
	words   []string
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a, flags, err := parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		printHelp(stdout, flags)
		return fine
	}
	if err != nil {
		fmt.Fprintf(stderr, "mptcpanalyzer: %v\ntry: mptcpanalyzer --help\n", err)
		return usage
	}
	if a.version {
		fmt.Fprintln(stdout, "mptcpanalyzer", core.Version())
		return fine
	}
	t := newTerminal(stdin, stdout, stderr)
	t.human = !a.raw
	return t.status(t.work(core.New(disk.Options()), a))
}

func parse(args []string) (a arguments, flags *pflag.FlagSet, err error) {
	flags = pflag.NewFlagSet("mptcpanalyzer", pflag.ContinueOnError)
	flags.SetInterspersed(false)
	flags.SortFlags = false
	flags.Usage = func() {}
	flags.StringArrayVarP(&a.load, "load", "l", nil, "load `FILE`, a capture, first (repeatable: the last one is the current one)")
	flags.StringVarP(&a.batch, "batch", "b", "", "run the commands of `FILE` (- for standard input)")
	flags.BoolVar(&a.keep, "keep-going", false, "go on after an error in a batch file")
	flags.BoolVar(&a.raw, "raw", false, "show exact numbers instead of scaled ones")
	flags.BoolVar(&a.version, "version", false, "print the version")
	if err = flags.Parse(args); err != nil {
		return a, flags, err
	}
	a.words = flags.Args()
	return a, flags, a.check()
}

// check finds words that would be passed over, and file names where a command is wanted.
func (a *arguments) check() error {
	switch {
	case len(a.words) == 0:
		return nil
	case a.batch != "":
		return fmt.Errorf("both a batch file and a command (%s) are given", a.words[0])
	case len(a.words) > 1 && isFile(a.words[0]):
		return fmt.Errorf("%s is a file, no command: mptcpanalyzer --load %s %s", a.words[0], a.words[0], strings.Join(a.words[1:], " "))
	case len(a.words) == 1 && looksLikeFile(a.words[0]) && !isFile(a.words[0]):
		return fmt.Errorf("%s: no such file, and no command", a.words[0])
	}
	return nil
}

// looksLikeFile tells a file's name from a command line: one word with a dot or a slash in it.
func looksLikeFile(word string) bool {
	return strings.ContainsAny(word, "./") && !strings.ContainsAny(word, " ;'\"")
}

func printHelp(w io.Writer, flags *pflag.FlagSet) {
	fmt.Fprintf(w, `Usage: mptcpanalyzer [OPTION]... [COMMAND WORD...]
   or: mptcpanalyzer [OPTION]... [FILE]

Tell what Multipath TCP connections did, from captures (pcap, pcapng).

%s
Without a command the interpreter starts. Commands:
`, flags.FlagUsages())
	for _, c := range core.Commands() {
		fmt.Fprintf(w, "  %-10s %s\n", c.Name, c.Summary)
	}
	fmt.Fprint(w, `
Examples:
  mptcpanalyzer --load capture.pcapng lc
  mptcpanalyzer --load capture.pcapng plot dsn 0 --out dsn.png
  mptcpanalyzer help plot
`)
}

// work loads what the options name, then runs the command, the batch file or the interpreter.
func (t *terminal) work(s *core.Session, a arguments) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	interactive := a.batch == "" && len(a.words) == 0
	if len(a.words) == 1 && isFile(a.words[0]) && a.batch == "" {
		interactive = true
		a.load, a.words = append(a.load, a.words[0]), nil
	}
	t.quiet = !interactive
	for _, name := range a.load {
		if err := s.Run(ctx, "load "+core.Quote(name), t.loading()); err != nil {
			return err
		}
	}
	switch {
	case a.batch != "":
		return t.runBatch(ctx, s, a.batch, a.keep)
	case len(a.words) > 0:
		return s.Run(ctx, commandLine(a.words), t)
	}
	stop()
	return t.interpret(s)
}

// commandLine joins the shell's words to one line; a single argument is a line of its own.
func commandLine(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	var line []string
	for _, w := range words {
		if w == ";" {
			line = append(line, w)
			continue
		}
		line = append(line, core.Quote(w))
	}
	return strings.Join(line, " ")
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
