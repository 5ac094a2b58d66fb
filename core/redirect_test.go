package core

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// asked is an Output that gives one answer to every question.
type asked struct {
	answer string
	shown  *[]string
	mark   string
}

func (a asked) Show(b display.Block) error {
	if text, ok := b.(*display.Text); ok {
		*a.shown = append(*a.shown, a.mark+text.Body)
	}
	return nil
}
func (a asked) Progress(display.Progress) {}
func (a asked) Ask(context.Context, string) (string, error) {
	if a.answer == "" {
		return "", ErrNoInput
	}
	return a.answer, nil
}

func TestRedirections(t *testing.T) {
	for _, test := range []struct{ line, answer, want string }{
		{"echo a", "", "a"},
		{"echo a > f", "", "[0 f]a"},
		{"echo a >f", "", "[0 f]a"},
		{"echo a >> f", "", "[1 f]a"},
		{"echo a >>f; echo b", "", "[1 f]a b"},
		{"echo a > 'two words'", "", "[0 two words]a"},
		{"echo a >'two words'", "", "[0 two words]a"},
		{"echo a | wc -l | cat", "", "[2 wc -l | cat]a"},
		{"echo a '|' b", "", "a | b"},
		{"echo a '>' b", "", "a > b"},
		{"echo a >= 3", "", "a >= 3"},
		{"echo a \\> b", "", "a > b"},
		{"echo a >", "", "error: > where to? A file or a program is missing"},
		{"echo a |", "", "error: | where to? A file or a program is missing"},
		{"echo a > f g", "", `error: unexpected word "g" after the file`},
		{"! ls -l; pwd", "", "! ls -l; pwd"},
		{"echo a; !ls 'b c'; d", "", "a !ls 'b c'; d"},
		{"!", "", "error: ! which program?"},
		{`echo "--where" > f`, "", "[0 f]--where"},
	} {
		if got := redirect(test.line, test.answer); got != test.want {
			t.Errorf("%s: %s, want %s", test.line, got, test.want)
		}
	}
}

// In --where, a comparison is a comparison unless the user says otherwise.
func TestRedirectionInWhere(t *testing.T) {
	s := New(Options{})
	for _, test := range []struct {
		line, answer string
		redirected   bool
	}{
		{"x --where tcplen > 0", "n", false},
		{"x --where tcplen > tcpseq", "n", false},
		{"x --where tcplen > big", "", false},
		{"x --where tcplen > big", "y", false},
		{"x --where tcplen > big", "n", true},
		{"x --where tcplen > big && true", "n", false},
		{"x --where tcplen | wc", "n", true},
		{"x --where 'tcplen > 0' > big", "", true},
		{"x --where='tcplen > 0' > big", "", true},
		{"x --where=tcplen > big", "", false},
		{"x --where 'tcplen' > 9", "n", false},
	} {
		words := splitWords(test.line)[0]
		s.options.Redirect = func(context.Context, Redirection, Output) (Redirect, error) { return Redirect{}, nil }
		_, r, err := s.redirected(context.Background(), test.line, words, asked{answer: test.answer})
		if err != nil || (r != nil) != test.redirected {
			t.Errorf("%s, answered %q: %v, %v", test.line, test.answer, r, err)
		}
	}
}

func redirect(line, answer string) string {
	var shown []string
	out := asked{answer: answer, shown: &shown}
	s := New(Options{
		Redirect: func(_ context.Context, r Redirection, _ Output) (Redirect, error) {
			return Redirect{Output: asked{shown: &shown, mark: fmt.Sprintf("[%d %s]", r.Kind, r.Target)}, Close: func(error) error { return nil }}, nil
		},
		Shell: func(_ context.Context, line string, _ Output) error { shown = append(shown, "!"+line); return nil },
	})
	err := s.Run(context.Background(), line, out)
	var e *LineError
	if errors.As(err, &e) {
		shown = append(shown, "error: "+e.Error())
	}
	return strings.Join(shown, " ")
}
