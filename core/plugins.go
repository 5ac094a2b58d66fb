package core

import (
	"context"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

var pluginsCommand = Command{
	Name:    "plugins",
	Summary: "list the commands that plugins add",
	Help: `A plugin is a program called mptcpanalyzer-NAME on PATH or in the folder of the setting plugins. It becomes a command NAME,
and a type of plot where it draws one.`,
	Examples: []Example{{"plugins", "list them"}},
	Params:   listing(),
	Run: func(_ context.Context, c *Call) error {
		return c.showTable(&Loaded{}, pluginTable(c.Session.plugins()))
	},
}

// plugins are the commands that are not built in.
func (s *Session) plugins() []*Command {
	var found []*Command
	for _, c := range s.commands {
		if c.Origin != "" {
			found = append(found, c)
		}
	}
	return found
}

func pluginTable(plugins []*Command) *display.Table {
	return &display.Table{
		Name: "plugins", Title: "Plugins", Rows: len(plugins), Empty: "there is no plugin: a program mptcpanalyzer-NAME on PATH would be one",
		Columns: []display.Column{
			{Key: "name", Head: "Name"}, {Key: "kind", Head: "Kind"}, {Key: "summary", Head: "What it does", Wide: true}, {Key: "program", Head: "Program", Wide: true},
		},
		Cell: func(row, col int) display.Value {
			p := plugins[row]
			kind := "command"
			if p.Draws {
				kind = "plot"
			}
			return display.Str([]string{p.Name, kind, p.Summary, p.Origin}[col])
		},
		Open: func(row int) string { return "help " + plugins[row].Name },
	}
}

// withExtras appends the commands of others to the built-in ones. One whose name or alias is taken is left out: nothing
// built in can be shadowed.
func withExtras(commands, extras []*Command) []*Command {
	for _, c := range extras {
		free := lookup(commands, c.Name) == nil
		for _, a := range c.Aliases {
			free = free && lookup(commands, a) == nil
		}
		if free && c.Origin != "" {
			commands = append(commands, c)
		}
	}
	return commands
}

// drawn turns `plot NAME …`, where NAME is a plugin that draws, into `NAME …`.
func (s *Session) drawn(c *Command, words []word) (*Command, []word) {
	if c == &plotCommand && len(words) > 1 {
		if p := lookup(s.commands, words[1].text); p != nil && p.Draws {
			return p, words[1:]
		}
	}
	return c, words
}

// Selection is the packets that a command is about, for commands that are not built in: those of the connection or the
// TCP stream that the parameters name, of all where neither is given, for which --where holds. rows ascend; they are nil
// for every row.
func (c *Call) Selection(ctx context.Context, connParam, streamParam string) (l *Loaded, rows []uint32, err error) {
	if l, err = c.Loaded(); err != nil {
		return nil, nil, err
	}
	condition, err := c.packetsThat()
	if err != nil {
		return nil, nil, err
	}
	switch {
	case c.Has(connParam):
		_, connection, err := c.Conn(connParam)
		if err != nil {
			return nil, nil, err
		}
		rows = l.Trace.ConnRows(connection.ID)
	case c.Has(streamParam):
		if rows, err = c.streamRows(l, streamParam); err != nil {
			return nil, nil, err
		}
	}
	if condition != nil {
		rows, err = condition.Rows(ctx, l.Trace, rows)
	}
	return l, rows, err
}

// streamRows are the packets of the TCP stream that a parameter names.
func (c *Call) streamRows(l *Loaded, param string) ([]uint32, error) {
	id, err := c.oneStream(l, param)
	if err != nil {
		return nil, err
	}
	return l.Trace.StreamRows(id), nil
}

// PacketsWhere is the option --where over packets, for commands that are not built in.
func PacketsWhere() Param { return packetsWhere }

// PacketColumns are the names of the columns of packets.
func PacketColumns() []string {
	var names []string
	for _, c := range trace.Columns() {
		names = append(names, c.Name)
	}
	return names
}

// ShowPage shows an answer that was made elsewhere, stamped with the command and the capture. Options that its command has,
// --title, --out, --csv …, do to it what they do to built-in answers.
func (c *Call) ShowPage(source string, page display.Page) error {
	for _, b := range page {
		var err error
		switch b := b.(type) {
		case *display.Table:
			b.Command, b.Source, b.Form = c.Line, source, c.form() // --where was about the packets
			err = c.Show(b)
		case *display.Chart:
			b.Command = c.LineWithout("--out")
			b.Subtitle = joined(b.Subtitle, source)
			b.ID = strings.ReplaceAll(c.Command.Name, " ", "-")
			if title := c.Word("--title"); title == "none" {
				b.Title = ""
			} else if title != "" {
				b.Title = title
			}
			err = c.showChart(b)
		default:
			if !c.machine() {
				err = c.Show(b)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ListingParams are the options that commands with tables share, for commands that are not built in.
func ListingParams() []Param { return listing() }

// Numeral says whether a word is a number, and so no name of a plugin.
func Numeral(word string) bool { return isNumber(word) }
