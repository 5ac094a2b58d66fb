package program

import "strings"

// Parse understands the help that a program of ours prints, so that its manual page can be made of it:
//
//	Usage: NAME FORM
//	   or: NAME FORM            (or NAME FORM alone)
//
//	Prose. Its first sentence, up to an empty line, is the summary.
//
//	  -o, --output FILE  an option; deeper lines go on
//
//	Head:                       a section of entries, as those of the options, or of lines as they stand
//	  term  what it means
//
//	Head: prose.                a section
//
// What follows the first options and is none of these is a section of notes.
func Parse(name, version, help string) *Program {
	p := &Program{Name: name, Version: version}
	for _, paragraph := range strings.Split(strings.Trim(help, "\n"), "\n\n") {
		p.paragraph(strings.Split(strings.Trim(paragraph, "\n"), "\n"))
	}
	return p
}

func (p *Program) paragraph(lines []string) {
	head, rest, isSection := headOf(lines)
	switch {
	case strings.HasPrefix(lines[0], "Usage:"):
		p.usage(lines)
	case indented(lines) && isOption(lines[0]):
		p.Options = append(p.Options, entries(lines)...)
	case isSection:
		p.Sections = append(p.Sections, section(head, rest))
	case indented(lines):
		p.verbs(entries(lines))
	case p.Summary == "":
		summary, more, _ := strings.Cut(strings.Join(lines, " ")+" ", ". ")
		p.Summary, p.Intro = strings.TrimSpace(summary), strings.TrimSpace(more)
	case len(p.Options) == 0 && len(p.Sections) == 0:
		p.Intro = strings.TrimSpace(p.Intro + " " + strings.Join(lines, " "))
	default:
		p.Sections = append(p.Sections, Section{Head: "Notes", Text: strings.Join(lines, "\n")})
	}
}

// verbs takes a list of what the program can do, in which options may stand too.
func (p *Program) verbs(list []Entry) {
	s := Section{Head: "Commands"}
	for _, e := range list {
		if isOption(e.Term) {
			p.Options = append(p.Options, e)
		} else {
			s.Entries = append(s.Entries, e)
		}
	}
	p.Sections = append(p.Sections, s)
}

// usage takes the forms of the command line, and the summary that GNU's help has right below them.
func (p *Program) usage(lines []string) {
	for i, line := range lines {
		form := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(line), "Usage:"), "or:"))
		rest, ours := strings.CutPrefix(form, p.Name)
		if !ours {
			p.paragraph(lines[i:])
			return
		}
		p.Usage = append(p.Usage, strings.TrimSpace(rest))
	}
}

// mostHead is how many words the head of a section has at most: what is longer is a sentence with a colon in it.
const mostHead = 3

// headOf is the head of a section and what follows it.
func headOf(lines []string) (head string, rest []string, ok bool) {
	head, first, found := strings.Cut(lines[0], ":")
	capital := head != "" && head[0] >= 'A' && head[0] <= 'Z'
	if !found || !capital || head == "Usage" || len(strings.Fields(head)) > mostHead || first != "" && first[0] != ' ' {
		return "", nil, false
	}
	if first = strings.TrimSpace(first); first != "" {
		return head, append([]string{first}, lines[1:]...), true
	}
	return head, lines[1:], true
}

// section is one of entries, where every line is a term with its meaning or goes on with one; else of prose, or of lines
// as they stand.
func section(head string, lines []string) Section {
	if !indented(lines) {
		return Section{Head: head, Text: strings.Join(lines, "\n")}
	}
	return Section{Head: head, Entries: entries(lines)}
}

func indented(lines []string) bool {
	for _, line := range lines {
		if !strings.HasPrefix(line, "  ") {
			return false
		}
	}
	return len(lines) > 0
}

func isOption(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "-") }

// entries reads "  term  meaning" and lines that are indented deeper, which go on.
func entries(lines []string) []Entry {
	var list []Entry
	least := len(lines[0]) - len(strings.TrimLeft(lines[0], " "))
	for _, line := range lines {
		text := strings.TrimSpace(line)
		depth := len(line) - len(strings.TrimLeft(line, " "))
		if depth > least+4 && len(list) > 0 {
			last := &list[len(list)-1]
			last.What = strings.TrimSpace(last.What + " " + text)
			continue
		}
		term, what, _ := strings.Cut(text, "  ")
		list = append(list, Entry{Term: term, What: strings.TrimSpace(what)})
	}
	return list
}
