package core

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var plotCommand = Command{
	Name:    "plot",
	Summary: "draw a chart of a connection",
	Help: `Draws a chart, a colour for each subflow: solid towards the server, dashed towards the client. plots lists the types of
charts, each with its own words. TYPE may also be a column of the packets (plot dsn 0). A type's name with tcp_ before it
draws one TCP stream instead of a connection (plot tcp_tsg 3). A file given before the connection is drawn from without
being loaded first.`,
	Examples: []Example{
		{"plot dsn 0", "data sequence numbers of connection 0, both directions"},
		{"plot dsn 0 Server --with tput", "only what travels to the server, its throughput in a panel above"},
		{"plot attr 0 Client dsn", "the long form"},
		{"plot dsn 0 --from 1.2 --to 1.9", "a part of the time, more closely"},
		{"plot dsn 0 --out dsn.png", "write it to a file"},
		{"plot tcp_attr two-path-upload.client.pcapng 0 tcpseq", "from a file that is not loaded"},
	},
	Params: append([]Param{{Name: "TYPE", Kind: PlotType, Required: true, Doc: "what to draw: a type that plots lists, or a column: dsn, dack, tcpseq, rwnd …"}}, plotOptions...),
	Former: formerPlotOptions,
	More:   func(first string) []Param { return plotParams(first) },
	Run:    func(ctx context.Context, c *Call) error { return runPlot(ctx, c, c.Word("TYPE")) },
}

// formerPlotOptions are those of earlier generations that some or all types do not take.
var formerPlotOptions = []Former{
	{"--primary", "no clipboard is reached from here: --out FILE.png writes the picture, --display gui opens it"},
	{"--syndrop", "plot attr and tcp_attr have it; elsewhere --where 'bitand(tcpflags, 2) == 0' leaves out the packets that open a stream"},
	{"--goodput", "plot gput draws goodput, and plot tput --goodput is the same"},
	{"--skip-mptcp", "plot tput and gput have it: it leaves out the sum of all subflows"},
	{"--window-type", "plot tput and gput have it, for rates over windows; --window says how long these are"},
}

// plotOptions are the options that every type of chart has.
var plotOptions = []Param{
	destOption,
	{Name: "--skip", Kind: StreamID, Value: "TCPSTREAM", Repeat: true, Doc: "leave out this subflow"},
	{Name: "--from", Kind: Text, Value: "SECONDS", Repeat: true, Doc: "only from this time on, from the start of the capture; the last one counts"},
	{Name: "--to", Kind: Text, Value: "SECONDS", Repeat: true, Doc: "only up to this time; the last one counts"},
	packetsWhere,
	{Name: "--window", Short: "-w", Kind: Text, Value: "SECONDS", Doc: "take rates and shares over this time"},
	{Name: "--with", Kind: PlotType, Value: "TYPE", Repeat: true, Doc: "draw this type too, in a panel above on the same time axis"},
	{Name: "--cdf", Kind: Flag, Doc: "draw how the values are distributed, as the share of them up to each value"},
	{Name: "--bins", Kind: Text, Value: "N", Doc: "draw how the values are distributed, as a histogram of N bins; 0 draws them over time"},
	{Name: "--log", Kind: Flag, Doc: "draw how the values are distributed, on a logarithmic axis: as a histogram, or with --cdf"},
	{Name: "--time", Kind: Choice, Choices: []string{"relative", "absolute"}, Doc: "count time from the start of the capture, or show the time of day (UTC)"},
	{Name: "--raw", Kind: Flag, Doc: "sequence numbers as they stand in the packets, not counted from the first one"},
	{Name: "--style", Kind: Path, Value: "FILE", Repeat: true, Doc: "draw as this style file says, matplotlib's (.mplstyle) or INI; the last one wins; 0 to 3 are those of the settings, none is none"},
	{Name: "--title", Kind: Text, Value: "TEXT", Doc: "title of the chart; none takes it away"},
	{Name: "--out", Short: "-o", Kind: Path, Value: "FILE", Doc: "write the chart to a file, in the format that its extension says: .png .svg .pdf .html .csv .json .txt"},
	{Name: "--display", Kind: Choice, Choices: []string{"term", "gui", "no"}, Doc: "show the chart here, in a window, or not at all; here unless it is written to a file"},
}

// runPlot draws the type of that name and shows it as asked for.
func runPlot(ctx context.Context, c *Call, name string) error {
	request, err := c.plotRequest(ctx, name)
	if err != nil {
		return err
	}
	chart, err := request.draw(ctx)
	if err != nil {
		return err
	}
	for _, above := range c.Words("--with") {
		if err := request.addPanel(ctx, chart, above); err != nil {
			return err
		}
	}
	chart.Gather()
	request.stamp(chart)
	if err := c.applyStyles(ctx, chart); err != nil {
		return err
	}
	return c.showChart(chart)
}

// showChart writes the chart, shows it, or both.
func (c *Call) showChart(chart *display.Chart) error {
	out, where := c.Word("--out"), c.Word("--display")
	if out != "" {
		if err := c.Show(&display.File{Name: out, Chart: chart}); err != nil {
			return err
		}
	}
	switch {
	case where == "no" || where == "" && out != "":
		return nil
	case where == "gui":
		chart.Apart = true
	}
	return c.Show(chart)
}

// stamp gives a chart its command, its title as asked for, and an id that is the same whenever the command is.
func (r *plotRequest) stamp(chart *display.Chart) {
	chart.Command = r.LineWithout("--out")
	switch title := r.Word("--title"); {
	case title == "none":
		chart.Title = ""
	case title != "":
		chart.Title = title
	}
	chart.Subtitle = joined(r.directions(), chart.Subtitle, r.source)
	chart.X.Absolute = r.Word("--time") == "absolute"
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%s", r.source, chart.Command)
	chart.ID = fmt.Sprintf("%s-%x", r.name, h.Sum64())
}

// joined puts the parts of a subtitle together, without those that are empty.
func joined(parts ...string) string {
	kept := parts[:0:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}
