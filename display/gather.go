package display

import (
	"fmt"
	"math"
)

// MostSeries is how many series a chart has at most: thousands of subflows are drawn in the eight colours that they share,
// by one series each.
const MostSeries = 400

// alike is what series have in common that look the same.
type alike struct {
	mark                 Mark
	group, panel         int
	dashed, thin, dotted bool
}

// Gather joins the series that look the same, if there are more than MostSeries: names become the labels of points. A note
// says so. Shares of subflows, which stand on each other, are added up.
func (c *Chart) Gather() {
	if len(c.Series) <= MostSeries {
		return
	}
	at := map[alike]int{}
	var joined []Series
	subflows := 0
	for i := range c.Series {
		s := &c.Series[i]
		key := alike{s.Mark, s.Group, s.Panel, s.Dashed, s.Thin, s.Dotted}
		if s.Group >= 0 {
			key.group = s.Group % len(Palette{}.Subflows)
			subflows = max(subflows, s.Group+1)
		}
		k, known := at[key]
		if !known {
			k, at[key] = len(joined), len(joined)
			first := *s
			first.X, first.Y, first.Y2, first.Frame, first.Labels = nil, nil, nil, nil, nil
			if first.Group = key.group; key.group >= 0 {
				first.Name = fmt.Sprintf("subflows of this colour, %s", markWords(s))
			}
			joined = append(joined, first)
		}
		joined[k].join(s)
	}
	c.Series = joined
	c.Notes = append(c.Notes, fmt.Sprintf("%s subflows share eight colours: --skip and tcp_ plots draw single ones", Whole(subflows)))
}

// markWords tells marks of one colour apart in a legend.
func markWords(s *Series) string {
	words := [...]string{"lines", "levels", "dots", "spans", "retransmissions", "reinjections", "events", "bars", "shares", "strokes"}
	text := words[min(int(s.Mark), len(words)-1)]
	if s.Dashed {
		text += " towards the client"
	}
	return text
}

// join adds the points of another series. Lines are broken between the two.
func (s *Series) join(other *Series) {
	if s.Mark == Stack || s.Mark == Bars {
		s.sumWith(other)
		return
	}
	n := other.Len()
	if n == 0 {
		return
	}
	add := func(i int, y float64) {
		s.X, s.Y = append(s.X, other.X[i]), append(s.Y, y)
		if s.Mark == Segments {
			s.Y2 = append(s.Y2, other.Y2[i])
		}
		frame, label := uint32(0), other.Label(i)
		if i < len(other.Frame) {
			frame = other.Frame[i]
		}
		if label == "" {
			label = other.Name
		}
		s.Frame, s.Labels = append(s.Frame, frame), append(s.Labels, label)
	}
	if s.Mark.joined() && len(s.X) > 0 {
		add(0, math.NaN())
	}
	for i := range n {
		add(i, other.Y[i])
	}
}

// sumWith adds the values of another series at the same places.
func (s *Series) sumWith(other *Series) {
	if len(s.X) == 0 {
		s.X, s.Y = append(s.X, other.X...), append(s.Y, other.Y...)
		return
	}
	for i := range min(len(s.Y), len(other.Y)) {
		s.Y[i] += other.Y[i]
	}
}
