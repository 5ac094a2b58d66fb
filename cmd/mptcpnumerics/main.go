// Command mptcpnumerics computes the buffers and windows that Multipath TCP connections need, from a topology of paths or
// out of a capture.
//
//	mptcpnumerics TOPOLOGY.json [COMMAND [OPTION]...]
//	mptcpnumerics -b SCRIPT [TOPOLOGY.json]
//	mptcpnumerics from-capture CAPTURE CONNECTION [COMMAND [OPTION]...]
//
// The commands are print, buffer, optbuffer, optcwnd, overhead and cycle; without one, an interpreter reads them, and
// load_topology FILE besides. Only answers go to standard output. The exit status is 0 when all is well, 1 when a command
// failed, 2 when the command line is wrong.
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

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/program"
	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/config"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// about is what the program tells of itself.
func about(flags *pflag.FlagSet) *program.Program {
	return &program.Program{
		Name: "mptcpnumerics", Version: core.Version(), Flags: flags,
		Summary: "Compute the buffers and windows that Multipath TCP connections need",
		Usage:   []string{"TOPOLOGY.json [COMMAND [OPTION]...]", "-b SCRIPT [TOPOLOGY.json]", "from-capture CAPTURE CONNECTION [COMMAND [OPTION]...]"},
		Intro:   "Without a command the interpreter starts.",
		Sections: []program.Section{
			{Head: "Commands", Entries: []program.Entry{
				{Term: "print", What: "the topology, with what follows from it"},
				{Term: "buffer", What: "the receive buffer by RFC 6182"},
				{Term: "optbuffer", What: "the least receive buffer that never stalls the sender"},
				{Term: "optcwnd", What: "the windows that move the most data with the buffer of the sender"},
				{Term: "overhead [plot|tex]", What: "bytes of options"},
				{Term: "cycle", What: "after how long the subflows are in step again"},
				{Term: "load_topology FILE", What: "in the interpreter: another topology; help, quit"},
			}},
			{Head: "Options of commands", Entries: options()},
			console.ExitStatus("a command failed"),
		},
	}
}

// options are those of the command numerics, which every line becomes.
func options() []program.Entry {
	var list []program.Entry
	for _, c := range core.Commands() {
		if c.Name != "numerics" {
			continue
		}
		for _, p := range c.More("") {
			if strings.HasPrefix(p.Name, "-") {
				list = append(list, program.Entry{Term: p.Term(), What: p.Meaning()})
			}
		}
	}
	return list
}

// calculator is the program at work.
type calculator struct {
	session  *core.Session
	out      *output
	topology string // words that the command numerics begins with, or ""
	capture  string // that it is taken from, as a word, or ""
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := pflag.NewFlagSet("mptcpnumerics", pflag.ContinueOnError)
	flags.SetInterspersed(false)
	flags.SortFlags = false
	flags.Usage = func() {}
	batch := flags.StringP("batch", "b", "", "run the commands of `FILE` (- for standard input)")
	manual := flags.Bool("manual", false, "print the manual page, for man -l -")
	version := flags.Bool("version", false, "print the version")
	flags.CountP("debug", "d", "say more, in the original; there is nothing more to say here")
	switch err := flags.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		return console.Told(stderr, "mptcpnumerics", console.Help(stdout, about(flags)))
	case err != nil:
		fmt.Fprintf(stderr, "mptcpnumerics: %v\ntry: mptcpnumerics --help\n", err)
		return console.Usage
	case *manual:
		return console.Told(stderr, "mptcpnumerics", about(flags).Manual(stdout))
	case *version:
		return console.Told(stderr, "mptcpnumerics", console.Version(stdout, "mptcpnumerics"))
	}
	settings, warnings, err := config.Open("")
	for _, w := range warnings {
		fmt.Fprintf(stderr, "warning: %s\n", w)
	}
	if err != nil {
		fmt.Fprintf(stderr, "mptcpnumerics: %v\n", err)
		return console.Failed
	}
	o := disk.Options()
	o.Settings = settings
	c := &calculator{session: core.New(o), out: &output{stdout: stdout, stderr: stderr, settings: settings}}
	words, err := c.start(flags.Args())
	if err == nil {
		err = c.work(words, *batch, stdin)
	}
	return c.out.status(err)
}

// start takes the topology, or the capture, from the front of the words. It returns the rest: a command.
func (c *calculator) start(words []string) ([]string, error) {
	if len(words) == 0 || asksHelp(words[0]) {
		return words, nil
	}
	switch {
	case words[0] == "from-capture":
	case len(words) == 1: // commands are to come: whether the file is one is said at once
		return nil, c.load(core.Quote(words[0]))
	default:
		c.topology = core.Quote(words[0])
		return words[1:], nil
	}
	if len(words) < 2 {
		return nil, misuse("from-capture: which capture?")
	}
	if err := c.session.Run(context.Background(), "load "+core.Quote(words[1]), console.Cautions(c.out)); err != nil {
		return nil, err
	}
	c.topology, c.capture, words = "from-capture", core.Quote(words[1]), words[2:]
	if len(words) > 0 && isNumber(words[0]) {
		c.topology, words = c.topology+" "+words[0], words[1:]
	}
	if len(words) == 0 || strings.HasPrefix(words[0], "-") {
		words = append([]string{""}, words...) // the verdict on the buffer
	}
	return words, nil
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// misuse is an error of the command line.
func misuse(text string) error { return &core.LineError{Message: text, Misuse: true} }

// work runs the command, the script, or what is typed.
func (c *calculator) work(words []string, batch string, stdin io.Reader) error {
	switch {
	case len(words) > 0 && batch != "":
		return misuse("either a command or a script (-b)")
	case len(words) > 0 && asksHelp(words[0]):
		return c.help()
	case len(words) > 0:
		words = pairs(words)
		for i := range words {
			if i > 0 || words[i] != "" { // nothing in the place of the command asks for the verdict
				words[i] = core.Quote(words[i])
			}
		}
		return c.action(strings.Join(words, " "))
	case batch == "-":
		return c.lines(stdin, "standard input")
	case batch != "":
		f, err := os.Open(batch)
		if err != nil {
			return err
		}
		defer f.Close()
		return c.lines(f, batch)
	}
	if f, ok := console.Terminal(stdin); ok {
		return c.interpret(f)
	}
	return c.lines(stdin, "standard input")
}

// errQuit ends the interpreter.
var errQuit = errors.New("quit")

// lines runs lines and stops at the first error.
func (c *calculator) lines(r io.Reader, name string) error {
	in := bufio.NewScanner(r)
	for n := 1; in.Scan(); n++ {
		if err := c.line(in.Text()); errors.Is(err, errQuit) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	return in.Err()
}

// interpret reads commands until quit, or the end of input; errors are told and forgotten.
func (c *calculator) interpret(f *os.File) error {
	in := bufio.NewScanner(f)
	for fmt.Fprint(c.out.stderr, "Rdy>"); in.Scan(); fmt.Fprint(c.out.stderr, "Rdy>") {
		c.out.shown = false
		err := c.line(in.Text())
		if errors.Is(err, errQuit) {
			return nil
		}
		if err != nil {
			console.Tell(c.out.stderr, err, "")
		}
	}
	return in.Err()
}

// line runs a line: one of our own words, or an action of the command numerics.
func (c *calculator) line(text string) error {
	text = strings.TrimSpace(text)
	word, rest, _ := strings.Cut(text, " ")
	switch word {
	case "q", "quit", "exit", "EOF":
		return errQuit
	case "load_topology", "load_from_file":
		return c.load(strings.TrimSpace(rest))
	}
	if asksHelp(word) {
		return c.help()
	}
	if strings.HasPrefix(text, "#") || text == "" {
		return nil
	}
	return c.action(strings.Join(pairs(strings.Fields(text)), " "))
}

// action runs an action of the command numerics.
func (c *calculator) action(text string) error {
	if c.topology == "" {
		return &core.LineError{Message: "no topology is loaded", Suggestion: "load one first: load_topology FILE"}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.named(c.session.Run(ctx, "numerics "+c.topology+" "+text, c.out))
}

// load makes another topology the current one, if it is one.
func (c *calculator) load(name string) error {
	if name == "" {
		return misuse("load_topology: which file?")
	}
	if err := c.session.Run(context.Background(), "numerics "+name+" print", console.Cautions(c.out)); err != nil {
		c.capture = ""
		var e *core.LineError
		if err = c.named(err); errors.As(err, &e) {
			e.Text = strings.TrimSuffix(e.Text, " print") // which nobody typed
		}
		return err
	}
	c.topology, c.capture = name, ""
	return nil
}

// pairs joins the two words that the original took for a subflow and its bound: --sfmin NAME RATIO.
func pairs(words []string) []string {
	for i := 0; i+2 < len(words); i++ {
		switch words[i] {
		case "--sfmin", "--sfmax", "--sfmincwnd", "--sfmaxcwnd":
			if !strings.Contains(words[i+1], "=") {
				words[i+1] += "=" + words[i+2]
				words = append(words[:i+2], words[i+3:]...)
			}
		}
	}
	return words
}
