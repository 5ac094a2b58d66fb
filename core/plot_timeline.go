package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var timelinePlot = plotType{
	Name:    "timeline",
	Aliases: []string{"life"},
	Summary: "the life of each subflow: when it opens, carries data, changes and ends",
	Help: `A line of life for each subflow, from its first packet to its last, named by its tcp.stream; dots above it are data towards
the server, below it data towards the client, signs are what opens, changes and ends a subflow. Below them stand the
moments at which the data acks of the connection advance: a gap there is one that the application felt.`,
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return analysis.Timeline(ctx, r.Scope)
	},
}
