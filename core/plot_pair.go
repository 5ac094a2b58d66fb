package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// pairPlotWords are the words of charts of two captures.
func pairPlotWords() []Param {
	return append([]Param{protoParam, firstFileParam, connParam, otherFileParam, otherConnParam, destParam, againstParam}, clockParams...)
}

var owdPlot = plotType{
	Name:    "owd",
	Summary: "one-way delays between two captures, over the time of sending",
	Help: `A dot a packet that both captures have: how long it was under way, when it was sent by the first capture's clock. The clocks
are compared and corrected (clock tells how); --no-clock shows times as captured. --cdf and --bins draw how the delays are
distributed.`,
	Of:      ofTwoCaptures,
	Streams: true,
	Lacks:   "no packet drawn here is in both captures",
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return r.delays(ctx, false)
	},
}

var queuePlot = plotType{
	Name:    "queue",
	Summary: "queueing delays between two captures: what one-way delays have over their least",
	Help:    `As owd, less the smallest delay of each direction of each subflow: what queues, jitter and retries of the link add.`,
	Of:      ofTwoCaptures,
	Streams: true,
	Lacks:   "no packet drawn here is in both captures",
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		return r.delays(ctx, true)
	},
}

var reinjectPlot = plotType{
	Name:    "reinject",
	Summary: "how much earlier data came thanks to reinjections, distributed",
	Help: `The share of the reinjections whose data came earlier by up to so much, for each subflow that carried them: below zero are
the redundant ones, which came later than the data by other packets. --bins 0 draws them over time. Those without which the
data would never have come are counted in a note. qualify_reinjections lists them.`,
	Of:    ofTwoCaptures,
	Lacks: "no reinjection here has its data in both captures",
	Shape: analysis.Shape{Form: analysis.Cumulative},
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		if r.pair.Conn == nil {
			return nil, r.Misused("PROTOCOL", "a TCP stream has no reinjections: name a connection")
		}
		q, err := analysis.NewQualities(ctx, r.pair)
		if err != nil {
			return nil, err
		}
		return r.clocked(q.Gains(r.Scope.Window)), nil
	},
}

func (r *plotRequest) delays(ctx context.Context, queues bool) (*display.Chart, error) {
	chart, err := analysis.Delays(ctx, r.pair, r.Scope.Window, queues)
	if err != nil {
		return nil, err
	}
	return r.clocked(chart), nil
}

// clocked says under a chart how the clocks were corrected.
func (r *plotRequest) clocked(chart *display.Chart) *display.Chart {
	chart.Notes = append(chart.Notes, clockNotes(r.pair)...)
	return chart
}

// pairScope reads what charts of two captures draw.
func (r *plotRequest) pairScope(ctx context.Context, ofStream bool) error {
	if r.Has("--where") {
		return r.Misused("--where", "%s draws packets of two captures, of which --where cannot choose", r.name)
	}
	p, both, err := r.pairOf(ctx, ofOne, ofStream)
	if err != nil {
		return err
	}
	r.pair, r.source = p, both.Name
	r.Scope = &analysis.Scope{Trace: p.A, Dest: p.Dest}
	if p.Conn != nil {
		r.Scope.Conn = p.A.ConnByID(p.Conn.A)
	} else if p.Stream != nil {
		r.Scope.Stream = p.Stream.A
	}
	if r.Scope.Window, err = r.window(both); err != nil {
		return err
	}
	r.Scope.Bin, err = r.seconds("--window")
	return err
}

// receivedGoodput draws what arrives for the first time, by two captures.
func (r *plotRequest) receivedGoodput(ctx context.Context) (*display.Chart, error) {
	p, both, err := r.pairOf(ctx, ofOne, r.Scope.Conn == nil)
	if err != nil {
		return nil, err
	}
	if p.Conn == nil {
		return nil, r.Misused("TYPE", "what arrives for the first time is told of connections: name a connection")
	}
	r.source = both.Name
	return analysis.ReceivedGoodput(ctx, p, r.Scope.Window, r.Scope.Bin)
}
