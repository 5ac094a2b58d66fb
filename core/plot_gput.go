package core

import (
	"context"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var goodputPlot = plotType{
	Name:    "gput",
	Summary: "goodput: data carried for the first time, and data acknowledged",
	Help: `As tput, without what was sent before: retransmissions and reinjections are left out, each byte of data counts for the
subflow that carried it first. The thin line is how fast DATA_ACKs acknowledge data. With a second capture (plot gput FILE 0
OTHERFILE 0, or --against), data counts when it arrives, for the subflow that brings it first.`,
	Streams: true,
	Lacks:   "no data with a data sequence number is carried here; tcp_gput draws a subflow by its own numbers",
	Params:  slices.Concat([]Param{otherFileParam, otherConnParam, destLastParam, againstParam}, clockParams, rateParams),
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return r.rates(func() (*display.Chart, error) {
			if r.Has("OTHERFILE") || r.Has("--against") {
				return r.receivedGoodput(ctx)
			}
			return analysis.Goodput(ctx, r.Scope)
		})
	},
}
