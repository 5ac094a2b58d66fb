package core

import (
	"context"
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// plotTypes is the ordered list of charts: the one place where a type is added, whose literal stands in a file of its
// own. Besides them, every plottable column is a type.
func plotTypes() []*plotType {
	return []*plotType{
		&attributePlot,
		&throughputPlot,
		&goodputPlot,
		&mappingsPlot,
		&mappingLengthsPlot,
		&interarrivalPlot,
		&crossInterarrivalPlot,
		&timeSequencePlot,
		&contributionPlot,
		&flightPlot,
		&windowPlot,
		&rttPlot,
		&latencyPlot,
		&ackSizePlot,
		&owdPlot,
		&queuePlot,
		&reinjectPlot,
		&oooPlot,
		&holPlot,
		&timelinePlot,
		&congestionPlot,
		&simulatorPlot,
	}
}

// plotType is one kind of chart.
type plotType struct {
	Name    string
	Aliases []string // of earlier generations; mptcp_NAME is always one
	Summary string   // one line, no full stop
	Help    string   // what the marks mean
	Of      subject
	Streams bool    // tcp_NAME draws a single TCP stream
	Params  []Param // further words and options, after those that say of what
	Shape   analysis.Shape
	Lacks   string // what an empty chart says: that there is nothing of this
	// Files, if set, says whether the words name files that are no captures, which Draw then reads by itself.
	Files func(c *Call) bool
	// Draw makes the chart, without a command and with what is special to it as subtitle. The request is typed and checked.
	Draw func(ctx context.Context, r *plotRequest) (*display.Chart, error)
}

// subject is what a type of chart draws of.
type subject uint8

const (
	ofConnection  subject = iota // a connection of one capture, or one of its TCP streams
	ofTwoCaptures                // a connection of two captures, or one of its TCP streams
	ofFiles                      // files that are no captures: the type reads its own words
)

// fileParam is the capture to draw from; its form tells it from ids and fields.
var fileParam = Param{Name: "FILE", Kind: CaptureFile, Doc: "capture to draw from; the current one when none is named"}

// filesParam is the same where a type can draw from other files too.
var filesParam = Param{Name: "FILE", Kind: CaptureFile, Repeat: true, Doc: "capture to draw from, or JSON files of mptcp-pm (a pattern with * names several)"}

// params are the words and options of the type after its name.
func (p *plotType) params(ofStream bool) []Param {
	var all []Param
	switch {
	case p.Of == ofFiles:
	case p.Of == ofTwoCaptures:
		all = pairPlotWords()
	case p.Files != nil:
		all = []Param{filesParam, connParam, destParam}
	case ofStream:
		all = []Param{fileParam, streamParam, destParam}
	default:
		all = []Param{fileParam, connParam, destParam}
	}
	return append(all, p.Params...)
}

// findPlot finds a type by name or alias; ofStream says that its name asks for a single TCP stream.
func findPlot(name string) (found *plotType, ofStream bool) {
	name = strings.ReplaceAll(name, "-", "_")
	for _, t := range plotTypes() {
		for _, known := range append([]string{t.Name, "mptcp_" + t.Name}, t.Aliases...) {
			if known == name {
				return t, false
			}
		}
		if t.Streams && name == "tcp_"+t.Name {
			return t, true
		}
	}
	return nil, false
}

// plotParams are the words and options that follow `plot NAME`.
func plotParams(name string) []Param {
	if t, ofStream := findPlot(name); t != nil {
		return t.params(ofStream)
	}
	if _, ofStream := columnPlot(name); ofStream {
		return []Param{fileParam, streamParam, destParam}
	}
	return []Param{fileParam, connParam, destParam} // a column
}

// plotNames are the words that may follow plot.
func plotNames() []string {
	var all []string
	for _, p := range plotTypes() {
		all = append(all, p.Name)
	}
	return append(all, columnsToPlot()...)
}

// columnsToPlot are the names of the columns among them.
func columnsToPlot() []string {
	var all []string
	for _, c := range plottableColumns() {
		all = append(all, c.Name)
	}
	return all
}

// unknownPlot is the error about a word of a parameter that names no type and no column to draw.
func (c *Call) unknownPlot(param, name string) error {
	return c.notPlottable(param, name, "unknown type or field", plotNames())
}

// notPlottable is the error about a word that is none of the names.
func (c *Call) notPlottable(param, name, what string, names []string) *LineError {
	if trace.ColumnByName(name) != nil {
		what = "not a number to plot:"
	}
	e := c.Misused(param, "%s %q", what, name)
	all := "plottable: " + strings.Join(names, ", ")
	if n := nearest(name, names); n != "" {
		e.Suggestion = fmt.Sprintf("did you mean %s? (%s)", n, all)
	} else {
		e.Suggestion = all
	}
	return e
}
