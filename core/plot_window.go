package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var windowPlot = plotType{
	Name:    "window",
	Summary: "receive windows, and how much is left to send",
	Help: `For each direction of data the windows that its receiver advertises on each subflow, scaled; windows of zero and segments
that fill a window are marked. The thin line is how much more the sender may send: the right edge granted less the highest
byte sent.`,
	Streams: true,
	Lacks:   "no end advertises a window for data here",
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return analysis.ReceiveWindow(ctx, r.Scope)
	},
}
