package core

import (
	"context"
	"fmt"
	"hash/fnv"
	"path"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// plotType is one kind of chart.
type plotType struct {
	Name    string
	Aliases []string
	Summary string
	Params  []Param
	Draw    func(ctx context.Context, c *Call) (*display.Chart, error)
}

// plotTypes is the ordered list of charts. Besides them, every plottable column is a type of its own.
func plotTypes() []plotType {
	return []plotType{attributePlot}
}

var attributePlot = plotType{
	Name:    "attr",
	Aliases: []string{"mptcp_attr", "misc"},
	Summary: "a column over time, for each subflow",
	Params: []Param{
		connParam,
		destParam,
		{Name: "FIELD", Kind: Field, Required: true, Doc: "the column to draw"},
	},
	Draw: func(ctx context.Context, c *Call) (*display.Chart, error) {
		return c.drawAttribute(ctx, c.Word("FIELD"))
	},
}

// columnParams are the parameters of `plot FIELD`.
var columnParams = []Param{
	connParam,
	destParam,
}

var plotCommand = Command{
	Name:    "plot",
	Summary: "draw a chart of a connection",
	Help: `Draws an attribute of the packets over time, a colour for each subflow: solid towards the server, dashed towards the client.
TYPE is attr, or the column itself (plot dsn 0). Sequence numbers are drawn as spans from the first to the last byte,
data that another subflow had carried before as ◆ in that subflow's colour.`,
	Examples: []Example{
		{"plot dsn 0", "data sequence numbers of connection 0, both directions"},
		{"plot dsn 0 Server", "only what travels to the server"},
		{"plot attr 0 Client dsn", "the long form"},
		{"plot dsn 0 --from 1.2 --to 1.9", "a part of the time, more closely"},
		{"plot dsn 0 --out dsn.png", "write it to a file"},
	},
	Params: []Param{
		{Name: "TYPE", Kind: PlotType, Required: true, Doc: "attr, or a column: dsn, dack, tcpseq, rwnd …"},
		destOption,
		{Name: "--skip", Kind: StreamID, Value: "TCPSTREAM", Repeat: true, Doc: "leave out this subflow"},
		{Name: "--from", Kind: Text, Value: "SECONDS", Repeat: true, Doc: "only from this time on, from the start of the capture; the last one counts"},
		{Name: "--to", Kind: Text, Value: "SECONDS", Repeat: true, Doc: "only up to this time; the last one counts"},
		{Name: "--title", Kind: Text, Value: "TEXT", Doc: "title of the chart; none takes it away"},
		{Name: "--out", Short: "-o", Kind: Path, Value: "FILE", Doc: "write the chart to a file, in the format that its extension says"},
	},
	More: func(first string) []Param {
		if p := findPlot(first); p != nil {
			return p.Params
		}
		return columnParams
	},
	Run: runPlot,
}

func findPlot(name string) *plotType {
	name = strings.ReplaceAll(name, "-", "_")
	types := plotTypes()
	for i := range types {
		if types[i].Name == name {
			return &types[i]
		}
		for _, a := range types[i].Aliases {
			if a == name {
				return &types[i]
			}
		}
	}
	return nil
}

// plotNames are the words that may follow plot.
func plotNames() []string {
	var all []string
	for _, p := range plotTypes() {
		all = append(all, p.Name)
	}
	for _, c := range plottableColumns() {
		all = append(all, c.Name)
	}
	return all
}

func plottableColumns() []*trace.Column {
	var found []*trace.Column
	columns := trace.Columns()
	for i := range columns {
		if c := plottable(columns[i].Name); c != nil {
			found = append(found, c)
		}
	}
	return found
}

func runPlot(ctx context.Context, c *Call) error {
	draw, err := c.plotOf(c.Word("TYPE"))
	if err != nil {
		return err
	}
	chart, err := draw(ctx, c)
	if err != nil {
		return err
	}
	c.stamp(chart)
	if name := c.Word("--out"); name != "" {
		return c.Show(&display.File{Name: name, Chart: chart})
	}
	return c.Show(chart)
}

// plotOf finds how to draw the type that was asked for.
func (c *Call) plotOf(name string) (func(context.Context, *Call) (*display.Chart, error), error) {
	if p := findPlot(name); p != nil {
		return p.Draw, nil
	}
	if plottable(name) != nil {
		return func(ctx context.Context, c *Call) (*display.Chart, error) { return c.drawAttribute(ctx, name) }, nil
	}
	what := "unknown type or field"
	if trace.ColumnByName(name) != nil {
		what = "not a number to plot:"
	}
	e := c.Misused("TYPE", "%s %q", what, name)
	if n := nearest(name, plotNames()); n != "" {
		e.Suggestion = fmt.Sprintf("did you mean %s? (plottable: %s)", n, strings.Join(plotNames(), ", "))
	} else {
		e.Suggestion = "plottable: " + strings.Join(plotNames(), ", ")
	}
	return nil, e
}

func (c *Call) drawAttribute(ctx context.Context, field string) (*display.Chart, error) {
	l, connection, err := c.Conn("CONNECTION")
	if err != nil {
		return nil, err
	}
	dest, err := c.Dest("DEST", "--dest")
	if err != nil {
		return nil, err
	}
	skip, err := c.Streams("--skip", connection)
	if err != nil {
		return nil, err
	}
	window, err := c.window(l)
	if err != nil {
		return nil, err
	}
	chart, err := analysis.Attribute(ctx, l.Trace, connection, analysis.View{Column: plottable(field), Dest: dest, Skip: skip, Window: window})
	if err != nil {
		return nil, err
	}
	chart.Subtitle = destWords(dest) + " · " + l.Name
	return chart, nil
}

// stamp gives a chart its command, its title as asked for, and an id that is the same whenever the command is.
func (c *Call) stamp(chart *display.Chart) {
	chart.Command = c.LineWithout("--out")
	switch title := c.Word("--title"); {
	case title == "none":
		chart.Title = ""
	case title != "":
		chart.Title = title
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%s", c.Session.Current(), chart.Command)
	chart.ID = fmt.Sprintf("%s-%x", strings.Trim(path.Base(c.Word("TYPE")), "."), h.Sum64())
}
