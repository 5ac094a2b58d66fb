package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var throughputPlot = plotType{
	Name:    "tput",
	Summary: "throughput of each subflow and of the connection",
	Help: `TCP payload, retransmissions included, over windows of --window seconds (about a hundred windows, if none is given), counted
from the start of the capture. A point stands at the middle of its window.`,
	Streams: true,
	Lacks:   "no packet drawn here carries payload",
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return analysis.Throughput(ctx, r.Scope)
	},
}
