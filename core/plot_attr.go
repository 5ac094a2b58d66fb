package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// destLastParam is the destination behind what upstream wrote before it.
var destLastParam = Param{Name: "DEST", Kind: Dest, Doc: "the same, said last"}

var attributePlot = plotType{
	Name:    "attr",
	Aliases: []string{"misc"},
	Summary: "columns over time, for each subflow",
	Help: `Sequence numbers are drawn as spans from the first to the last byte, data that another subflow had carried before as ◆ in
that subflow's colour; acknowledgements and windows are levels, everything else is a dot a packet. Several columns stand in
panels above each other.`,
	Streams: true,
	Params: []Param{
		{Name: "FIELD", Kind: Field, Required: true, Repeat: true, Doc: "the columns to draw"},
		destLastParam,
		{Name: "--syndrop", Kind: Flag, Doc: "leave out packets with SYN"},
	},
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		if r.Has("--syndrop") {
			r.dropSYN()
		}
		if r.column != nil {
			return analysis.Attribute(ctx, r.Scope, []*trace.Column{r.column})
		}
		columns, err := r.columnsToDraw("FIELD")
		if err != nil {
			return nil, err
		}
		return analysis.Attribute(ctx, r.Scope, columns)
	},
}

// columnsToDraw are those that the words of a parameter name.
func (c *Call) columnsToDraw(param string) ([]*trace.Column, error) {
	var columns []*trace.Column
	for _, w := range c.args[param] {
		column := plottable(w.text)
		if column == nil {
			e := c.notPlottable(param, w.text, "unknown field", columnsToPlot())
			e.Start, e.End = w.start, w.end
			return nil, e
		}
		columns = append(columns, column)
	}
	return columns, nil
}

// dropSYN leaves out the packets that open a stream.
func (r *plotRequest) dropSYN() {
	keep := r.Scope.Keep
	r.Scope.Keep = func(row *trace.Row) bool { return row.Flags&stream.SYN == 0 && (keep == nil || keep(row)) }
}
