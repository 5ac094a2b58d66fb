// Package program is what a program of ours tells of itself: its help, shaped as GNU's, and its manual page. Both are
// made from the same facts, so that neither can lag behind.
//
//	p := program.Program{Name: "mptcpanalyzer", Summary: "…", Usage: []string{"[OPTION]... [FILE]"}, Flags: flags}
//	p.Help(os.Stdout, 80)
//	p.Manual(os.Stdout)
package program

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
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

// Help writes the help: synopsis, options, sections. Lines are broken between words to be no longer than width; 0 breaks
// none.
func (p *Program) Help(w io.Writer, width int) error {
	var b strings.Builder
	for i, form := range p.Usage {
		wrap(&b, []string{"Usage:", "  or: "}[min(i, 1)]+" "+p.Name+" "+form, 9, width)
	}
	wrap(&b, p.Summary+".", 0, width)
	if p.Intro != "" {
		wrap(&b, p.Intro, 0, width)
	}
	b.WriteString("\n")
	writeEntries(&b, Options(p.Flags), width)
	for _, s := range p.Sections {
		if s.Manual {
			continue
		}
		fmt.Fprintf(&b, "\n%s:\n", s.Head)
		if s.Text != "" {
			wrap(&b, s.Text, 0, width)
		}
		writeEntries(&b, s.Entries, width)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// widest is how wide terms are at most for their meaning to stand on the same line.
const widest = 26

// leastMeaning is how much room meanings need beside their terms; where there is less they stand below.
const leastMeaning = 24

func writeEntries(b *strings.Builder, list []Entry, width int) {
	column := 0
	for _, e := range list {
		if n := len([]rune(e.Term)); n <= widest {
			column = max(column, n)
		}
	}
	below := width > 0 && width < column+4+leastMeaning
	for _, e := range list {
		term, indent := "  "+e.Term, column+4
		if below {
			indent = 6
		}
		if n := len([]rune(e.Term)); !below && n <= column {
			wrap(b, term+strings.Repeat(" ", column+2-n)+e.What, indent, width)
			continue
		}
		wrap(b, term, 6, width)
		if e.What != "" {
			wrap(b, strings.Repeat(" ", indent)+e.What, indent, width)
		}
	}
}

// wrap writes a line, broken between words where it is longer than width.
func wrap(b *strings.Builder, line string, indent, width int) {
	for _, part := range text.Hang(line, indent, width) {
		b.WriteString(part + "\n")
	}
}

// Options are flags as entries: "-l, --load=FILE".
func Options(flags *pflag.FlagSet) []Entry {
	var entries []Entry
	flags.VisitAll(func(f *pflag.Flag) {
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
	roffEntries(&b, Options(p.Flags))
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
