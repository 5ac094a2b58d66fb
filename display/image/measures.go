package image

import "github.com/mptcpanalyzer/mptcpanalyzer/display"

// measures are sizes in pixels of 1/96 inch: of text, of what stands between, and how large marks are.
type measures struct {
	margin, lineGap                   float64
	titleSize, textSize, labelSize    float64
	tickSize, legendSize              float64
	areaHeight, panelHeight, panelGap float64
	swatchWidth, entryGap, tickLength float64
	marks                             float64 // factor of strokes and signs
}

// Widths below which text and marks get smaller, as in a column of a paper, and the least factors: 9 px are 6.75 points.
const (
	roomyText, leastText   = 560, 0.75
	roomyMarks, leastMarks = 700, 0.6
)

// newMeasures suits them to a width, and to what a style asks for.
func newMeasures(fonts display.Fonts, width float64) measures {
	or := func(asked, own float64) float64 {
		if asked > 0 {
			return asked
		}
		return own
	}
	text := or(fonts.Text, 12*min(max(width/roomyText, leastText), 1))
	k := text / 12
	return measures{
		margin: 14 * min(k, 1.5), lineGap: 6 * k,
		titleSize: or(fonts.Title, 15*k), textSize: text, labelSize: or(fonts.Label, text),
		tickSize: or(fonts.Tick, 11*k), legendSize: or(fonts.Legend, text),
		areaHeight: 300, panelHeight: 120, panelGap: 16 * k,
		swatchWidth: 22 * k, entryGap: 20 * k, tickLength: 4 * min(k, 1.5),
		marks: min(max(width/roomyMarks, leastMarks), 1),
	}
}
