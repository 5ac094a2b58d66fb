package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
)

var stallsCommand = Command{
	Name:    "stalls",
	Aliases: []string{"hol", "ooo"},
	Summary: "tell what held up the data of a connection",
	Help: `At the receiver: data that arrived ahead of a missing byte is held until that comes. The first table says what share of the
time anything was held, how long bytes waited from their arrival to their delivery in order, how much was held, and how
long the data ack of delivered data took. The second one says which subflow was waited for and why: its path is slow, or
it lost the byte, or another subflow had to bring it.
At the sender, from the first data to the last: window limited means that the receive window has no room for another full
segment; zero window that it was closed; idle that everything sent was acknowledged, the window had room and nothing was
sent, so that only the application can have been waited for. Only a capture at the sender shows that; from elsewhere it
is called silent, as what was sent may have been lost before. All sent means that data is on its way and its last segment was
not full: there too only the application can have been waited for.
plot ooo draws what was held, plot hol how long it waited.`,
	Examples: []Example{
		{"stalls 0", "both directions of connection 0"},
		{"stalls 0 Client --periods", "every period in which data to the client waited"},
	},
	Params: listing(connParam, destParam, destOption,
		Param{Name: "--periods", Kind: Flag, Doc: "list the periods in which data waited"}),
	Run: runStalls,
}

func runStalls(ctx context.Context, c *Call) error {
	l, connection, dest, err := c.subject()
	if err != nil {
		return err
	}
	s, err := analysis.NewStalls(ctx, l.Trace, connection)
	if err != nil {
		return err
	}
	if c.Has("--periods") {
		return c.showTable(l, s.PeriodTable(l.Trace, dest))
	}
	return c.answer(l, s.Notes(dest), s.Table(l.Trace, dest), s.WaitedForTable(l.Trace, dest))
}
