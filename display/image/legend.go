package image

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// entry explains one mark in the legend, with its place in the line.
type entry struct {
	display.LegendEntry
	series *display.Series // nil: words only
	width  float64
}

// entryLines gives the legend by lines: entries stand under each other where they are much alike in width, as those of many
// subflows are.
func (s *sheet) entryLines(room float64, short bool) [][]entry {
	list, more := s.chart.Legend(short)
	var entries []entry
	for _, e := range list {
		e.Name = s.cut(e.Name, s.legendSize, false, room-s.swatchWidth)
		entries = append(entries, entry{LegendEntry: e, series: &s.chart.Series[e.Series], width: s.swatchWidth + s.measure(e.Name, s.legendSize, false)})
	}
	if rest := display.LegendRest(more); rest != "" {
		entries = append(entries, entry{LegendEntry: display.LegendEntry{Name: rest}, width: s.measure(rest, s.legendSize, false)})
	}
	align(entries, room)
	var lines [][]entry
	used := room + 1
	for _, e := range entries {
		if used+s.entryGap+e.width > room {
			lines, used = append(lines, nil), -s.entryGap
		}
		used += s.entryGap + e.width
		lines[len(lines)-1] = append(lines[len(lines)-1], e)
	}
	return lines
}

// alignedFrom is how many entries make columns worth while.
const alignedFrom = 6

// align gives neighbours of about one width the same, so that they stand in columns.
func align(entries []entry, room float64) {
	for i := 0; i < len(entries); {
		widest, k := entries[i].width, i+1
		for ; k < len(entries) && entries[k].width < 1.35*widest && widest < 1.35*entries[k].width; k++ {
			widest = max(widest, entries[k].width)
		}
		if k-i >= alignedFrom && widest < room/2 {
			for j := i; j < k; j++ {
				entries[j].width = widest
			}
		}
		i = k
	}
}

// entries draws a line of the legend.
func (s *sheet) entries(line []entry, y float64) {
	x, middle := s.margin, y+s.legendSize/2
	for _, e := range line {
		at := x
		if e.series != nil {
			s.swatch(e, x, middle)
			at += s.swatchWidth
		}
		s.text(point{at, y + s.legendSize - 2}, e.Name, s.legendSize, false, s.palette.Text)
		x += e.width + s.entryGap
	}
}

// swatch shows how a name's marks are drawn; in the text colour where several subflows have it.
func (s *sheet) swatch(e entry, x, y float64) {
	shown := *e.series
	if e.Shared {
		shown.Group, shown.Look.Colour = display.Connection, display.Paint{}
	}
	m, c := &shown, s.colour(&shown)
	k := s.swatchWidth / 22
	switch m.Mark {
	case display.Line, display.Steps:
		if !m.Look.NoLine {
			s.line([]point{{x, y}, {x + 16*k, y}}, s.strokeOf(m))
		}
		if m.Look.Marker != display.NoMarker {
			s.marker(point{x + 8*k, y}, m)
		}
	case display.Segments:
		for i := range 3 {
			s.span(m, x+(4+4*float64(i))*k, y+(4-2*float64(i))*k, y-2*float64(i)*k)
		}
	case display.Dots:
		if m.Look.Marker != display.NoMarker {
			s.marker(point{x + 8*k, y}, m)
			return
		}
		s.dot(point{x + 8*k, y}, 3.25*k, m)
	case display.Bars, display.Stack:
		s.fill(rectangle(x+3*k, y-4*k, x+13*k, y+5*k), c)
	default:
		s.sign(point{x + 8*k, y}, m, e.Event)
	}
}
