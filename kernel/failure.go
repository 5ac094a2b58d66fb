package kernel

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
)

// failure is an error as clients want it: a name, a value, and lines for people.
type failure struct {
	name, value string
	traceback   []string
}

// Colours of a traceback, which front ends show as a terminal does.
const (
	red   = "\x1b[31m"
	bold  = "\x1b[1m"
	faint = "\x1b[2m"
	plain = "\x1b[0m"
)

// failureOf explains an error of a cell: what is wrong, the line with the offending word marked, and the usage.
func failureOf(err error, cell string) failure {
	f := failure{name: "Error", value: err.Error()}
	var e *core.LineError
	switch located := errors.As(err, &e); {
	case errors.Is(err, context.Canceled):
		f.name, f.value = "Interrupted", "the command was interrupted"
	case located && e.Misuse:
		f.name = "UsageError"
	}
	f.traceback = []string{red + f.name + plain + ": " + f.value}
	if e == nil {
		return f
	}
	f.traceback = append(f.traceback, markedLine(e, cell)...)
	if e.Usage != "" {
		f.traceback = append(f.traceback, faint+"usage: "+plain+strings.TrimPrefix(e.Usage, "usage: "))
	}
	return f
}

// markedLine shows the line of an error; under a word that is wrong stand carets. The only line of a cell is not shown
// when no word of it is to blame.
func markedLine(e *core.LineError, cell string) []string {
	if strings.TrimSpace(e.Text) == "" || e.Start >= e.End && strings.TrimSpace(e.Text) == strings.TrimSpace(cell) {
		return nil
	}
	start, end := max(0, min(e.Start, len(e.Text))), max(0, min(e.End, len(e.Text)))
	head := fmt.Sprintf("line %d: ", e.Line)
	text := faint + head + plain
	if start >= end {
		return []string{text + e.Text}
	}
	before, word, after := e.Text[:start], e.Text[start:end], e.Text[end:]
	blank := strings.Repeat(" ", len(head)) + blanks(before)
	return []string{
		text + before + bold + red + word + plain + after,
		blank + red + strings.Repeat("^", max(1, utf8.RuneCountInString(word))) + plain,
	}
}

// blanks is as wide as text; a tab stays one.
func blanks(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, text)
}

// content is what an error message says.
func (f failure) content() map[string]any {
	return map[string]any{"ename": f.name, "evalue": f.value, "traceback": f.traceback}
}

// refusal is what the answer to a request says that was not done.
func (f failure) refusal() map[string]any {
	c := f.content()
	c["status"] = "error"
	return c
}

// reply is what the answer to a cell says.
func (f failure) reply(count int) map[string]any {
	c := f.refusal()
	c["execution_count"] = count
	c["payload"], c["user_expressions"] = []any{}, map[string]any{}
	return c
}
