package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var flightPlot = plotType{
	Name:    "flight",
	Summary: "bytes in flight, of each subflow and of the connection, and the receive window",
	Help: `A subflow's bytes are in flight from the packet that carries them until a TCP ack covers them, the connection's until a
DATA_ACK does. The dotted line is what the receiver allows to be in flight: it counts from the data ack.`,
	Streams: true,
	Lacks:   "no packet drawn here carries payload",
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return analysis.Flight(ctx, r.Scope)
	},
}
