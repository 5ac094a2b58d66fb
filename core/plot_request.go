package core

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// plotRequest is a chart as it was asked for: the words, typed and checked. A type of chart draws from it; its own words
// and options it reads by the Call.
type plotRequest struct {
	*Call
	Scope *analysis.Scope // what to draw; nil for charts of files that are no captures

	kind   *plotType
	name   string // as the chart is identified: the type's name, or the column's
	column *trace.Column
	source string         // the capture's name, or the files'
	pair   *analysis.Pair // of charts of two captures
	shape  analysis.Shape
}

// plotRequest reads the words and options that all types share.
func (c *Call) plotRequest(ctx context.Context, name string) (*plotRequest, error) {
	r := &plotRequest{Call: c}
	if err := c.knownChoices(plotOptions); err != nil {
		return nil, err
	}
	ofStream, err := r.typed("TYPE", name)
	if err != nil {
		return nil, err
	}
	if r.shape, err = c.shape(r.kind.Shape); err != nil {
		return nil, err
	}
	if r.kind.Of == ofFiles || r.kind.Files != nil && r.kind.Files(c) {
		return r, nil
	}
	if r.kind.Of == ofTwoCaptures {
		return r, r.pairScope(ctx, ofStream)
	}
	l, err := c.plotted(ctx)
	if err != nil {
		return nil, err
	}
	r.source = l.Name
	r.Scope = &analysis.Scope{Trace: l.Trace, Raw: c.Has("--raw")}
	return r, r.scope(l, ofStream)
}

// knownChoices refuses options with a word that is none of their choices.
func (c *Call) knownChoices(options []Param) error {
	for i := range options {
		o := &options[i]
		if word := c.Word(o.Name); o.Kind == Choice && word != "" && !slices.Contains(o.Choices, word) {
			e := c.Misused(o.Name, "%q is no %s: there are %s", word, o.Name, strings.Join(o.Choices, ", "))
			if n := nearest(word, o.Choices); n != "" {
				e.Suggestion = "did you mean " + n + "?"
			}
			return e
		}
	}
	return nil
}

// typed finds the type of chart that a word of a parameter names, or the column.
func (r *plotRequest) typed(param, name string) (ofStream bool, err error) {
	if r.kind, ofStream = findPlot(name); r.kind != nil {
		r.name = r.kind.Name
		return ofStream, nil
	}
	if r.column, ofStream = columnPlot(name); r.column != nil {
		r.kind, r.name = &attributePlot, r.column.Name
		return ofStream, nil
	}
	return false, r.unknownPlot(param, name)
}

// plotted is the capture to draw from: a file's, or the current one.
func (c *Call) plotted(ctx context.Context) (*Loaded, error) {
	if c.Word("FILE") == "" {
		return c.Loaded()
	}
	return c.CaptureOrFile(ctx, "FILE")
}

// scope reads what part of the capture is drawn.
func (r *plotRequest) scope(l *Loaded, ofStream bool) (err error) {
	s := r.Scope
	if ofStream {
		s.Stream, err = r.oneStream(l, "STREAM")
	} else if s.Conn, err = r.connectionOf(l, "CONNECTION"); err == nil {
		s.Skip, err = r.Streams("--skip", s.Conn)
	}
	if err != nil {
		return err
	}
	if s.Dest, err = r.Dest("DEST", "--dest"); err != nil {
		return err
	}
	if s.Window, err = r.window(l); err != nil {
		return err
	}
	if s.Bin, err = r.seconds("--window"); err != nil {
		return err
	}
	return r.keep()
}

// keep has only the packets drawn that --where asks for. What is known of a connection at a packet (acks, what is in flight)
// still comes from all of them.
func (r *plotRequest) keep() error {
	condition, err := r.packetsThat()
	if condition != nil {
		on := trace.Context{Interfaces: r.Scope.Trace.Interfaces}
		r.Scope.Keep = func(row *trace.Row) bool { return condition.Match(&on, row) }
	}
	return err
}

// oneStream is the TCP stream that a parameter names; the only one when none is named.
func (c *Call) oneStream(l *Loaded, param string) (uint32, error) {
	streams := len(l.Trace.Streams)
	if streams == 0 {
		return 0, c.Blame(param, "%s has no TCP stream", l.Name)
	}
	text := c.Word(param)
	if text == "" && streams > 1 {
		return 0, c.Blame(param, "which TCP stream? %s (lt lists them)", streamRange(streams))
	}
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseUint(text, 10, 32)
	if err != nil || id >= uint64(streams) {
		return 0, c.Blame(param, "there is no TCP stream %s: %s", text, streamRange(streams))
	}
	return uint32(id), nil
}

// streamRange says which TCP streams there are, of n.
func streamRange(n int) string {
	if n == 1 {
		return "the only one is 0"
	}
	return fmt.Sprintf("the ids are 0 to %d", n-1)
}

// seconds is the time span that an option gives, in ns; 0 when it is not given.
func (c *Call) seconds(option string) (int64, error) {
	if !c.Has(option) {
		return 0, nil
	}
	ns, err := Seconds(c.Word(option))
	if err != nil || ns <= 0 {
		return 0, c.Misused(option, "%q is no time in seconds, as 0.1 is", c.Word(option))
	}
	return ns, nil
}

// mostBins keeps a typing error from asking for gigabytes.
const mostBins = 10_000

// shape is the form of the chart that --cdf, --bins and --log ask for.
func (c *Call) shape(own analysis.Shape) (analysis.Shape, error) {
	log := c.Has("--log")
	switch {
	case c.Has("--cdf") && c.Has("--bins"):
		return own, c.Misused("--cdf", "--cdf and --bins are two ways to draw the same")
	case c.Has("--cdf"):
		return analysis.Shape{Form: analysis.Cumulative, Log: log}, nil
	case !c.Has("--bins") && log:
		return analysis.Shape{Form: analysis.Histogram, Log: log}, nil
	case !c.Has("--bins"):
		return own, nil
	}
	n, err := strconv.Atoi(c.Word("--bins"))
	switch {
	case err != nil || n < 0 || n > mostBins:
		return own, c.Misused("--bins", "%q is no number of bins (0 to %d)", c.Word("--bins"), mostBins)
	case n == 0 && log:
		return own, c.Misused("--log", "--log is for how values are distributed; --bins 0 draws them over time")
	case n == 0:
		return analysis.Shape{Form: analysis.OverTime}, nil
	}
	return analysis.Shape{Form: analysis.Histogram, Bins: n, Log: log}, nil
}

// draw makes the chart in the form asked for.
func (r *plotRequest) draw(ctx context.Context) (*display.Chart, error) {
	chart, err := r.kind.Draw(ctx, r)
	if err != nil {
		return nil, err
	}
	if chart.Empty() {
		chart.Notes = append(chart.Notes, r.whyEmpty(len(chart.Notes) > 0)...)
	}
	if r.shape.Form == analysis.OverTime {
		return chart, nil
	}
	shaped, err := analysis.Distribution(chart, r.shape)
	if err != nil {
		option := "--bins"
		for _, o := range []string{"--cdf", "--log"} {
			if r.Has(o) {
				option = o
			}
		}
		return nil, r.Misused(option, "%s has no distribution: %v", r.name, err)
	}
	return shaped, nil
}

// whyEmpty says what is missing where nothing is drawn, and what was asked for that may be the cause.
func (r *plotRequest) whyEmpty(told bool) (notes []string) {
	note := r.kind.Lacks
	if own, _, of := strings.Cut(note, "; tcp_"); of && r.Scope != nil && r.Scope.Conn == nil {
		note = own
	}
	if note != "" && !told {
		notes = append(notes, note)
	}
	var asked []string
	for _, option := range []string{"--where", "--from", "--to", "--skip"} {
		if r.Has(option) {
			asked = append(asked, option)
		}
	}
	if len(asked) > 0 {
		notes = append(notes, "only what "+strings.Join(asked, " and ")+" left is drawn; without, there may be more")
	}
	return notes
}

// oneWay draws one direction: that asked for, else the one with more payload. Where both are asked for, the other one is
// drawn in a panel above.
func (r *plotRequest) oneWay(ctx context.Context, draw func(ctx context.Context, s *analysis.Scope) (*display.Chart, error)) (*display.Chart, error) {
	if r.Scope.Dest != stream.DestUnknown {
		return draw(ctx, r.Scope)
	}
	if !r.Has("DEST") && !r.Has("--dest") {
		r.Scope.Dest = r.Scope.Heavier()
		return draw(ctx, r.Scope)
	}
	var charts [2]*display.Chart
	heavier := r.Scope.Heavier()
	for i, towards := range []stream.Dest{heavier, heavier.Other()} {
		one := *r.Scope
		one.Dest = towards
		chart, err := draw(ctx, &one)
		if err != nil {
			return nil, err
		}
		chart.Y.Label += ", " + destWords(towards)
		charts[i] = chart
	}
	analysis.Above(charts[0], charts[1])
	return charts[0], nil
}

// addPanel draws another type of the same connection in a panel above.
func (r *plotRequest) addPanel(ctx context.Context, chart *display.Chart, name string) error {
	other := *r
	ofStream, err := other.typed("--with", name)
	if err != nil {
		return err
	}
	if r.Scope == nil || other.kind.Of == ofFiles || r.shape.Form != analysis.OverTime || other.kind.Shape.Form != analysis.OverTime {
		return r.Misused("--with", "%s and %s have no time axis in common", r.name, name)
	}
	if ofStream != (r.Scope.Conn == nil) && other.column == nil {
		return r.Misused("--with", "%s draws another thing than %s: a TCP stream is no connection", name, r.Word("TYPE"))
	}
	for _, p := range other.kind.Params {
		if p.Required && !r.Has(p.Name) && other.column == nil {
			return r.Misused("--with", "%s needs %s, which cannot be told here", name, p.Name)
		}
	}
	if other.kind.Of == ofTwoCaptures && r.pair == nil {
		if err := other.pairScope(ctx, ofStream); err != nil {
			return err
		}
	}
	more, err := other.kind.Draw(ctx, &other)
	if err != nil {
		return err
	}
	analysis.Above(chart, more)
	return nil
}

// directions says in the subtitle which way the traffic goes that is drawn.
func (r *plotRequest) directions() string {
	if r.Scope == nil {
		return ""
	}
	return destWords(r.Scope.Dest)
}
