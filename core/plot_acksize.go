package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var ackSizePlot = plotType{
	Name:    "acksize",
	Summary: "how many bytes each data ack acknowledges for the first time",
	Help: `A dot a DATA_ACK that advances, in the colour of the subflow that carries it. The destination is that of the data. Large
steps mean that data waited at the receiver for something that was missing.`,
	Streams: true,
	Lacks:   "no DATA_ACK advances here; tcp_acksize draws the acks of a subflow",
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return analysis.AckSizes(ctx, r.Scope)
	},
}
