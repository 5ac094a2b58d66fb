package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/file"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// terminal is the Output of this program: answers on stdout, everything else on stderr.
type terminal struct {
	stdin  *bufio.Reader
	in     io.Reader
	stdout io.Writer
	stderr io.Writer
	human  bool
	quiet  bool // one-shot and batch: what `--load` says is not part of the answer

	shown bool // something stands on stdout already: a blank line goes before the next block
	bar   *progressbar.ProgressBar
	since time.Time // start of the work that the bar shows
}

func newTerminal(in io.Reader, out, err io.Writer) *terminal {
	return &terminal{stdin: bufio.NewReader(in), in: in, stdout: out, stderr: err}
}

// fileOf is the terminal behind a stream, if there is one.
func fileOf(stream any) (*os.File, bool) {
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}

// renderer suits stdout: the terminal's width and colours, plain and uncut elsewhere.
func (t *terminal) renderer() text.Renderer {
	r := text.Renderer{Human: t.human}
	if f, ok := fileOf(t.stdout); ok {
		r.Colour = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			r.Width = width
		}
	}
	return r
}

// Show writes a block; one blank line between blocks. Cautions go to stderr.
func (t *terminal) Show(b display.Block) error {
	t.clearBar()
	if f, ok := b.(*display.File); ok {
		return t.save(f)
	}
	if _, ok := b.(*display.Clear); ok {
		return t.clearScreen()
	}
	r, w := t.renderer(), io.Writer(t.stdout)
	if n, ok := b.(*display.Note); ok && n.Level >= display.Caution {
		r.Colour, w = false, t.stderr
	} else if t.shown {
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	t.shown = t.shown || w == t.stdout
	return r.Block(w, b)
}

// clearScreen empties the screen and goes to its top left; what is no screen is left alone.
func (t *terminal) clearScreen() error {
	if _, ok := fileOf(t.stdout); !ok {
		return nil
	}
	t.shown = false
	_, err := io.WriteString(t.stdout, "\x1b[2J\x1b[H")
	return err
}

// save writes a file where the user asked for it.
func (t *terminal) save(f *display.File) error {
	if err := disk.Save(f.Name, func(w io.Writer) error { return file.Write(w, f) }); err != nil {
		return err
	}
	fmt.Fprintf(t.stderr, "wrote %s\n", f.Name)
	return nil
}

// barDelay is how long work goes on before its bar is shown.
const barDelay = 500 * time.Millisecond

// Progress draws a bar on stderr, when that is a terminal.
func (t *terminal) Progress(p display.Progress) {
	if _, ok := fileOf(t.stderr); !ok {
		return
	}
	if p.End {
		t.clearBar()
		return
	}
	if t.since.IsZero() {
		t.since = time.Now()
	}
	if t.bar == nil && time.Since(t.since) > barDelay {
		total := p.Total
		if total == 0 {
			total = -1
		}
		t.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(t.stderr), progressbar.OptionShowBytes(p.Unit == display.Bytes),
			progressbar.OptionSetWidth(20), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	if t.bar != nil {
		t.bar.Describe(p.Task + " · " + p.Note)
		t.bar.Set64(p.Done)
	}
}

func (t *terminal) clearBar() {
	if t.bar != nil {
		t.bar.Clear()
	}
	t.bar, t.since = nil, time.Time{}
}

// Ask puts a question on stderr and reads a line; without a terminal there is nobody to ask.
func (t *terminal) Ask(_ context.Context, prompt string) (string, error) {
	if _, ok := fileOf(t.in); !ok {
		return "", core.ErrNoInput
	}
	fmt.Fprint(t.stderr, prompt)
	line, err := t.stdin.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err
}

// loading is the Output for --load: in one-shot and batch mode only its cautions are of interest.
func (t *terminal) loading() core.Output {
	if t.quiet {
		return cautions{t}
	}
	return t
}

// cautions lets through what the user must know, and progress.
type cautions struct{ *terminal }

func (c cautions) Show(b display.Block) error {
	if n, ok := b.(*display.Note); ok && n.Level >= display.Caution {
		return c.terminal.Show(b)
	}
	return nil
}

// status tells an error to the user and gives the exit status for it.
func (t *terminal) status(err error) int {
	t.clearBar()
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE):
		return fine
	case errors.Is(err, errTold):
		return failed
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(t.stderr, "interrupted")
		return failed
	}
	t.printError(err, "")
	if e := (*core.LineError)(nil); errors.As(err, &e) && e.Misuse {
		return usage
	}
	return failed
}

// printError shows an error with the offending word marked, its suggestion and usage. where names a script, or is "".
func (t *terminal) printError(err error, where string) {
	var e *core.LineError
	if !errors.As(err, &e) {
		fmt.Fprintf(t.stderr, "error: %v\n", err)
		return
	}
	if where != "" {
		where = fmt.Sprintf("%s:%d: ", where, e.Line)
	}
	fmt.Fprintf(t.stderr, "error: %s%s\n", where, e.Error())
	if e.End > e.Start && e.End <= len(e.Text) {
		indent := text.Width(e.Text[:e.Start])
		marks := max(text.Width(e.Text[e.Start:e.End]), 1)
		fmt.Fprintf(t.stderr, "  %s\n  %s%s\n", e.Text, strings.Repeat(" ", indent), strings.Repeat("^", marks))
	}
	if e.Usage != "" {
		fmt.Fprintf(t.stderr, "usage: %s\n", e.Usage)
	}
}
