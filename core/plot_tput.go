package core

import (
	"context"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var throughputPlot = plotType{
	Name:    "tput",
	Summary: "throughput of each subflow and of the connection",
	Help: `TCP payload, retransmissions included, over windows of --window seconds (about a hundred windows, if none is given), counted
from the start of the capture. A point stands at the middle of its window.`,
	Streams: true,
	Params: append([]Param{
		{Name: "--goodput", Kind: Flag, Doc: "draw what is carried for the first time only, as gput does"},
	}, rateParams...),
	Lacks: "no packet drawn here carries payload",
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		draw := analysis.Throughput
		if r.Has("--goodput") {
			draw = analysis.Goodput
		}
		return r.rates(func() (*display.Chart, error) { return draw(ctx, r.Scope) })
	},
}

// rateParams are the options of charts of rates.
var rateParams = []Param{
	{Name: "--skip-mptcp", Kind: Flag, Doc: "leave out what is of the connection as a whole: the sum of all subflows"},
	{Name: "--window-type", Kind: Choice, Choices: []string{"boxcar"}, Value: "TYPE", Doc: "how the packets of a window are weighed: boxcar, all alike"},
}

// rates draws a chart of rates as its options want it.
func (r *plotRequest) rates(draw func() (*display.Chart, error)) (*display.Chart, error) {
	if kind := r.Word("--window-type"); kind != "" && kind != "boxcar" {
		e := r.Misused("--window-type", "windows stand beside each other here, and count their packets alike: %q has no meaning", kind)
		e.Suggestion = "boxcar is what is drawn; --window SECONDS makes windows longer, and the line smoother"
		return nil, e
	}
	chart, err := draw()
	if err != nil {
		return nil, err
	}
	if r.Has("--skip-mptcp") {
		chart.Series = slices.DeleteFunc(chart.Series, func(s display.Series) bool { return s.Group == display.Connection })
	}
	return chart, nil
}
