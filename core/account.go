package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
)

var accountCommand = Command{
	Name:    "account",
	Summary: "account for every byte of a connection",
	Help: `Sorts every payload byte, by subflow and direction, in the order of the capture; the sorts add up to the payload. Unique:
data that no packet had carried before; a SYN's (TCP Fast Open) and what a connection's only subflow carried without a
mapping are data too. Unmapped: no mapping, and several subflows, so that it cannot be told which data it is. Timeout, fast,
spurious: sent again by TCP on the same subflow. Fast: the other end had acknowledged, or reported by SACK, a segment sent
later, or had sent three duplicate acks. Spurious: it was not needed: reported as a duplicate (D-SACK), or acknowledged
before, or the ack that covers it echoes an earlier timestamp (Eifel). Timeout: no sign of loss came before it, so that a
timer did it. Copies: the same packet seen twice. Repeated: MPTCP sent the data again and chose the same subflow. Reinjected:
another subflow had carried the data before; caused is the same, counted at that other subflow. Options and headers are
counted without link layer and tunnels; useful is the unique data in all IP bytes. A capture at the receiver does not see
what was lost on the way there.`,
	Examples: []Example{
		{"account 0", "both directions of connection 0"},
		{"account 0 Server --segments", "every segment towards the server that carried bytes again, and why"},
	},
	Params: listing(connParam, destParam, destOption,
		Param{Name: "--segments", Kind: Flag, Doc: "list the segments that carried bytes again"}),
	Run: runAccount,
}

func runAccount(ctx context.Context, c *Call) error {
	l, connection, dest, err := c.subject()
	if err != nil {
		return err
	}
	a, err := analysis.NewAccount(ctx, l.Trace, connection)
	if err != nil {
		return err
	}
	if c.Has("--segments") {
		return c.showTable(l, a.SegmentTable(l.Trace, dest))
	}
	return c.answer(l, a.Notes(dest), a.Table(l.Trace, dest), a.ReinjectionTable(l.Trace, dest))
}
