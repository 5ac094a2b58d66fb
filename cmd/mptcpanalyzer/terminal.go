package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/file"
)

// terminal is the Output of this program: answers on stdout, everything else on stderr.
type terminal struct {
	stdin       *bufio.Reader
	in          io.Reader
	stdout      io.Writer
	stderr      io.Writer
	settings    *core.Settings
	files       disk.Files
	interactive bool // the interpreter: what `--load` says is of interest
	consumed    bool // standard input was loaded as a capture
	debug       int  // how often -d was given

	shown bool      // something stands on stdout already: a blank line goes before the next block
	long  *longText // holds back an answer that may need a pager; nil where none is wanted
	busy  activity  // what goes on, as it is shown meanwhile
}

func newTerminal(in io.Reader, out, err io.Writer) *terminal {
	return &terminal{stdin: bufio.NewReader(in), in: in, stdout: out, stderr: err, settings: core.NewSettings()}
}

// answer is where the answer goes: to the terminal, or to what holds it back for a pager.
func (t *terminal) answer() io.Writer {
	if t.long != nil {
		return t.long
	}
	return t.stdout
}

// Show writes a block; one blank line between blocks. Cautions go to stderr.
func (t *terminal) Show(b display.Block) error {
	t.clearBar()
	if f, ok := b.(*display.File); ok {
		return t.save(f)
	}
	if c, ok := b.(*display.Chart); ok && c.Apart {
		return t.window(c)
	}
	if _, ok := b.(*display.Clear); ok {
		return t.clearScreen()
	}
	r, w := console.Renderer(t.stdout, t.settings), t.answer()
	if n, ok := b.(*display.Note); ok && n.Level >= display.Caution {
		if err := t.long.flush(); err != nil {
			return err
		}
		r.Colour = false
		return r.Block(t.stderr, b)
	}
	if t.shown {
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	t.shown = true
	return r.Block(w, b)
}

// clearScreen empties the screen and goes to its top left; what is no screen is left alone.
func (t *terminal) clearScreen() error {
	if _, ok := console.Terminal(t.stdout); !ok {
		return nil
	}
	t.shown = false
	if err := t.long.flush(); err != nil {
		return err
	}
	_, err := io.WriteString(t.stdout, "\x1b[2J\x1b[H")
	return err
}

// save writes a file where the user asked for it.
func (t *terminal) save(f *display.File) error {
	if err := t.files.Save(f.Name, func(w io.Writer) error { return file.Write(w, f) }); err != nil {
		return err
	}
	fmt.Fprintf(t.stderr, "wrote %s\n", f.Name)
	return nil
}

// Ask puts a question on stderr and reads a line; without a terminal there is nobody to ask.
func (t *terminal) Ask(_ context.Context, prompt string) (string, error) {
	if _, ok := console.Terminal(t.in); !ok {
		return "", core.ErrNoInput
	}
	if err := t.long.flush(); err != nil {
		return "", err
	}
	fmt.Fprint(t.stderr, prompt)
	line, err := t.stdin.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err
}

// loading is the Output for --load: in one-shot and batch mode only its cautions are of interest.
func (t *terminal) loading() core.Output {
	if t.interactive {
		return t
	}
	return console.Cautions(t)
}

// status tells an error to the user and gives the exit status for it.
func (t *terminal) status(err error) int {
	t.clearBar()
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE), errors.Is(err, core.ErrQuit):
		return console.Fine
	case errors.Is(err, errTold):
		return console.Failed
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(t.stderr, "interrupted")
		return console.Failed
	}
	t.printError(err, "")
	return console.Status(err)
}

// printError shows an error. where names a script, or is "".
func (t *terminal) printError(err error, where string) { console.Tell(t.stderr, err, where) }
