package core

import (
	"context"
	"strings"
)

// The generation written in Haskell had a command for each level, with options before the type:
// plot-tcp --out x.png attr FILE STREAM tcpSeq server.

var plotTCPCommand = Command{
	Name:     "plot_tcp",
	Summary:  "draw a chart of one TCP stream: plot tcp_TYPE",
	Help:     `The same as plot with tcp_ before the type: plot_tcp tsg 3 is plot tcp_tsg 3.`,
	Examples: []Example{{"plot_tcp tput 0", "the throughput of TCP stream 0"}},
	Params:   plotCommand.Params,
	Former:   formerPlotOptions,
	More:     func(first string) []Param { return plotParams(streamPlot(first)) },
	Run:      func(ctx context.Context, c *Call) error { return runPlot(ctx, c, streamPlot(c.Word("TYPE"))) },
}

var plotMPTCPCommand = Command{
	Name:     "plot_mptcp",
	Summary:  "draw a chart of a connection: plot TYPE",
	Help:     `The same as plot.`,
	Examples: []Example{{"plot_mptcp attr 0 dsn", "the data sequence numbers of connection 0"}},
	Params:   plotCommand.Params,
	Former:   formerPlotOptions,
	More:     plotCommand.More,
	Run:      func(ctx context.Context, c *Call) error { return runPlot(ctx, c, c.Word("TYPE")) },
}

// streamPlot is the name of a type as it is drawn of one TCP stream.
func streamPlot(name string) string {
	if strings.HasPrefix(name, "tcp_") {
		return name
	}
	return "tcp_" + name
}
