package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var holPlot = plotType{
	Name:    "hol",
	Aliases: []string{"head_of_line"},
	Summary: "how long data waits at the receiver for a missing byte, and for which subflow",
	Help: `A dot for each piece of data that had to wait, at the time of its arrival: how long it took until every byte before it
had arrived, in the colour of the subflow that it waited for last. stalls gives the figures.`,
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return analysis.HeadOfLine(ctx, r.Scope)
	},
}
