package where

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"
)

// maxLength bounds an expression in bytes, and with it how deep it can nest.
const maxLength = 1 << 14

// source is an expression being compiled. Locations of its tokens are offsets in runes, errors are in bytes.
type source struct {
	text   string
	offset []int         // byte offset of each rune, and the length
	tokens []lexer.Token // the last is the end
}

// parse reads the expression.
func parse(text string) (*source, *node, *Error) {
	s := &source{text: text}
	for i := range text {
		s.offset = append(s.offset, i)
	}
	s.offset = append(s.offset, len(text))
	switch {
	case len(text) > maxLength:
		return nil, nil, &Error{End: len(text), Message: fmt.Sprintf("the expression is longer than %d bytes", maxLength)}
	case !utf8.ValidString(text):
		return nil, nil, &Error{End: len(text), Message: "the expression is not valid UTF-8"}
	}
	tokens, err := lexer.Lex(file.NewSource(text))
	if err != nil {
		return nil, nil, s.lexical(err)
	}
	if len(tokens) == 1 { // comments are nothing
		return nil, nil, &Error{End: len(text), Message: "the expression is empty", Suggestion: "as in tcplen > 0"}
	}
	s.tokens = tokens
	root, wrong := s.tree()
	return s, root, wrong
}

// errorAt blames the runes from…to.
func (s *source) errorAt(from, to int, format string, a ...any) *Error {
	last := len(s.offset) - 1
	from, to = min(max(from, 0), last), min(max(to, 0), last)
	return &Error{Start: s.offset[from], End: s.offset[max(from, to)], Message: fmt.Sprintf(format, a...)}
}

// lexical explains characters that make no word.
func (s *source) lexical(err error) *Error {
	var f *file.Error
	if !errors.As(err, &f) {
		return &Error{End: len(s.text), Message: err.Error()}
	}
	switch {
	case strings.HasPrefix(f.Message, "bad number"):
		return s.badNumber(f.From)
	case strings.HasPrefix(f.Message, "literal not terminated"):
		e := s.errorAt(0, len(s.offset), "a quote is not closed")
		e.Start = openQuote(s.text)
		return e
	}
	return s.errorAt(f.From, f.To, "%s", f.Message)
}

// badNumber explains a word that begins as a number and is none, at a rune of it.
func (s *source) badNumber(at int) *Error {
	runes := []rune(s.text)
	from := min(at, len(runes)-1)
	for from > 0 && isWord(runes[from-1]) {
		from--
	}
	to := from
	for to < len(runes) && isWord(runes[to]) {
		to++
	}
	word := string(runes[from:to])
	e := s.errorAt(from, to, "%q is no number", word)
	if strings.Count(word, ".") > 1 || strings.Contains(word, ":") {
		e.Suggestion = fmt.Sprintf("an address stands in quotes, as in ipsrc == %q", word)
	} else {
		e.Suggestion = fmt.Sprintf("a text or a time stands in quotes, as in reltime > %q", word)
	}
	return e
}

// openQuote is where the quote begins that is not closed.
func openQuote(text string) int {
	at, quote := 0, byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote == 0 && strings.IndexByte("'\"`", c) >= 0:
			at, quote = i, c
		case c == '\\' && quote != '`':
			i++
		case c == quote:
			quote = 0
		}
	}
	return at
}

func isWord(r rune) bool {
	return r == '.' || r == ':' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// habits are words of other languages, and what they are here.
var habits = map[string]string{
	"=": "equality is ==", "AND": "it is written and, or &&", "OR": "it is written or, or ||", "NOT": "it is written not, or !",
	"&": "both is &&, bits are bitand(tcpflags, 2)", "|": "either is ||", "IS": "absence is == nil",
	"is": "absence is == nil", "LIKE": `as in ipsrc contains "10.0."`, "like": `as in ipsrc contains "10.0."`,
}

// unexpected explains a token that cannot stand where it stands.
func (s *source) unexpected(at int) *Error {
	for i := at; i >= max(0, at-2); i-- { // a word before may be the cause
		t := s.tokens[i]
		if hint := habits[t.Value]; hint != "" && t.Kind != lexer.String {
			e := s.errorAt(t.From, t.To, "unexpected %q", t.Value)
			e.Suggestion = hint
			return e
		}
	}
	t := s.tokens[at]
	switch {
	case t.Kind == lexer.EOF:
		t = s.tokens[at-1]
		return s.errorAt(t.From, t.To, "the expression ends after %q: something is missing", t.Value)
	case at > 0 && s.tokens[at-1].To == t.From && (t.Kind == lexer.Number || t.Value == ".") && s.tokens[at-1].Kind == lexer.Number:
		return s.badNumber(t.From)
	case at > 0 && t.Value == ">" && s.tokens[at-1].Value == "<":
		e := s.errorAt(s.tokens[at-1].From, t.To, "unexpected \"<>\"")
		e.Suggestion = "it is written !="
		return e
	}
	if slices.Contains([]string{"let", "if", "else", "?", "?.", "#", "{", ";"}, t.Value) && t.Kind != lexer.String {
		return s.errorAt(t.From, t.To, "variables, maps, closures and choices have no place in a filter")
	}
	return s.errorAt(t.From, t.To, "unexpected %q", t.Value)
}
