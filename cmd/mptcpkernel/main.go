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

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/program"
	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/spelling"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/install"
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

// flagSet is the verb's flags, which set s.
func (a *action) flagSet(s *settings) *pflag.FlagSet {
	flags := pflag.NewFlagSet(a.name, pflag.ContinueOnError)
	flags.SortFlags = false
	flags.Usage = func() {}
	a.flags(flags, s)
	return flags
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
	if len(args) == 0 {
		args = []string{"help"}
	}
	switch args[0] {
	case "--help", "-h", "help":
		return told(stderr, console.Help(stdout, about()))
	case "--manual":
		return told(stderr, about().Manual(stdout))
	case "--version":
		return told(stderr, console.Version(stdout, "mptcpkernel"))
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
	s := settings{stdout: stdout, stderr: stderr}
	flags := a.flagSet(&s)
	err := flags.Parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		return told(stderr, console.Help(stdout, &program.Program{
			Name: "mptcpkernel", Flags: flags, Summary: strings.ToUpper(a.summary[:1]) + a.summary[1:],
			Usage: []string{strings.TrimSpace(a.name + " [OPTION]... " + a.arguments)},
		}))
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
		return console.Failed
	}
	return console.Fine
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
	return console.Usage
}

func told(stderr io.Writer, err error) int { return console.Told(stderr, "mptcpkernel", err) }

// about is what the program tells of itself.
func about() *program.Program {
	p := &program.Program{
		Name: "mptcpkernel", Version: core.Version(), Flags: pflag.NewFlagSet("mptcpkernel", pflag.ContinueOnError),
		Summary: "Serve notebooks of Jupyter: the kernel of mptcpanalyzer",
		Usage:   []string{"VERB [OPTION]..."},
		Intro:   "mptcpkernel VERB --help lists the options of a verb.",
	}
	p.Flags.Bool("manual", false, "print the manual page, for man -l -")
	p.Flags.Bool("version", false, "print the version")
	verbs := program.Section{Head: "Verbs"}
	var options []program.Section
	for _, a := range actions() {
		verbs.Entries = append(verbs.Entries, program.Entry{Term: strings.TrimSpace(a.name + " " + a.arguments), What: a.summary})
		options = append(options, program.Section{Head: "Options of " + a.name, Manual: true, Entries: program.Options(a.flagSet(&settings{}))})
	}
	p.Sections = append(append(p.Sections, verbs), options...)
	p.Sections = append(p.Sections, program.Section{Head: "Examples", Entries: []program.Entry{
		{Term: "mptcpkernel install --user", What: "make the kernel known to this user's Jupyter"},
		{Term: "mptcpkernel install --sys-prefix --env MPTCPKERNEL_CHARTS=inline", What: "for an environment, with charts that need no library"},
		{Term: "jupyter notebook", What: "and choose mptcpanalyzer"},
	}})
	return p
}
