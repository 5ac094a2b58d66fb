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
	Help: `One row a type, with the words that it takes after its name; those in brackets may be left out. A type may also be a column
of the packets that is a number: dsn, which stands first, and those behind the types.`,
	Examples: []Example{
		{"plots", "list the types"},
		{"plots tsg", "what its marks mean"},
	},
	Params: append([]Param{{Name: "TYPE", Kind: PlotType, Doc: "the type to explain"}}, listing()...),
	Run: func(_ context.Context, c *Call) error {
		name := c.Word("TYPE")
		if name == "" {
			return c.showTable(&Loaded{}, plotTable(plotRows()))
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

// plotRow is a row of the list: its cells.
type plotRow [4]string

// plotRows are what can be drawn: data sequence numbers, which is asked for most, the types, and the other columns.
func plotRows() []plotRow {
	var rows, others []plotRow
	for _, c := range plottableColumns() {
		row := plotRow{c.Name, c.Doc, usageOf(attributePlot.params(false)[:3]), "attr " + c.Name}
		if c.Name == "dsn" {
			rows = append(rows, row)
		} else {
			others = append(others, row)
		}
	}
	for _, p := range plotTypes() {
		rows = append(rows, plotRow{p.Name, p.Summary, p.words(), strings.Join(p.others(), ", ")})
	}
	return append(rows, others...)
}

// plotTable lists what can be drawn.
func plotTable(rows []plotRow) *display.Table {
	return &display.Table{
		Name: "plots", Title: "Types of charts", Rows: len(rows),
		Columns: []display.Column{
			{Key: "type", Head: "Type"},
			{Key: "summary", Head: "What it draws", Wide: true},
			{Key: "words", Head: "Words", Wide: true},
			{Key: "aliases", Head: "Also called", Wide: true},
		},
		Cell: func(row, col int) display.Value { return display.Str(rows[row][col]) },
		Open: func(row int) string { return "plots " + rows[row][0] },
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
