// Package program is what a program of ours tells of itself: its help, shaped as GNU's, and its manual page. Both are
// made from the same facts, so that neither can lag behind.
//
//	p := program.Program{Name: "mptcpanalyzer", Summary: "…", Usage: []string{"[OPTION]... [FILE]"}, Flags: flags}
//	p.Help(os.Stdout)
//	p.Manual(os.Stdout)
package program

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// Program is what is told.
type Program struct {
	Name    string
	Summary string   // one line, no full stop
	Usage   []string // what follows the name, a form a line
	Intro   string   // a paragraph, or ""
	Flags   *pflag.FlagSet
	// Sections follow the options.
	Sections []Section
	Version  string
}

// Section is a part with a head of its own.
type Section struct {
	Head    string
	Text    string // prose, before the entries
	Entries []Entry
	// Manual sections stand in the manual page only.
	Manual bool
}

// Entry is a term and what it means.
type Entry struct {
	Term string
	What string // one line
	More string // further prose, for the manual page only
}

// Help writes the help: synopsis, options, sections.
func (p *Program) Help(w io.Writer) error {
	var b strings.Builder
	for i, form := range p.Usage {
		fmt.Fprintf(&b, "%s %s %s\n", []string{"Usage:", "  or: "}[min(i, 1)], p.Name, form)
	}
	fmt.Fprintf(&b, "%s.\n", p.Summary)
	if p.Intro != "" {
		fmt.Fprintf(&b, "%s\n", p.Intro)
	}
	b.WriteString("\n")
	writeEntries(&b, p.options())
	for _, s := range p.Sections {
		if s.Manual {
			continue
		}
		fmt.Fprintf(&b, "\n%s:\n", s.Head)
		if s.Text != "" {
			fmt.Fprintf(&b, "%s\n", s.Text)
		}
		writeEntries(&b, s.Entries)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// widest is how wide terms are at most for their meaning to stand on the same line.
const widest = 26

func writeEntries(b *strings.Builder, entries []Entry) {
	width := 0
	for _, e := range entries {
		if n := len([]rune(e.Term)); n <= widest {
			width = max(width, n)
		}
	}
	for _, e := range entries {
		n := len([]rune(e.Term))
		if n > width {
			fmt.Fprintf(b, "  %s\n", e.Term)
			n = 0
			fmt.Fprint(b, "  ")
		} else {
			fmt.Fprintf(b, "  %s", e.Term)
		}
		fmt.Fprintf(b, "%s  %s\n", strings.Repeat(" ", width-n), e.What)
	}
}

// options are the flags as entries: "-l, --load=FILE".
func (p *Program) options() []Entry {
	var entries []Entry
	p.Flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, what := pflag.UnquoteUsage(f)
		term := "    --" + f.Name
		if f.Shorthand != "" {
			term = "-" + f.Shorthand + ", --" + f.Name
		}
		if value != "" && f.NoOptDefVal == "" {
			term += "=" + value
		}
		entries = append(entries, Entry{Term: term, What: what})
	})
	return entries
}

// Manual writes the manual page, section 1, for man(7).
func (p *Program) Manual(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"%s %s\" \"User Commands\"\n", strings.ToUpper(p.Name), p.Name, roff(p.Version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n.SH SYNOPSIS\n", p.Name, roff(uncapital(p.Summary)))
	for i, form := range p.Usage {
		if i > 0 {
			b.WriteString(".br\n")
		}
		fmt.Fprintf(&b, ".B %s\n%s\n", p.Name, roff(form))
	}
	fmt.Fprintf(&b, ".SH DESCRIPTION\n%s.\n", roff(p.Summary))
	if p.Intro != "" {
		fmt.Fprintf(&b, ".PP\n%s\n", roff(p.Intro))
	}
	b.WriteString(".SH OPTIONS\n")
	roffEntries(&b, p.options())
	for _, s := range p.Sections {
		fmt.Fprintf(&b, ".SH %s\n", roff(strings.ToUpper(s.Head)))
		if s.Text != "" {
			fmt.Fprintf(&b, "%s\n", roff(s.Text))
		}
		roffEntries(&b, s.Entries)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func roffEntries(b *strings.Builder, entries []Entry) {
	for _, e := range entries {
		fmt.Fprintf(b, ".TP\n\\fB%s\\fR\n%s\n", roff(strings.TrimSpace(e.Term)), roff(e.What))
		for _, paragraph := range strings.Split(e.More, "\n\n") {
			if paragraph = strings.Trim(paragraph, "\n"); paragraph == "" {
				continue
			}
			if strings.HasPrefix(paragraph, " ") {
				fmt.Fprintf(b, ".IP\n.nf\n%s\n.fi\n", roff(paragraph))
				continue
			}
			fmt.Fprintf(b, ".IP\n%s\n", roff(paragraph))
		}
	}
}

// roff writes text so that no character of it is a command to the formatter.
func roff(s string) string {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\e`), "-", `\-`), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

func uncapital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
