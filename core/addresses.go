package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var addressesCommand = Command{
	Name:    "addresses",
	Aliases: []string{"pm"},
	Summary: "tell what the path managers did: addresses, joins, priorities, handovers",
	Help: `Events by the names that "ip mptcp monitor" gives to them, each announced address with its echo and the join that it led to,
each join with its latency and its outcome, and the handovers with the gap in delivery. What was refused or never answered
says why. With --csv, --json or --where only the events are listed; --table chooses another of the tables.`,
	Examples: []Example{
		{"addresses 0", "the path managers' story of connection 0"},
		{"pm 0 --table joins --csv", "its joins, for machines"},
	},
	Params: listing(connParam,
		Param{Name: "--table", Kind: Choice, Value: "TABLE", Choices: []string{"events", "announced", "joins", "handovers"},
			Doc: "only one table: events, announced, joins or handovers"}),
	Run: runAddresses,
}

func runAddresses(_ context.Context, c *Call) error {
	l, connection, err := c.Conn("CONNECTION")
	if err != nil {
		return err
	}
	m := analysis.Manage(l.Trace, connection)
	tables := []struct {
		name string
		make func() *display.Table
	}{{"events", m.EventTable}, {"announced", m.AnnouncedTable}, {"joins", m.JoinTable}, {"handovers", m.HandoverTable}}
	only := c.Word("--table")
	if only == "" && (c.machine() || c.Has("--where")) {
		only = "events"
	}
	shown := 0
	for _, t := range tables {
		if only != "" && only != t.name {
			continue
		}
		shown++
		if err := c.showTable(l, t.make()); err != nil {
			return err
		}
	}
	if shown == 0 {
		return c.Misused("--table", "%q is no table (events, announced, joins, handovers)", only)
	}
	return nil
}
