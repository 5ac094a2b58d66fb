package core

import (
	"context"
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Redirection is where an answer goes instead of the user: "lc > FILE", "lc >> FILE", "lc | PROGRAM".
type Redirection struct {
	Kind   RedirectionKind
	Target string // a file, or a line of the system's shell
}

// RedirectionKind says how.
type RedirectionKind uint8

// Kinds of redirections.
const (
	ToFile RedirectionKind = iota
	AppendFile
	ToProgram
)

// Redirect is an opened redirection.
type Redirect struct {
	Output
	// Close ends it: failed is the command's error, or nil. Its own error is the command's, where that had none.
	Close func(failed error) error
}

// redirected takes the redirection off a command's words; words come back as they are where there is none. Inside
// --where, whose comparisons look the same, the user is asked.
func (s *Session) redirected(ctx context.Context, line string, words []word, out Output) ([]word, *Redirection, error) {
	where, rest := false, false
	for i, w := range words {
		where = where || strings.HasPrefix(line[w.start:w.end], "--where")
		rest = rest || takesRest(line, words, i)
		r, used := redirectionAt(line, words, i)
		switch {
		case r == nil || where && compared(r) || rest && (len(words) > i+used || !s.meant(ctx, r, w, out)):
			continue
		case r.Target == "":
			return nil, nil, &LineError{Start: w.start, End: w.end, Message: fmt.Sprintf("%s where to? A file or a program is missing", w.text), Misuse: true}
		case i+used < len(words):
			return nil, nil, afterTarget(words[i+used])
		case s.options.Redirect == nil:
			return nil, nil, &LineError{Start: w.start, End: w.end, Message: "answers cannot be redirected here",
				Suggestion: s.options.Instead.Redirect, Misuse: true}
		}
		return words[:i], r, nil
	}
	return words, nil, nil
}

// takesRest says whether word i is a --where whose expression goes on to the end of the line: one that is not quoted.
func takesRest(line string, words []word, i int) bool {
	rest, glued := strings.CutPrefix(line[words[i].start:words[i].end], "--where=")
	if !glued {
		if words[i].text != "--where" || words[i].quoted || i+1 == len(words) {
			return false
		}
		rest = line[words[i+1].start:]
	}
	return !strings.HasPrefix(rest, "'") && !strings.HasPrefix(rest, `"`)
}

func afterTarget(w word) error {
	return &LineError{Start: w.start, End: w.end, Message: fmt.Sprintf("unexpected word %q after the file", w.text), Misuse: true}
}

// redirectionAt is the redirection that word i begins, and how many words it takes; nil if it begins none.
func redirectionAt(line string, words []word, i int) (r *Redirection, used int) {
	w := words[i]
	if w.text == "|" && !w.quoted {
		return &Redirection{Kind: ToProgram, Target: strings.TrimSpace(line[w.end:words[len(words)-1].end])}, len(words) - i
	}
	raw, r := line[w.start:w.end], &Redirection{}
	rest, found := strings.CutPrefix(raw, ">")
	if !found || strings.HasPrefix(rest, "=") {
		return nil, 0
	}
	if rest, found = strings.CutPrefix(rest, ">"); found {
		r.Kind = AppendFile
	}
	if rest != "" { // the file's name follows at once; w.text has it without its quotes
		r.Target = strings.TrimLeft(w.text, ">")
		return r, 1
	}
	if i+1 < len(words) {
		r.Target = words[i+1].text
	}
	return r, 2
}

// compared says whether what follows the sign is compared with, rather than a file's name.
func compared(r *Redirection) bool {
	return r.Target == "" || isNumber(r.Target) || trace.ColumnByName(r.Target) != nil
}

// meant asks whether what may be a comparison is a redirection. Where nobody can be asked, it is none.
func (s *Session) meant(ctx context.Context, r *Redirection, sign word, out Output) bool {
	if s.options.Redirect == nil {
		return false
	}
	answer, err := out.Ask(ctx, fmt.Sprintf("Is %q part of --where? [Y, or n: it says where the answer goes] ", sign.text+" "+r.Target))
	return err == nil && strings.HasPrefix(strings.ToLower(strings.TrimSpace(answer)), "n")
}

// runInto runs a command with its answer redirected.
func (s *Session) runInto(ctx context.Context, r *Redirection, out Output, run func(Output) error) error {
	to, err := s.options.Redirect(ctx, *r, out)
	if err != nil {
		return err
	}
	err = run(to)
	if closed := to.Close(err); err == nil {
		err = closed
	}
	return err
}

// runShell runs a line of the system's shell.
func (s *Session) runShell(ctx context.Context, line string, out Output) error {
	switch {
	case s.options.Shell == nil:
		return &LineError{Message: "programs cannot be run here", Misuse: true}
	case strings.TrimSpace(line) == "":
		return &LineError{Message: "! which program?", Misuse: true}
	}
	return s.options.Shell(ctx, line, out)
}
