package core

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var helpCommand = Command{
	Name:    "help",
	Aliases: []string{"?"},
	Summary: "list the commands, or explain one",
	Help: `Without a word: every command with its summary. With a command's name: its usage, parameters and examples, as the
command's own option --help (or -h) tells them. With a topic's name (columns, where, json, units, ids): what is common to
several commands.`,
	Examples: []Example{
		{"help", "list the commands"},
		{"help plot", "explain plot"},
		{"help columns", "list the columns of packets"},
	},
	Params: []Param{{Name: "COMMAND", Kind: Topic, Doc: "the command or topic to explain"}},
	Run:    runHelp,
}

func runHelp(_ context.Context, c *Call) error {
	topic := c.Word("COMMAND")
	if topic == "" {
		if err := c.Show(commandTable(c.Session.commands)); err != nil {
			return err
		}
		return c.Show(topicsText())
	}
	command := lookup(c.Session.commands, topic)
	if about := findTopic(topic); command == nil && about != nil {
		for _, b := range about.answer() {
			if err := c.Show(b); err != nil {
				return err
			}
		}
		return nil
	}
	if command == nil {
		e := c.Misused("COMMAND", "no help on %q", topic)
		known := names(c.Session.commands)
		for _, t := range topics() {
			known = append(known, t.name)
		}
		e.Suggestion = cmp.Or(meant(topic, known), "help lists the commands")
		return e
	}
	return c.Show(helpText(command))
}

// names are every name that a command is called by.
func names(commands []*Command) []string {
	var all []string
	for _, c := range commands {
		all = append(all, c.Name)
		all = append(all, c.Aliases...)
	}
	return all
}

func commandTable(commands []*Command) *display.Table {
	return &display.Table{
		Name: "commands", Title: "Commands", Command: "help", Rows: len(commands),
		Columns: []display.Column{
			{Key: "command", Head: "Command"},
			{Key: "summary", Head: "What it does", Wide: true},
			{Key: "aliases", Head: "Also called", Wide: true},
		},
		Cell: func(row, col int) display.Value {
			switch col {
			case 0:
				return display.Str(commands[row].Name)
			case 1:
				return display.Str(commands[row].Summary)
			}
			return display.Str(strings.Join(commands[row].Aliases, ", "))
		},
		Open: func(row int) string { return "help " + commands[row].Name },
	}
}

// helpText explains one command: all of it is derived from the command's literal.
func helpText(c *Command) *display.Text {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n    %s\n", capital(c.Summary)+".", c.Usage())
	if len(c.Aliases) > 0 {
		fmt.Fprintf(&b, "\nAlso called: %s\n", strings.Join(c.Aliases, ", "))
	}
	fmt.Fprintf(&b, "\n%s\n", c.Help)
	writeParams(&b, "Arguments", c.Params, false)
	writeParams(&b, "Options", c.Params, true)
	if len(c.Examples) > 0 {
		b.WriteString("\nExamples\n")
		width := 0
		for _, e := range c.Examples {
			width = max(width, len(e.Line))
		}
		for _, e := range c.Examples {
			fmt.Fprintf(&b, "  %-*s  %s\n", width, e.Line, e.What)
		}
	}
	return &display.Text{Title: c.Name, Body: b.String(), Pre: true, Pager: true}
}

func writeParams(b *strings.Builder, title string, params []Param, options bool) {
	var rows [][2]string
	width := 0
	for i := range params {
		p := &params[i]
		if p.option() != options {
			continue
		}
		rows = append(rows, [2]string{p.Term(), p.Meaning()})
		width = max(width, len([]rune(p.Term())))
	}
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, r := range rows {
		fmt.Fprintf(b, "  %s%s  %s\n", r[0], strings.Repeat(" ", width-len([]rune(r[0]))), r[1])
	}
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Inspect gives the help for what stands at the cursor, a byte offset into text; false if there is none.
func (s *Session) Inspect(text string, cursor int) (display.Page, bool) {
	words, at, inside := wordsAround(text, max(0, min(cursor, len(text))))
	if len(words) == 0 {
		return nil, false
	}
	c := lookup(s.commands, words[0].text)
	if c == nil {
		return nil, false
	}
	if inside && at > 0 {
		for _, p := range s.paramsOf(c, words) {
			if p.Name == words[at].text || (p.Short != "" && p.Short == words[at].text) {
				return display.Page{&display.Text{Title: c.Name + " " + p.Name, Body: p.usage() + "\n\n" + capital(p.Doc) + ".", Pre: true}}, true
			}
		}
		if col := plottable(words[at].text); col != nil {
			return display.Page{&display.Text{Title: col.Name, Body: fmt.Sprintf("%s\n\n%s\nWireshark: %s", col.Label, col.Doc, col.Field), Pre: true}}, true
		}
	}
	return display.Page{helpText(c)}, true
}
