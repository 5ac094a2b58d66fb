package echarts

import "github.com/mptcpanalyzer/mptcpanalyzer/display"

// Shapes as SVG paths in a square of about ten units. Holes run against the outline.
const (
	thinCross     = "path://M0,1.2L1.2,0L5,3.8L8.8,0L10,1.2L6.2,5L10,8.8L8.8,10L5,6.2L1.2,10L0,8.8L3.8,5Z"
	thickCross    = "path://M0,2L2,0L5,3L8,0L10,2L7,5L10,8L8,10L5,7L2,10L0,8L3,5Z"
	twoCrosses    = "path://M0,2L2,0L5,3L8,0L10,2L7,5L10,8L8,10L5,7L2,10L0,8L3,5ZM11,2L13,0L16,3L19,0L21,2L18,5L21,8L19,10L16,7L13,10L11,8L14,5Z"
	up            = "path://M5,0L10,9H0Z"
	hollowUp      = "path://M5,0L10,9H0ZM5,3L2.5,7.7H7.5Z"
	square        = "path://M0.5,0.5H9.5V9.5H0.5Z"
	hollowSquare  = "path://M0,0H10V10H0ZM2.5,2.5V7.5H7.5V2.5Z"
	hollowDown    = "path://M0,0H10L5,9ZM2.5,1.5L5,6L7.5,1.5Z"
	hollowDiamond = "path://M5,0L10,5L5,10L0,5ZM5,2.8L2.8,5L5,7.2L7.2,5Z"
	down          = "path://M0,0H10L5,9Z"
	plus          = "path://M4,0H6V4H10V6H6V10H4V6H0V4H4Z"
	minus         = "path://M0,4H10V6H0Z"
	upDown        = "path://M2.5,0L5,3.5H3.2V10H1.8V3.5H0ZM7.5,10L5,6.5H6.8V0H8.2V6.5H10Z"
	alert         = "path://M5,0L10,9H0ZM4.5,3V6H5.5V3ZM4.5,7V8H5.5V7Z"
	diamond       = "path://M5,0L10,5L5,10L0,5Z"
	disc          = "path://M5,0A5,5,0,1,1,4.99,0Z"
	ring          = "path://M5,0A5,5,0,1,1,4.99,0ZM5,2A3,3,0,1,0,5.01,2Z"
	solid         = "path://M0,4H16V6H0Z"
	dashed        = "path://M0,4H6V6H0ZM10,4H16V6H10Z"
	flags         = "path://M2,6H6V7H3V12H2ZM7,3H11V4H8V9H7ZM12,0H16V1H13V6H12Z"
	dotted        = "path://M0,4H2V6H0ZM5,4H7V6H5ZM10,4H12V6H10ZM14,4H16V6H14Z"
	brokenSpans   = "path://M2,6H4V8H2ZM2,10H4V12H2ZM7,3H9V5H7ZM7,7H9V9H7ZM12,0H14V2H12ZM12,4H14V6H12Z"
	spans         = "path://M2,7H4V12H2ZM7,4H9V9H7ZM12,1H14V6H12Z"
)

// symbol is the sign of a series of single points, and its size in pixels.
func symbol(c *display.Chart, s *display.Series) (shape string, size int) {
	size = int(c.DotSize(s) + 0.5)
	if shape := markerShape(s.DotShape()); shape != "" && s.Mark == display.Dots {
		if hollow := hollowShape(shape); s.Dashed && hollow != "" {
			return hollow, size + 2
		}
		return shape, size + 1
	}
	switch s.Mark {
	case display.Retransmit:
		return thinCross, 8
	case display.Reinject:
		return diamond, 9
	case display.Stroke:
		return minus, 7
	case display.Event:
		return eventShape(s.Label(0)), 10
	}
	if s.Dashed { // hollow: towards the client
		return ring, size + 1
	}
	return "circle", size
}

// markerShape is the shape of a marker, empty for none.
func markerShape(m display.Marker) string {
	switch m {
	case display.NoMarker:
		return ""
	case display.SquareMarker:
		return square
	case display.UpMarker:
		return up
	case display.DownMarker:
		return down
	case display.DiamondMarker, display.StarMarker:
		return diamond
	case display.CrossMarker:
		return thinCross
	case display.PlusMarker:
		return plus
	}
	return "circle"
}

// hollowShape is a shape for what travels to the client, empty where there is none.
func hollowShape(shape string) string {
	switch shape {
	case square:
		return hollowSquare
	case up:
		return hollowUp
	case down:
		return hollowDown
	case diamond:
		return hollowDiamond
	}
	return ""
}

// eventShape is the shape of the glyph of an event.
func eventShape(label string) string {
	glyph, _ := display.Sign(label)
	switch glyph {
	case "▲":
		return up
	case "△":
		return hollowUp
	case "▼":
		return down
	case "▽":
		return hollowDown
	case "✖":
		return thickCross
	case "✖✖":
		return twoCrosses
	case "+":
		return plus
	case "−", "╵":
		return minus
	case "⇅":
		return upDown
	case "⚠":
		return alert
	case "○":
		return ring
	}
	return "circle"
}

// icon is the series' entry in the legend.
func icon(c *display.Chart, s *display.Series) string {
	switch s.Mark {
	case display.Line, display.Steps:
		if shape := markerShape(s.Look.Marker); shape != "" && s.Look.NoLine {
			return discOf(shape)
		}
		if s.Dotted {
			return dotted
		}
		if s.Stroke() != nil {
			return dashed
		}
		return solid
	case display.Segments:
		switch {
		case s.Dashed:
			return flags
		case s.SpanStroke() != nil:
			return brokenSpans
		}
		return spans
	case display.Bars, display.Stack:
		return "rect"
	}
	shape, _ := symbol(c, s)
	return discOf(shape)
}

// discOf is the shape of an entry: ECharts' own circle would be as wide as the entry.
func discOf(shape string) string {
	if shape == "circle" {
		return disc
	}
	return shape
}
