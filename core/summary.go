package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
)

var summaryCommand = Command{
	Name:    "summary",
	Aliases: []string{"mptcp_summary"},
	Summary: "tell what each subflow of a connection carried",
	Help: `For each direction: the connection as a whole, then its subflows with their share. "Transferred" counts every byte sent,
"data" counts each application byte once, "reinjected" are bytes that another subflow had carried before.`,
	Examples: []Example{
		{"summary 0", "both directions of connection 0"},
		{"summary 0 Server", "only what travels to the server"},
	},
	Params: listing(connParam, destParam, destOption, fullOption),
	Run: func(_ context.Context, c *Call) error {
		l, connection, dest, err := c.subject()
		if err != nil {
			return err
		}
		if err := c.verdictText(analysis.Verdict(l.Trace, connection)); err != nil {
			return err
		}
		return c.showTable(l, analysis.Summary(l.Trace, connection, dest))
	},
}

var tcpSummaryCommand = Command{
	Name:    "tcp_summary",
	Summary: "tell what a TCP stream carried each way",
	Help: `For each direction of one TCP stream, subflow or plain: packets, payload bytes with retransmissions, the range of sequence
numbers they span, and what Wireshark's analysis flags count.`,
	Examples: []Example{
		{"tcp_summary 0", "both directions of TCP stream 0"},
		{"tcp_summary 0 Server", "only what travels to its server"},
	},
	Params: listing(streamParam, destParam, destOption, fullOption),
	Run: func(_ context.Context, c *Call) error {
		l, err := c.Loaded()
		if err != nil {
			return err
		}
		id, err := c.oneStream(l, "STREAM")
		if err != nil {
			return err
		}
		dest, err := c.Dest("DEST", "--dest")
		if err != nil {
			return err
		}
		return c.showTable(l, analysis.StreamSummary(l.Trace, &l.Trace.Streams[id], dest))
	},
}
