package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var timeSequencePlot = plotType{
	Name:    "tsg",
	Summary: "tcptrace's time-sequence graph, by data sequence numbers or of one TCP stream",
	Help: `One direction: that with more payload, unless DEST says which (Both draws two panels). Of a connection: spans are data in
the colour of the subflow that carries it, the thin level is the data ack, the dotted one the right edge of the window, ×
is sent again on its own subflow, by TCP or by MPTCP, ◆ is data that another subflow had carried before, in the colour of
that one. Of a TCP stream (tcp_tsg): segments, acks, window edge, SACK blocks (grey spans), duplicate acks,
retransmissions, zero windows.`,
	Streams: true,
	Lacks:   "no data sequence number is known here; tcp_tsg draws a subflow by its own numbers",
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return r.oneWay(ctx, analysis.TimeSequence)
	},
}
