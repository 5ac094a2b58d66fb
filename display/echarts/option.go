package echarts

import (
	"encoding/json"
	"fmt"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// seriesID names a series in the option, so that the script finds it.
func seriesID(i int) string { return fmt.Sprintf("s%d", i) }

// option is the chart as ECharts wants it, without data, places and scheme, which the script fills in: titles, legend,
// axes by panels, zoom, series with their strokes and signs, a description for those who cannot see it.
//
// The chart is a plain RectChart: go-echarts' constructors hang an HTML renderer on theirs, whose templates call methods by
// name, so that the linker keeps every method of the program. It costs the page a fifth of its download.
func option(c *display.Chart) (map[string]any, error) {
	line := &charts.RectChart{}
	line.SetGlobalOptions(
		charts.WithInitializationOpts(opts.Initialization{ChartID: "mptcp"}), // else a random one is drawn
		charts.WithTitleOpts(opts.Title{Title: display.Visible(c.Title), Subtitle: display.Visible(c.Subtitle)}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(true), Type: "plain", ItemWidth: 16, ItemHeight: 10}),
		charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(false)}), // the script has its own, which strict pages allow
		charts.WithDataZoomOpts(opts.DataZoom{Type: "slider", FilterMode: "none", XAxisIndex: indices(len(c.Panels) + 1)}),
		charts.WithAnimation(false),
	)
	line.Aria = &opts.Aria{Enabled: opts.Bool(true), Label: &opts.AriaLabel{Description: description(c)}}
	line.AxisPointer = &opts.AxisPointer{Link: []opts.AxisPointerLink{{XAxisIndex: indices(len(c.Panels) + 1)}}}
	axes(line, c)
	for i := range c.Series {
		line.MultiSeries = append(line.MultiSeries, series(c, i))
	}
	line.Validate()
	option := line.JSON()
	option["xAxis"], option["yAxis"] = line.XAxisList, line.YAxisList
	return patched(option, c)
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// description is what a screen reader says.
func description(c *display.Chart) string {
	text := c.Title
	if c.Subtitle != "" {
		text += ", " + c.Subtitle
	}
	text += fmt.Sprintf(". %s against %s.", c.Y.Label, c.X.Label)
	for i := range c.Series {
		text += fmt.Sprintf(" %s: %d points.", c.Series[i].Name, c.Series[i].Len())
	}
	return display.Visible(text)
}

// axes adds a grid with its two axes for each panel.
func axes(line *charts.RectChart, c *display.Chart) {
	hidden := opts.Bool(false)
	line.XAxisList, line.YAxisList = nil, nil
	for i, y := range c.PanelAxes() {
		x := opts.XAxis{
			Type: "value", GridIndex: i, Scale: opts.Bool(true), SplitLine: &opts.SplitLine{Show: hidden},
			AxisLabel: &opts.AxisLabel{Show: opts.Bool(i == 0)}, AxisLine: &opts.AxisLine{OnZero: hidden}, NameLocation: "end",
		}
		line.GridList = append(line.GridList, opts.Grid{ContainLabel: hidden})
		line.XAxisList = append(line.XAxisList, x)
		line.YAxisList = append(line.YAxisList, opts.YAxis{
			Type: "value", GridIndex: i, Scale: opts.Bool(true), Name: display.Visible(y.Label), NameLocation: "end",
			AxisLabel: &opts.AxisLabel{},
			AxisLine:  &opts.AxisLine{Show: hidden},
		})
	}
}

// series is one series' type and looks.
func series(c *display.Chart, i int) charts.SingleSeries {
	s := &c.Series[i]
	panel := min(max(s.Panel, 0), len(c.Panels))
	out := charts.SingleSeries{
		Id: seriesID(i), Name: display.Visible(s.Name), XAxisIndex: panel, YAxisIndex: panel,
		Animation: opts.Bool(false), SymbolKeepAspect: opts.Bool(true),
	}
	switch s.Mark {
	case display.Line, display.Steps, display.Segments, display.Stack:
		out.Type, out.ShowSymbol, out.ConnectNulls = types.ChartLine, opts.Bool(false), opts.Bool(false)
	case display.Bars:
		out.Type, out.BarCategoryGap = types.ChartBar, "2%"
	default:
		out.Type = types.ChartScatter
		out.Symbol, out.SymbolSize = symbol(c, s)
	}
	if s.Mark == display.Steps {
		out.Step = "end"
	}
	if s.Mark == display.Stack {
		out.AreaStyle = &opts.AreaStyle{Opacity: opts.Float(1)}
	}
	return out
}

// patched adds what go-echarts has no field for: strokes of any pattern, icons in the legend, series that do not answer to
// the mouse (the script looks for the nearest point itself), drawing in one go.
func patched(option map[string]any, c *display.Chart) (map[string]any, error) {
	text, err := json.Marshal(option)
	if err != nil {
		return nil, fmt.Errorf("writing the option: %w", err)
	}
	option = nil
	if err := json.Unmarshal(text, &option); err != nil {
		return nil, fmt.Errorf("reading the option: %w", err)
	}
	list, ok := option["series"].([]any)
	if !ok { // a chart without any: the script wants a list
		option["series"] = []any{}
	}
	for i := range list {
		if one, ok := list[i].(map[string]any); ok {
			patchSeries(one, &c.Series[i])
		}
	}
	if legend, ok := option["legend"].(map[string]any); ok {
		list, more := entries(c)
		legend["data"] = list
		if rest := display.LegendRest(more); rest != "" {
			legend["rest"] = rest
		}
	}
	if zoom, ok := option["dataZoom"].([]any); ok && len(zoom) > 0 {
		if slider, ok := zoom[0].(map[string]any); ok {
			slider["showDataShadow"], slider["brushSelect"], slider["showDetail"] = false, false, false
		}
	}
	delete(option, "toolbox")
	delete(option, "tooltip")
	delete(option, "color")
	return option, nil
}

func patchSeries(one map[string]any, s *display.Series) {
	one["silent"], one["progressive"], one["clip"] = true, 0, true
	one["emphasis"] = map[string]any{"disabled": true}
	one["z"] = 2 + s.Layer() // ECharts draws axes below 2
	switch s.Mark {
	case display.Line, display.Steps, display.Stack, display.Segments:
		stroke := map[string]any{"width": s.Width()}
		if s.Mark == display.Segments && s.Dashed {
			stroke["width"] = 1 // and with a flag, which the script adds
		}
		dash := s.Stroke()
		if s.Mark == display.Segments {
			dash = s.SpanStroke()
		}
		if dash != nil {
			stroke["type"] = dash
		}
		if s.Mark == display.Stack {
			stroke["width"] = 0
		}
		one["lineStyle"] = stroke
	case display.Dots:
		one["large"], one["largeThreshold"] = !s.Dashed, 2000 // drawn at once they are discs
	}
}

// legendEntry is an entry of the legend as the script reads it: ECharts finds its series by the whole name.
type legendEntry struct {
	Name   string `json:"name"`
	Short  string `json:"short,omitempty"` // what is written instead
	Icon   string `json:"icon"`
	Shared bool   `json:"shared,omitempty"` // of several subflows: in the text colour
}

// entries are the legend's, with the sign or stroke of each name's first series, and how many are left out.
func entries(c *display.Chart) (list []legendEntry, more int) {
	legend, more := c.Legend(false)
	list = []legendEntry{}
	for _, e := range legend {
		entry := legendEntry{Name: e.Full, Icon: icon(c, &c.Series[e.Series]), Shared: e.Shared}
		if e.Name != e.Full {
			entry.Short = e.Name
		}
		list = append(list, entry)
	}
	return list, more
}
