package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// Parameters that many commands have.
var (
	connParam      = Param{Name: "CONNECTION", Kind: ConnID, Doc: "mptcp.stream; not needed when there is only one"}
	destParam      = Param{Name: "DEST", Kind: Dest, Doc: "Client, Server or Both"}
	detailedOption = Param{Name: "--detailed", Kind: Flag, Doc: "accepted, as everything is shown"}
	fullOption     = Param{Name: "--full", Kind: Flag, Doc: "accepted, as everything is shown"}
	destOption     = Param{Name: "--dest", Kind: Dest, Value: "DEST", Repeat: true, Doc: "only what travels to this end: Client, Server or Both"}
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
		if err := c.showTable(l, analysis.Streams(l.Trace)); err != nil || c.machine() {
			return err
		}
		for _, text := range analysis.SharedStreams(l.Trace) {
			if err := c.Note("%s", text); err != nil {
				return err
			}
		}
		return nil
	},
}

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

// destWords names a direction in a subtitle.
func destWords(d stream.Dest) string {
	switch d {
	case stream.Client:
		return "towards the client"
	case stream.Server:
		return "towards the server"
	}
	return "both directions"
}
