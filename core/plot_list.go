package core

import (
	"context"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var plotsCommand = Command{
	Name:    "plots",
	Aliases: []string{"list_available_plots"},
	Summary: "list the types of charts, or explain one",
	Help: `One row a type, with the words that it takes after its name; those in brackets may be left out. Besides them every column
that is a number can be drawn (plot rwnd 0).`,
	Examples: []Example{
		{"plots", "list the types"},
		{"plots tsg", "what its marks mean"},
	},
	Params: append([]Param{{Name: "TYPE", Kind: PlotType, Doc: "the type to explain"}}, listing()...),
	Run: func(_ context.Context, c *Call) error {
		name := c.Word("TYPE")
		if name == "" {
			return c.showTable(&Loaded{}, plotTable(plotTypes()))
		}
		if p, _ := findPlot(name); p != nil {
			return c.Show(plotHelp(p))
		}
		if column := plottable(name); column != nil {
			return c.Show(&display.Text{Title: name, Body: column.Label + ": " + column.Doc + "."})
		}
		return c.unknownPlot("TYPE", name)
	},
}

// plotTable lists types of charts.
func plotTable(types []*plotType) *display.Table {
	return &display.Table{
		Name: "plots", Title: "Types of charts", Rows: len(types),
		Columns: []display.Column{
			{Key: "type", Head: "Type"},
			{Key: "summary", Head: "What it draws", Wide: true},
			{Key: "words", Head: "Words", Wide: true},
			{Key: "aliases", Head: "Also called", Wide: true},
		},
		Cell: func(row, col int) display.Value {
			switch p := types[row]; col {
			case 0:
				return display.Str(p.Name)
			case 1:
				return display.Str(p.Summary)
			case 2:
				return display.Str(p.words())
			default:
				return display.Str(strings.Join(p.others(), ", "))
			}
		},
		Open: func(row int) string { return "plots " + types[row].Name },
	}
}

// words is what stands after the type's name.
func (p *plotType) words() string {
	return usageOf(p.params(false))
}

// others are the type's further names, as upstream's generations had them.
func (p *plotType) others() []string {
	names := append([]string(nil), p.Aliases...)
	if p.Streams {
		names = append(names, "tcp_"+p.Name)
	}
	return names
}

// plotHelp explains one type.
func plotHelp(p *plotType) *display.Text {
	var b strings.Builder
	b.WriteString(capital(p.Summary) + ".\n\n    plot " + p.Name + " " + p.words() + "\n\n" + p.Help + "\n")
	if p.Streams {
		b.WriteString("\ntcp_" + p.Name + " draws one TCP stream instead of a connection.\n")
	}
	params := p.params(false)
	writeParams(&b, "Arguments", params, false)
	writeParams(&b, "Options", params, true)
	b.WriteString("\nOptions of every plot: help plot\n")
	return &display.Text{Title: "plot " + p.Name, Body: b.String(), Pre: true, Pager: true}
}
