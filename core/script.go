package core

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var scriptCommand = Command{
	Name:    "run",
	Aliases: []string{"source"},
	Summary: "run the commands of a file",
	Help: `Runs a file of commands as if they stood here: captures that it loads stay loaded. It ends at the first error, which is
told with the file and its line.`,
	Examples: []Example{{"run morning.mptcp", "run what the file holds"}},
	Params:   []Param{{Name: "FILE", Kind: Path, Required: true, Doc: "a file with lines of commands"}},
	Run:      runScript,
}

var echoCommand = Command{
	Name:     "echo",
	Summary:  "write words, to mark a place in a script's answers",
	Help:     `Writes its words with a blank between two, as a shell does.`,
	Examples: []Example{{"echo the second capture", "write a line"}},
	Params:   []Param{{Name: "WORD", Kind: Text, Repeat: true, Doc: "what to write"}},
	Run: func(_ context.Context, c *Call) error {
		return c.Show(&display.Text{Body: strings.Join(c.Words("WORD"), " "), Pre: true})
	},
}

var clearCommand = Command{
	Name:     "clear",
	Summary:  "take away what the cell or the screen shows",
	Help:     `In a notebook the answers of this cell so far, in a terminal the screen. Captures and settings stay.`,
	Examples: []Example{{"clear", "empty the screen"}},
	Run:      func(_ context.Context, c *Call) error { return c.Show(&display.Clear{}) },
}

// largestScript is how many bytes of commands are read: more is no script.
const largestScript = 1 << 20

// deepest is how many scripts may run each other: more is a script that runs itself.
const deepest = 16

// depthKey is under which a context counts the scripts that run.
type depthKey struct{}

func runScript(ctx context.Context, c *Call) error {
	name := c.Word("FILE")
	depth, _ := ctx.Value(depthKey{}).(int)
	if depth >= deepest {
		return c.Blame("FILE", "%s: scripts run each other %d deep", name, depth)
	}
	text, err := c.readScript(ctx, name)
	if err != nil {
		return err
	}
	err = c.Session.Run(context.WithValue(ctx, depthKey{}, depth+1), text, c.Out)
	var e *LineError
	switch {
	case errors.Is(err, ErrQuit):
		return nil // it leaves the script
	case !errors.As(err, &e) || ctx.Err() != nil:
		return err
	}
	message := e.Message
	// A script that runs itself fails in the same line all the way up.
	if where := fmt.Sprintf("%s:%d: ", baseName(name), e.Line); !strings.HasPrefix(message, where) {
		message = where + message
	}
	inner := &LineError{Message: message, Suggestion: e.Suggestion, Usage: e.Usage, Misuse: e.Misuse, Err: err}
	if w := c.args["FILE"]; w != nil {
		inner.Start, inner.End = w[0].start, w[0].end
	}
	return inner
}

// readScript reads a file of commands, and refuses what is none.
func (c *Call) readScript(ctx context.Context, name string) (string, error) {
	if c.Session.options.Open == nil {
		return "", c.Fail(noFiles)
	}
	text, err := c.readWhole(ctx, "FILE", name, largestScript)
	switch {
	case err != nil:
		return "", err
	case len(text) > largestScript, !utf8.Valid(text), strings.ContainsRune(string(text), 0):
		return "", c.Blame("FILE", "%s is no file of commands", name)
	}
	return string(text), nil
}
