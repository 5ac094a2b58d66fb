package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var goodputPlot = plotType{
	Name:    "gput",
	Summary: "goodput: data carried for the first time, and data acknowledged",
	Help: `As tput, without what was sent before: retransmissions and reinjections are left out, each byte of data counts for the
subflow that carried it first. The thin line is how fast DATA_ACKs acknowledge data.`,
	Streams: true,
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return analysis.Goodput(ctx, r.Scope)
	},
}
