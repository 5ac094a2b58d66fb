package core

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
)

// ErrNoInput is returned by an Output that has nobody to ask.
var ErrNoInput = errors.New("nobody can be asked here")

// Run runs a cell: lines of the command language, each with one command or several separated by ";". It stops at the
// first error, a *LineError; what was shown before stays shown. A cancelled ctx ends it with ctx.Err() as the cause.
func (s *Session) Run(ctx context.Context, cell string, out Output) error {
	for _, line := range logicalLines(cell) {
		if err := s.runLine(ctx, line.text, out); err != nil {
			return asLineError(err, line.number, line.text)
		}
	}
	return nil
}

// runLine runs the commands of a line; a "!" gives the rest of it to the system's shell.
func (s *Session) runLine(ctx context.Context, line string, out Output) error {
	for _, words := range splitWords(line) {
		if len(words) == 0 {
			continue
		}
		if at := words[0].start; line[at] == '!' {
			return s.runShell(ctx, line[at+1:], out)
		}
		if ctx.Value(depthKey{}) == nil { // not from a script
			s.remember(line[words[0].start:words[len(words)-1].end])
		}
		if err := s.runCommand(ctx, line, words, out); err != nil {
			return err
		}
	}
	return nil
}

// runCommand runs one command, whose words come from line.
func (s *Session) runCommand(ctx context.Context, line string, words []word, out Output) error {
	for _, w := range words {
		if w.open {
			return &LineError{Start: w.start, End: w.end, Message: "a quote is not closed", Misuse: true}
		}
	}
	c := lookup(s.commands, words[0].text)
	if c == nil {
		return s.unknownCommand(words[0])
	}
	words, to, err := s.redirected(ctx, line, words, out)
	if err != nil {
		return err
	}
	c, words = s.drawn(c, words)
	if to == nil {
		return s.call(ctx, c, line, words, out)
	}
	return s.runInto(ctx, to, out, func(out Output) error { return s.call(ctx, c, line, words, out) })
}

// call gives the words of a command to its parameters and runs it.
func (s *Session) call(ctx context.Context, c *Command, line string, words []word, out Output) (err error) {
	given, wrong := s.parseArgs(c, line, words[1:])
	switch {
	case wrong != nil && wrong.help:
		return out.Show(helpText(c))
	case wrong != nil:
		return wrong
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	defer recoverBug(c, &err)
	text := line[words[0].start:words[len(words)-1].end]
	return c.Run(ctx, &Call{Session: s, Command: c, Out: out, Line: text, current: s.current(), start: words[0].start, args: given})
}

// recoverBug turns a panic, always a bug of ours, into an error: one bad command must not end a kernel.
func recoverBug(c *Command, err *error) {
	if r := recover(); r != nil {
		*err = &LineError{Message: fmt.Sprintf("%s: internal error: %v", c.Name, r), Suggestion: "please report it with the capture", Err: fmt.Errorf("%s", debug.Stack())}
	}
}

func (s *Session) unknownCommand(w word) error {
	return &LineError{Start: w.start, End: w.end, Message: fmt.Sprintf("unknown command %q", w.text), Misuse: true,
		Suggestion: cmp.Or(meant(w.text, names(s.commands)), "help lists the commands")}
}

// meant asks whether one of the names was meant, or a few that have the word within; it is empty if there is none.
func meant(text string, names []string) string {
	n := nearest(text, names)
	if n == "" {
		n = strings.Join(containing(text, names), " or ")
	}
	if n == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %s?", n)
}

// containing gives the names that begin with a word, or else those that have it within; none if they are many, or the word short.
func containing(text string, names []string) []string {
	text = strings.ToLower(text)
	if len(text) < 4 {
		return nil
	}
	var begin, within []string
	for _, n := range names {
		if strings.HasPrefix(n, text) {
			begin = append(begin, n)
		} else if strings.Contains(n, text) {
			within = append(within, n)
		}
	}
	if len(begin) > 0 {
		within = begin
	}
	if len(within) > 3 {
		return nil
	}
	return within
}

// asLineError places an error in its cell.
func asLineError(err error, line int, text string) error {
	var e *LineError
	if !errors.As(err, &e) {
		e = &LineError{Message: err.Error(), Err: err}
		if errors.Is(err, context.Canceled) {
			e.Message = "interrupted"
		}
	}
	e.Line, e.Text = line, text
	return e
}

// logicalLine is a line with those that its trailing backslashes join to it.
type logicalLine struct {
	text   string
	number int // of its first line in the cell, from 1
}

func logicalLines(cell string) []logicalLine {
	var lines []logicalLine
	open := false
	for i, text := range strings.Split(strings.ReplaceAll(cell, "\r\n", "\n"), "\n") {
		continues := strings.HasSuffix(text, "\\") && !strings.HasSuffix(text, "\\\\")
		if continues {
			text = text[:len(text)-1]
		}
		if open {
			lines[len(lines)-1].text += " " + text
		} else {
			lines = append(lines, logicalLine{text: text, number: i + 1})
		}
		open = continues
	}
	if open {
		lines[len(lines)-1].text += "\\"
	}
	return lines
}

// Check says whether text can be run as it stands: an open quote or a trailing backslash wants more.
func (s *Session) Check(text string) Status {
	status := Complete
	for _, line := range logicalLines(text) {
		for _, words := range splitWords(line.text) {
			if len(words) > 0 && line.text[words[0].start] == '!' && s.options.Shell != nil {
				break
			}
			for _, w := range words {
				if w.open {
					return Incomplete
				}
			}
			if len(words) > 0 && lookup(s.commands, words[0].text) == nil {
				status = Invalid
			}
		}
	}
	return status
}
