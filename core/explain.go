package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var explainCommand = Command{
	Name:    "explain",
	Summary: "tell what became of a connection, why, and what to look at next",
	Help: `The verdict first, with the packets that show it: MPTCP or not, since when and why; then what set the pace of the data, what
happened in order of time, and where to look next. Where this capture cannot show a cause, the answer says so and says which
capture could. With --tcp the question is about a TCP stream that is no subflow: why it is plain TCP.`,
	Examples: []Example{
		{"explain 0", "explain connection 0"},
		{"explain --tcp 2", "tell why TCP stream 2 is plain TCP"},
	},
	Params: listing(connParam,
		Param{Name: "--tcp", Kind: StreamID, Value: "STREAM", Doc: "explain a TCP stream instead of a connection"}),
	Run: runExplain,
}

func runExplain(ctx context.Context, c *Call) error {
	if c.Has("--tcp") {
		return c.explainStream()
	}
	l, connection, err := c.Conn("CONNECTION")
	if err != nil {
		return err
	}
	e, err := analysis.Explain(ctx, l.Trace, connection)
	if err != nil {
		return err
	}
	if c.machine() {
		return c.showTable(l, e.Found)
	}
	if err := c.told("", e.Verdict); err != nil {
		return err
	}
	if err := c.told("What set the pace", e.Pace); err != nil {
		return err
	}
	if err := c.showTable(l, e.Life); err != nil {
		return err
	}
	if err := c.told("To mend it", e.Cure); err != nil {
		return err
	}
	return c.stamped(l, e.Next) // what --where selects is of the life
}

// explainStream answers for a TCP stream: as a subflow it is explained with its connection.
func (c *Call) explainStream() error {
	l, err := c.Loaded()
	if err != nil {
		return err
	}
	if c.Has("CONNECTION") {
		return c.Misused("--tcp", "both a connection and a TCP stream are named: one question at a time")
	}
	id, err := c.oneStream(l, "--tcp")
	if err != nil {
		return err
	}
	if of := analysis.Subflow(l.Trace, id); of != nil {
		return c.Blame("--tcp", "TCP stream %d is a subflow: explain %d tells of its connection", id, of.ID)
	}
	_, sentence, found := analysis.ExplainStream(l.Trace, id)
	if c.machine() {
		return c.showTable(l, found)
	}
	return c.told("", sentence)
}

// told shows sentences, one a line, under a heading; nothing where there are none.
func (c *Call) told(heading, sentences string) error {
	if sentences == "" {
		return nil
	}
	return c.Show(&display.Text{Title: heading, Body: sentences})
}
