package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

var listConnectionsCommand = Command{
	Name:    "lc",
	Aliases: []string{"list_mptcp_connections", "list_connections", "lm", "list_mptcp"},
	Summary: "list the MPTCP connections",
	Help: `One row a connection, with Wireshark's mptcp.stream as its id. Bytes are application data, each byte counted once however
often it was sent. The verdict says whether the connection stayed MPTCP, and why not.`,
	Examples: []Example{{"lc", "list the connections of the current capture"}},
	Params:   listing(detailedOption),
	Run: func(_ context.Context, c *Call) error {
		l, err := c.Loaded()
		if err != nil {
			return err
		}
		return c.showTable(l, analysis.Connections(l.Trace))
	},
}

var listSubflowsCommand = Command{
	Name:    "ls",
	Aliases: []string{"list_subflows"},
	Summary: "list the subflows of a connection",
	Help: `The verdict on the connection, then one row a subflow, the initial one first. Bytes are TCP payload, retransmissions
included; a share is of what all subflows carried that way. With --all also the keys and tokens of both ends, interfaces,
and whether the HMACs of the joins verify.`,
	Examples: []Example{
		{"ls 0", "list the subflows of connection 0"},
		{"ls 0 --all", "with keys, tokens, interfaces and HMACs"},
	},
	Params: listing(connParam, Param{Name: "--all", Kind: Flag, Doc: "with what else is known of the ends and the subflows"}),
	Run: func(_ context.Context, c *Call) error {
		l, connection, err := c.Conn("CONNECTION")
		if err != nil {
			return err
		}
		if err := c.verdictText(analysis.Verdict(l.Trace, connection)); err != nil {
			return err
		}
		if !c.Has("--all") {
			return c.showTable(l, analysis.Subflows(l.Trace, connection))
		}
		if !c.machine() && !c.Has("--where") {
			if err := c.showTable(l, analysis.Endpoints(l.Trace, connection)); err != nil {
				return err
			}
		}
		return c.showTable(l, analysis.SubflowsInFull(l.Trace, connection))
	},
}

var listStreamsCommand = Command{
	Name:     "lt",
	Aliases:  []string{"list_tcp_connections", "list_tcp"},
	Summary:  "list the TCP streams",
	Help:     `One row a TCP stream, with Wireshark's tcp.stream as its id: subflows of MPTCP connections and plain TCP alike.`,
	Examples: []Example{{"lt", "list the TCP streams of the current capture"}},
	Params:   listing(detailedOption),
	Run: func(_ context.Context, c *Call) error {
		l, err := c.Loaded()
		if err != nil {
			return err
		}
		return c.answer(l, analysis.SharedStreams(l.Trace), analysis.Streams(l.Trace))
	},
}

// destWords names a direction in a subtitle.
func destWords(d stream.Dest) string {
	if d == stream.DestUnknown {
		return "both directions"
	}
	return "towards the " + d.End()
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
