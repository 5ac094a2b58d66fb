package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var rttPlot = plotType{
	Name:    "rtt",
	Summary: "round trip times, from segment to ack and from data to data ack",
	Help: `A dot an ack: the time since the last segment that it covers was sent, as seen where the capture was taken. Acks of what
was sent twice on its subflow are left out. Grey or black dots are the connection's: from the first time that data is sent,
on whichever subflow, to the DATA_ACK that covers it.`,
	Streams: true,
	Lacks:   "no ack here answers a segment that was captured, and sent once",
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return analysis.RoundTrips(ctx, r.Scope, "Round trip times")
	},
}

var latencyPlot = plotType{
	Name:    "latency",
	Summary: "how round trip times are distributed, from segment to ack and from data to data ack",
	Help:    `The values of rtt as a histogram (--bins), or with --cdf as the share of them up to each value.`,
	Streams: true,
	Lacks:   "no ack here answers a segment that was captured, and sent once",
	Shape:   analysis.Shape{Form: analysis.Histogram},
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return analysis.RoundTrips(ctx, r.Scope, "Latency")
	},
}
