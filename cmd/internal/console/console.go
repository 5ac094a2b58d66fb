// Package console is what the programs share that answer in a terminal: their exit statuses, how an answer looks on a
// stream, how an error is told with the wrong word marked.
//
//	r := console.Renderer(stdout, settings)
//	console.Tell(stderr, err, "")
//	os.Exit(console.Status(err))
package console

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/term"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/program"
	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// Exit statuses of the programs.
const (
	Fine = iota
	Failed
	Usage // the command line is wrong
)

// ExitStatus is the part of a program's help on them; failed says what ends it with Failed.
func ExitStatus(failed string) program.Section {
	section := program.Section{Head: "Exit status"}
	for status, what := range []string{Fine: "all is well", Failed: failed, Usage: "the command line is wrong"} {
		section.Entries = append(section.Entries, program.Entry{Term: strconv.Itoa(status), What: what})
	}
	return section
}

// Status is the exit status for an error that ended a program.
func Status(err error) int {
	var e *core.LineError
	switch {
	case err == nil:
		return Fine
	case errors.As(err, &e) && e.Misuse:
		return Usage
	}
	return Failed
}

// Told is the exit status once a program has told of itself: its help, its version. A pipe that was closed has nobody to tell.
func Told(stderr io.Writer, program string, err error) int {
	if err == nil || errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		return Fine
	}
	fmt.Fprintf(stderr, "%s: %v\n", program, err)
	return Failed
}

// Help writes a program's help in the width of the terminal.
func Help(w io.Writer, p *program.Program) error {
	width, _ := Size(w)
	return p.Help(w, width)
}

// Version writes a program's version.
func Version(w io.Writer, program string) error {
	_, err := fmt.Fprintln(w, program, core.Version())
	return err
}

// Terminal is the terminal behind a stream, if there is one.
func Terminal(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// Size is the width and height of the terminal behind a stream, zeros if there is none.
func Size(stream any) (width, height int) {
	if f, ok := Terminal(stream); ok {
		if w, h, err := term.GetSize(int(f.Fd())); err == nil {
			return w, h
		}
	}
	return 0, 0
}

// Renderer suits a stream: a terminal's width and, if the settings want them, colours; plain and uncut elsewhere.
func Renderer(stream io.Writer, settings *core.Settings) text.Renderer {
	r := text.Renderer{Human: settings.Yes("human_readable"), Dark: settings.Get("background") == "dark"}
	_, ok := Terminal(stream)
	switch settings.Get("colour") {
	case "always":
		r.Colour = true
	case "auto":
		r.Colour = ok && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	r.Width, _ = Size(stream)
	return r
}

// Mark is a line and, below it, its part from start to end underlined, each ended by a newline; nothing if there is no
// such part, or more than one line.
func Mark(line string, start, end int) string {
	if start < 0 || end <= start || end > len(line) || strings.Contains(line, "\n") {
		return ""
	}
	under := strings.Repeat(" ", text.Width(line[:start])) + strings.Repeat("^", max(1, text.Width(line[start:end])))
	return fmt.Sprintf("  %s\n  %s\n", line, under)
}

// Tell shows an error, with the word to blame marked, its suggestion and usage. where names a script, or is "".
func Tell(w io.Writer, err error, where string) {
	var e *core.LineError
	if !errors.As(err, &e) {
		fmt.Fprintf(w, "error: %v\n", err)
		return
	}
	if where != "" {
		where = fmt.Sprintf("%s:%d: ", where, e.Line)
	}
	fmt.Fprintf(w, "error: %s%s\n%s", where, e.Error(), Mark(e.Text, e.Start, e.End))
	if e.Usage != "" {
		fmt.Fprintf(w, "usage: %s\n", e.Usage)
	}
}

// Cautions lets through only what the user must know, and progress.
func Cautions(out core.Output) core.Output { return cautions{out} }

type cautions struct{ core.Output }

func (c cautions) Show(b display.Block) error {
	if n, ok := b.(*display.Note); ok && n.Level >= display.Caution {
		return c.Output.Show(b)
	}
	return nil
}
