package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
)

var issuesCommand = Command{
	Name:    "issues",
	Aliases: []string{"expert"},
	Summary: "list everything suspicious, the gravest first",
	Help: `The expert view: faulty frames and options, forged or changed values, fallbacks and refusals with their cause, unmapped and
reinjected data, zero windows, retransmissions. Each has its packet, the section of the RFC that it rests on, what it means,
and what to do. Of one kind that dissection reports, the first hundred are listed, and counted in full.`,
	Examples: []Example{
		{"issues", "everything suspicious in the current capture"},
		{"issues 0 --where severity != 'chat'", "what is grave in connection 0"},
	},
	Params: listing(someConn),
	Run: func(_ context.Context, c *Call) error {
		l, err := c.Loaded()
		if err != nil {
			return err
		}
		if !c.Has("CONNECTION") {
			return c.showTable(l, analysis.Issues(l.Trace, everyConn(l.Trace), true))
		}
		l, one, err := c.Conn("CONNECTION")
		if err != nil {
			return err
		}
		return c.showTable(l, analysis.Issues(l.Trace, []*conn.Conn{one}, false))
	},
}
