// Command mptcpanalyzer tells what Multipath TCP connections did, from captures, in a terminal: one command, a script, or
// an interpreter.
//
//	mptcpanalyzer --load FILE lc
//	mptcpanalyzer --load FILE --batch SCRIPT
//	mptcpanalyzer [FILE]
//
// A FILE that is a capture, by its content, is loaded into the interpreter; any other is a script.
//
// Only the answer goes to standard output; progress, warnings and errors go to standard error. The exit status is 0 when
// all is well, 1 when a command failed, 2 when the command line is wrong.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/home"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
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
	human   bool
	version bool
	debug   int
	home    home.Choice
	words   []string
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a, flags, err := parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		return console.Told(stderr, "mptcpanalyzer", console.Help(stdout, about(core.Commands(), flags)))
	}
	if err != nil {
		fmt.Fprintf(stderr, "mptcpanalyzer: %v\ntry: mptcpanalyzer --help\n", err)
		return console.Usage
	}
	if a.version {
		return console.Told(stderr, "mptcpanalyzer", console.Version(stdout, "mptcpanalyzer"))
	}
	t := newTerminal(stdin, stdout, stderr)
	t.debug = a.debug
	s, err := t.start(a)
	if err != nil {
		return t.status(err)
	}
	if handled, err := document(a.words, s, flags, stdout); handled {
		return t.status(err)
	}
	err = t.work(s, a)
	if remark := s.Wait(); remark != nil {
		_ = t.Show(&display.Note{Level: display.Caution, Body: remark.Error()}) // standard error is all that can fail
	}
	return t.status(err)
}

// start makes the session from what the user has set up.
func (t *terminal) start(a arguments) (*core.Session, error) {
	o, warnings, err := home.Open(a.home, &t.files)
	for _, w := range warnings {
		fmt.Fprintf(t.stderr, "warning: %s\n", w)
	}
	if err != nil {
		return nil, err
	}
	t.settings = o.Settings
	for name, chosen := range map[string]bool{"no": a.raw, "yes": a.human} {
		if chosen {
			if err := o.Settings.Set("human_readable", name, "the command line"); err != nil {
				return nil, err
			}
		}
	}
	o.Redirect, o.Shell = t.redirect, t.shell
	return core.New(o), nil
}

func parse(args []string) (a arguments, flags *pflag.FlagSet, err error) {
	flags = pflag.NewFlagSet("mptcpanalyzer", pflag.ContinueOnError)
	flags.SetInterspersed(false)
	flags.SortFlags = false
	flags.Usage = func() {}
	flags.StringArrayVarP(&a.load, "load", "l", nil, "load `FILE`, a capture, first (repeatable: the last one is the current one; - is standard input)")
	flags.StringVarP(&a.batch, "batch", "b", "", "run the commands of `FILE` (- for standard input)")
	flags.BoolVar(&a.keep, "keep-going", false, "go on after an error in a batch file")
	flags.BoolVarP(&a.human, "human-readable", "H", false, "scale numbers for people, with their unit")
	flags.BoolVar(&a.raw, "raw", false, "show exact numbers instead of scaled ones")
	flags.StringVarP(&a.home.Config, "config", "c", "", "read the configuration from `FILE`")
	flags.StringVar(&a.home.CacheDir, "cachedir", "", "keep dissected captures in `FOLDER`")
	flags.BoolVarP(&a.home.Regen, "regen", "r", false, "dissect captures anew, whatever the cache has")
	flags.BoolVar(&a.home.NoCache, "no-cache", false, "neither read nor write the cache")
	flags.CountVarP(&a.debug, "debug", "d", "tell more on standard error: -d causes of errors, -dd settings, -ddd times, -dddd memory")
	flags.BoolVar(&a.version, "version", false, "print the version and exit")
	flags.BoolP("help", "h", false, "print this help and exit")
	if err = flags.Parse(args); err != nil {
		return a, flags, err
	}
	if help, _ := flags.GetBool("help"); help {
		return a, flags, pflag.ErrHelp
	}
	a.words = flags.Args()
	return a, flags, a.check()
}

// check finds words that would be passed over, and file names where a command is wanted.
func (a *arguments) check() error {
	switch {
	case a.raw && a.human:
		return errors.New("--raw and --human-readable exclude each other")
	case len(a.words) == 0:
		return nil
	case a.batch != "":
		return fmt.Errorf("both a batch file and a command (%s) are given", a.words[0])
	case len(a.words) > 1 && isFile(a.words[0]):
		return fmt.Errorf("%s is a file, no command: mptcpanalyzer --load %s %s", a.words[0], core.QuoteFile(a.words[0]), commandLine(a.words[1:]))
	case len(a.words) == 1 && looksLikeFile(a.words[0]) && !isFile(a.words[0]):
		return fmt.Errorf("%s: no such file, and no command", a.words[0])
	}
	return nil
}

// looksLikeFile tells a file's name from a command line: one word with a dot or a slash in it.
func looksLikeFile(word string) bool {
	return strings.ContainsAny(word, "./") && !strings.ContainsAny(word, " ;'\"")
}

// work loads what the options name, then runs the command, the batch file or the interpreter.
func (t *terminal) work(s *core.Session, a arguments) error {
	ctx, stop := t.interrupts()
	defer stop()
	if len(a.words) == 1 && isFile(a.words[0]) {
		if disk.IsCapture(a.words[0]) {
			a.load, a.words = append(a.load, a.words[0]), nil
		} else {
			a.batch, a.words = a.words[0], nil
		}
	}
	t.interactive = a.batch == "" && len(a.words) == 0
	t.tellSettings()
	for _, name := range a.load {
		t.consumed = t.consumed || name == "-"
		if err := t.timed("load "+name, func() error { return s.Run(ctx, "load "+core.QuoteFile(name), t.loading()) }); err != nil {
			return err
		}
	}
	switch {
	case a.batch != "":
		return t.runBatch(ctx, s, a.batch, a.keep)
	case len(a.words) > 0:
		line := commandLine(a.words)
		return t.paged(func() error { return t.timed(line, func() error { return s.Run(ctx, line, t) }) })
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
