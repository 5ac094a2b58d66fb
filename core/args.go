package core

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// args are the words of a line, by the parameter they were given to.
type args map[string][]word

// parseArgs gives each word to a parameter. An optional positional is passed over when the word is not of its kind and
// a later positional takes it, so that `plot attr 0 Client dsn` and `plot attr 0 dsn` both read as meant.
// line is where the words come from.
func (s *Session) parseArgs(c *Command, line string, words []word) (args, *LineError) {
	params, given := c.Params, args{}
	next, options := 0, true
	for i := 0; i < len(words); i++ {
		w := words[i]
		if options && line[w.start:w.end] == "--" {
			options = false // as in a shell: what follows is none
			continue
		}
		if options && line[w.start] == '-' && len(w.text) > 1 && !isNumber(w.text) {
			used, err := given.option(c, params, line, words[i:])
			if err != nil {
				return nil, err
			}
			i += used
			continue
		}
		p, after := s.positional(params, next, w)
		if p == nil {
			return nil, wrongWord(c, params, w, expected(params, next, w), s.nearestValue(params, next, w))
		}
		given[p.Name] = append(given[p.Name], w)
		next = after
		if c.More != nil && p.Name == c.Params[0].Name && len(params) == len(c.Params) {
			params = append(params[:len(params):len(params)], c.More(w.text)...)
		}
	}
	if csv, json := given["--csv"], given["--json"]; csv != nil && json != nil {
		later := csv[0]
		if json[0].start > later.start {
			later = json[0]
		}
		return nil, wrongWord(c, params, later, "--csv and --json exclude each other", "")
	}
	for i := range params {
		if params[i].Required && given[params[i].Name] == nil {
			e := &LineError{Message: fmt.Sprintf("%s: %s is missing", c.Name, params[i].Name), Usage: c.usageWith(params), Misuse: true}
			if params[i].Kind == Capture {
				e.Suggestion = s.options.Instead.Open
			}
			return nil, e
		}
	}
	return given, nil
}

// option reads the option at words[0]; it returns how many further words it used.
func (given args) option(c *Command, params []Param, line string, words []word) (int, *LineError) {
	w := words[0]
	name, value, glued := strings.Cut(w.text, "=")
	for i := range params {
		p := &params[i]
		if !p.option() || (name != p.Name && name != p.Short) {
			continue
		}
		switch {
		case given[p.Name] != nil && !p.Repeat:
			return 0, wrongWord(c, params, w, name+" is given twice", "")
		case p.Kind == Flag && glued:
			return 0, wrongWord(c, params, w, name+" takes no value", "")
		case p.Kind == Flag:
			given[p.Name] = append(given[p.Name], w)
			return 0, nil
		case p.Kind == Expression:
			value, used := expression(line, words, glued)
			if value.text == "" {
				return 0, wrongWord(c, params, w, name+" needs an expression, as in "+name+" tcplen > 0", "")
			}
			given[p.Name] = append(given[p.Name], value)
			return used, nil
		case glued:
			given[p.Name] = append(given[p.Name], word{text: value, start: w.start + len(name) + 1, end: w.end, option: w.start})
			return 0, nil
		case len(words) < 2:
			return 0, wrongWord(c, params, w, name+" needs a value", "")
		}
		words[1].option = w.start
		given[p.Name] = append(given[p.Name], words[1])
		return 1, nil
	}
	if name == "--help" || name == "-h" {
		return 0, &LineError{help: true}
	}
	var known []string
	for i := range params {
		if params[i].option() {
			known = append(known, params[i].Name)
		}
	}
	e := wrongWord(c, params, w, fmt.Sprintf("unknown option %q", name), nearest(name, known))
	for _, f := range c.Former {
		if f.Option == name {
			e.Message, e.Suggestion = c.Name+": "+name+" is not taken", f.Instead
		}
	}
	return 0, e
}

// expression is the value of an option that takes the rest of the command, with its quotes, unless it begins with a quote:
// then it is that one word. It returns how many words after the option's own it used.
func expression(line string, words []word, glued bool) (value word, used int) {
	first := word{start: words[0].end, end: words[0].end}
	if glued {
		first.start += strings.IndexByte(line[words[0].start:], '=') + 1 - (words[0].end - words[0].start)
		_, first.text, _ = strings.Cut(words[0].text, "=")
	} else if len(words) > 1 {
		first, used = words[1], 1
	}
	first.option = words[0].start
	if first.start >= len(line) || line[first.start] == '\'' || line[first.start] == '"' {
		return first, used
	}
	used = len(words) - 1
	first.end = words[used].end
	first.text = line[first.start:first.end]
	return first, used
}

// positional finds the parameter for the word, from index next on, and the index to go on with.
func (s *Session) positional(params []Param, next int, w word) (*Param, int) {
	for i := next; i < len(params); i++ {
		p := &params[i]
		if p.option() {
			continue
		}
		if s.accepts(p, w) || (p.Required && !laterAccepts(s, params, i+1, w)) {
			if p.Repeat {
				return p, i
			}
			return p, i + 1
		}
	}
	return nil, next
}

func laterAccepts(s *Session, params []Param, from int, w word) bool {
	for i := from; i < len(params); i++ {
		if !params[i].option() && params[i].Kind != Text && s.accepts(&params[i], w) {
			return true
		}
	}
	return false
}

// accepts says whether the word has the form of the parameter's kind. Whether the thing exists is checked by its reader.
func (s *Session) accepts(p *Param, w word) bool {
	switch p.Kind {
	case ConnID, StreamID, PacketID:
		return isNumber(w.text)
	case Dest:
		_, ok := parseDest(w.text)
		return ok
	case Choice:
		return slices.Contains(p.Choices, w.text)
	case Field:
		return plottable(w.text) != nil
	case Held:
		return s.Capture(w.text) != nil
	case CaptureFile:
		return s.namesCapture(w.text)
	}
	return true
}

// namesCapture says whether a word is the name of a capture or of a file, which a number, a destination or a column is
// not: it is held, or has a dot, a slash or a backslash.
func (s *Session) namesCapture(text string) bool {
	if isNumber(text) {
		return false
	}
	return strings.ContainsAny(text, "./\\") || s.Capture(text) != nil
}

// expected says what was wanted where a word fits nowhere.
func expected(params []Param, next int, w word) string {
	var wanted []string
	for i := next; i < len(params); i++ {
		if p := &params[i]; !p.option() {
			wanted = append(wanted, p.Name+" ("+p.Doc+")")
			if p.Required {
				break
			}
		}
	}
	if len(wanted) == 0 {
		return fmt.Sprintf("unexpected word %q", w.text)
	}
	return fmt.Sprintf("%q is no %s", w.text, strings.Join(wanted, ", nor "))
}

// nearestValue is the word that one which fits nowhere was probably meant to be, or "".
func (s *Session) nearestValue(params []Param, next int, w word) string {
	var values []string
	for i := next; i < len(params); i++ {
		p := &params[i]
		if p.option() || !slices.Contains([]Kind{Dest, Choice, Field, Held}, p.Kind) {
			continue
		}
		for _, item := range s.valueItems(p, w) {
			values = append(values, item.Text)
		}
	}
	return nearest(w.text, values)
}

// wrongWord is the error that blames one word.
func wrongWord(c *Command, params []Param, w word, message, nearestName string) *LineError {
	e := &LineError{Start: w.start, End: w.end, Message: c.Name + ": " + message, Usage: c.usageWith(params), Misuse: true}
	if nearestName != "" {
		e.Suggestion = fmt.Sprintf("did you mean %s?", nearestName)
	}
	return e
}

// isNumber says whether s is a decimal number, with a sign or not.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// parseDest reads Client, Server or Both in any case; Both is DestUnknown.
func parseDest(s string) (stream.Dest, bool) {
	switch strings.ToLower(s) {
	case "client":
		return stream.Client, true
	case "server":
		return stream.Server, true
	case "both":
		return stream.DestUnknown, true
	}
	return stream.DestUnknown, false
}
