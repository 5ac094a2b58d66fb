package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var mappingsPlot = plotType{
	Name:    "dss",
	Summary: "the mappings that DSS options announce, and the data acks that answer",
	Help: `One direction: that with more payload, unless DEST says which (Both draws two panels). A span is what one DSS option maps,
in the colour of the subflow that announces it. With --dack the data acks of the other direction are thin levels, in the
colour of the subflow that carries them.`,
	Lacks:  "no DSS option here announces a mapping",
	Params: []Param{{Name: "--dack", Kind: Flag, Doc: "draw the data acks too"}},
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return r.oneWay(ctx, func(ctx context.Context, s *analysis.Scope) (*display.Chart, error) {
			return analysis.Mappings(ctx, s, r.Has("--dack"))
		})
	},
}

var mappingLengthsPlot = plotType{
	Name:    "dss_len",
	Summary: "how the lengths of mappings are distributed",
	Help:    `A value for each DSS option that announces a mapping. --bins 0 draws them over time.`,
	Shape:   analysis.Shape{Form: analysis.Histogram},
	Lacks:   "no DSS option here announces a mapping",
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return analysis.MappingLengths(ctx, r.Scope)
	},
}
