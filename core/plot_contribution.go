package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var contributionPlot = plotType{
	Name:    "contribution",
	Summary: "share of each subflow over time, one on top of the other",
	Help: `For each window of --window seconds, what part of the payload of one direction each subflow carried. Without a destination,
the direction with more payload. Where nothing was carried the chart is empty.`,
	Lacks: "no packet drawn here carries payload",
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return r.oneWay(ctx, analysis.Contribution)
	},
}
