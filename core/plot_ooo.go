package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var oooPlot = plotType{
	Name:    "ooo",
	Summary: "data held by the receiver, as a byte before it is missing",
	Help: `The receiver's reorder queue: bytes that arrived, on whichever subflow, ahead of one that had not. A line for all of it,
and one for what each subflow brought. Where the capture was not made at the receiver, data arrives with the ack or the
SACK block that covers it.`,
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return analysis.ReorderQueue(ctx, r.Scope)
	},
}
