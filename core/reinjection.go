package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
)

var listReinjectionsCommand = Command{
	Name:    "lr",
	Aliases: []string{"list_reinjections"},
	Summary: "list the reinjections of a connection",
	Help: `One row a packet that carries bytes which another subflow had carried before, with the packets that did. "Reinjected" are the
bytes that its own subflow had not carried: 0 of a retransmission, which is listed if another subflow carried its bytes in between,
as Wireshark takes it for a reinjection. Packets are numbered among the TCP packets, from 1.
Wireshark forgets a packet when the same bytes are sent again on its subflow; here all of them are named.`,
	Examples: []Example{
		{"lr 0", "list the reinjections of connection 0"},
		{"lr 0 --summary", "count them by the subflows involved, without retransmissions"},
		{"lr 0 --where reinjected > 0", "without retransmissions"},
		{"lr 0 Server --csv", "only those towards the server, for another program"},
	},
	Params: listing(connParam, destParam, destOption,
		Param{Name: "--summary", Kind: Flag, Doc: "only counts, by direction and subflows"}),
	Run: func(ctx context.Context, c *Call) error {
		l, connection, dest, err := c.subject()
		if err != nil {
			return err
		}
		list := analysis.Reinjections
		if c.Has("--summary") {
			list = analysis.ReinjectionSummary
		}
		t, err := list(ctx, l.Trace, connection, dest)
		if err != nil {
			return err
		}
		return c.showTable(l, t)
	},
}
