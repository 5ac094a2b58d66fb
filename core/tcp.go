package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
)

var tcpSummaryCommand = Command{
	Name:    "tcp_summary",
	Summary: "tell what a TCP stream carried each way",
	Help: `For each direction of one TCP stream, subflow or plain: packets, payload bytes with retransmissions, the range of sequence
numbers they span, and what Wireshark's analysis flags count.`,
	Examples: []Example{
		{"tcp_summary 0", "both directions of TCP stream 0"},
		{"tcp_summary 0 Server", "only what travels to its server"},
	},
	Params: listing(streamParam, destParam, destOption,
		fullOption),
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

var interfacesCommand = Command{
	Name:     "li",
	Aliases:  []string{"list_interfaces"},
	Summary:  "list the interfaces of the capture",
	Help:     `One row an interface of the current capture, with what was seen on it. A pcap file has one, without a name.`,
	Examples: []Example{{"li", "list them"}},
	Params:   listing(),
	Run: func(_ context.Context, c *Call) error {
		l, err := c.Loaded()
		if err != nil {
			return err
		}
		return c.showTable(l, analysis.Interfaces(l.Trace))
	},
}
