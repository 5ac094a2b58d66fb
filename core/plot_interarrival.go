package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var interarrivalPlot = plotType{
	Name:    "interarrival",
	Summary: "how times between packets are distributed that are neighbours by data sequence number",
	Help: `The packets of a direction with payload, over all subflows, are put in the order of their data sequence numbers (or of the
data acks of all its packets); a value is how much later each was first seen than the one before it. Below zero it came earlier:
data out of order. --bins 0 draws the values over time.`,
	Params: []Param{{Name: "BY", Kind: Choice, Choices: []string{"dsn", "dack"}, Doc: "the order: dsn, unless said otherwise"}},
	Shape:  analysis.Shape{Form: analysis.Histogram},
	Lacks:  "no two packets one way have data sequence numbers here",
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		order := analysis.ByDSN
		if r.Word("BY") == "dack" {
			order = analysis.ByDACK
		}
		return analysis.Interarrivals(ctx, r.Scope, order)
	},
}

var crossInterarrivalPlot = plotType{
	Name:    "xinterarrival",
	Summary: "how times between neighbouring packets on different subflows are distributed",
	Help: `Wherever a packet of a direction follows one on another subflow, the time between the two, in the colour of the subflow of
the second. --bins 0 draws the values over time.`,
	Shape: analysis.Shape{Form: analysis.Histogram},
	Lacks: "no packet here follows one on another subflow",
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return analysis.CrossInterarrivals(ctx, r.Scope)
	},
}
