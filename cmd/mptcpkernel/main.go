// Command mptcpkernel is the Jupyter kernel of mptcpanalyzer: it answers the cells of a notebook with tables and charts
// of what Multipath TCP connections did.
//
//	mptcpkernel install [--user | --prefix DIR | --sys-prefix]
//	mptcpkernel run CONNECTION_FILE
//	mptcpkernel doctor
//
// Jupyter runs it; people install it. Log lines go to standard error, which Jupyter shows in its own log. The exit status
// is 0 when all is well, 1 when something failed, 2 when the command line is wrong.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/spelling"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/install"
)

// Exit statuses.
const (
	fine = iota
	failed
	usage
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// action is one of the program's verbs.
type action struct {
	name, arguments, summary string
	flags                    func(*pflag.FlagSet, *settings)
	run                      func(settings) error
}

// settings are what the command line says, for every verb.
type settings struct {
	words  []string
	stdout io.Writer
	stderr io.Writer

	user, sysPrefix   bool
	prefix            string
	name, displayName string
	env               []string
	charts            string
}

func actions() []action {
	return []action{
		{"install", "", "make the kernel known to Jupyter", installFlags, installKernel},
		{"uninstall", "", "remove it again", placeFlags, uninstallKernel},
		{"doctor", "", "find out what is wrong with an installation, and say the cure", doctorFlags, examine},
		{"run", "CONNECTION_FILE", "serve a notebook: Jupyter does this", runFlags, serve},
	}
}

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 || args[0] == "--help" || args[0] == "-h" || args[0] == "help" {
		printHelp(stdout)
		return fine
	}
	if args[0] == "--version" {
		fmt.Fprintln(stdout, "mptcpkernel", core.Version())
		return fine
	}
	for _, a := range actions() {
		if a.name == args[0] {
			return perform(a, args[1:], stdout, stderr)
		}
	}
	return misuse(stderr, unknownVerb(args[0]))
}

func unknownVerb(word string) error {
	names := []string{"help"}
	for _, a := range actions() {
		names = append(names, a.name)
	}
	if n := spelling.Nearest(word, names); n != "" {
		return fmt.Errorf("unknown verb %q: did you mean %s?", word, n)
	}
	return fmt.Errorf("unknown verb %q", word)
}

// perform reads the flags of a verb and does it.
func perform(a action, args []string, stdout, stderr io.Writer) int {
	flags := pflag.NewFlagSet(a.name, pflag.ContinueOnError)
	flags.SortFlags = false
	flags.Usage = func() {}
	s := settings{stdout: stdout, stderr: stderr}
	if a.flags != nil {
		a.flags(flags, &s)
	}
	err := flags.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		line := strings.TrimRight("Usage: mptcpkernel "+a.name+" [OPTION]... "+a.arguments, " ")
		fmt.Fprintf(stdout, "%s\n\n%s.\n\n%s", line, strings.ToUpper(a.summary[:1])+a.summary[1:], flags.FlagUsages())
		return fine
	}
	s.words = flags.Args()
	if want := len(strings.Fields(a.arguments)); err == nil && len(s.words) != want {
		err = fmt.Errorf("%s: %d arguments, want %d", a.name, len(s.words), want)
	}
	if err == nil && exclusive(s.user, s.sysPrefix, s.prefix != "") {
		err = fmt.Errorf("%s: --user, --prefix and --sys-prefix exclude each other", a.name)
	}
	if err != nil {
		return misuse(stderr, err)
	}
	if err := a.run(s); errors.Is(err, install.ErrMisuse) {
		return misuse(stderr, err)
	} else if err != nil {
		fmt.Fprintf(stderr, "mptcpkernel: %v\n", err)
		return failed
	}
	return fine
}

func exclusive(choices ...bool) bool {
	n := 0
	for _, c := range choices {
		if c {
			n++
		}
	}
	return n > 1
}

func misuse(stderr io.Writer, err error) int {
	fmt.Fprintf(stderr, "mptcpkernel: %v\ntry: mptcpkernel --help\n", err)
	return usage
}

func printHelp(w io.Writer) {
	fmt.Fprint(w, "Usage: mptcpkernel VERB [OPTION]...\n\nThe Jupyter kernel of mptcpanalyzer.\n\n")
	for _, a := range actions() {
		fmt.Fprintf(w, "  %-22s %s\n", strings.TrimSpace(a.name+" "+a.arguments), a.summary)
	}
	fmt.Fprint(w, `  --version              print the version

mptcpkernel VERB --help lists the options of a verb.

Examples:
  mptcpkernel install --user
  mptcpkernel install --sys-prefix --env MPTCPKERNEL_CHARTS=inline
  jupyter notebook
`)
}
