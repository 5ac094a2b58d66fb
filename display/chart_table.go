package display

import (
	"math"
	"strings"
	"unicode"
)

// Table gives the points of a chart as rows, every one of them, for export. Its columns are named: the series and, where
// there are panels, the quantity; on a time axis both the time from its beginning and the moment; else X by the name of its
// axis; the value and the end of spans; beside numbers that count from somewhere those of the packets (value_raw); frame
// and label.
func (c *Chart) Table() *Table {
	t := &Table{Name: "points", Title: c.Title, Command: c.Command, Empty: "no points"}
	columns := c.pointColumns()
	for _, p := range columns {
		t.Columns = append(t.Columns, p.Column)
	}
	starts := make([]int, len(c.Series)+1)
	for i := range c.Series {
		starts[i+1] = starts[i] + c.Series[i].Len()
	}
	t.Rows = starts[len(c.Series)]
	axes := c.PanelAxes()
	t.Cell = func(row, col int) Value {
		i := seriesOf(starts, row)
		s := &c.Series[i]
		return columns[col].value(s, row-starts[i], &axes[min(max(s.Panel, 0), len(axes)-1)])
	}
	return t
}

// pointColumn is a column over the points of series.
type pointColumn struct {
	Column
	value func(s *Series, i int, y *Axis) Value
}

func (c *Chart) pointColumns() []pointColumn {
	list := []pointColumn{{Column{Key: "series", Head: "Series", Wide: true}, func(s *Series, _ int, _ *Axis) Value { return Str(s.Name) }}}
	if len(c.Panels) > 0 {
		list = append(list, pointColumn{Column{Key: "quantity", Head: "Quantity", Wide: true}, func(_ *Series, _ int, y *Axis) Value { return Str(y.Label) }})
	}
	list = append(list, c.xColumns()...)
	list = append(list,
		pointColumn{Column{Key: "value", Head: c.Y.Label, Unit: c.Y.Unit}, func(s *Series, i int, y *Axis) Value { return y.shown(s.Y[i]) }},
		pointColumn{Column{Key: "value_end", Head: "End", Unit: c.Y.Unit, Doc: "end of a segment or mapping, exclusive"}, func(s *Series, i int, y *Axis) Value {
			if s.Mark != Segments {
				return Value{}
			}
			return y.shown(s.Y2[i])
		}},
	)
	if c.counted() {
		list = append(list, pointColumn{Column{Key: "value_raw", Head: "Raw", Unit: c.Y.Unit, Exact: true, Doc: "the value as it stands in the packet"},
			func(s *Series, i int, y *Axis) Value { return y.value(s.Y[i], int64(s.Y[i])) }})
	}
	return append(list,
		pointColumn{Column{Key: "frame", Head: "Frame", Exact: true}, func(s *Series, i int, _ *Axis) Value {
			if i < len(s.Frame) {
				return Uint(uint64(s.Frame[i]))
			}
			return Value{}
		}},
		pointColumn{Column{Key: "label", Head: "Label"}, func(s *Series, i int, _ *Axis) Value {
			if label := s.Label(i); label != "" {
				return Str(label)
			}
			return Value{}
		}},
	)
}

// xColumns are the relative time and the moment, or X by the name of its axis.
func (c *Chart) xColumns() []pointColumn {
	if c.X.Log {
		return []pointColumn{{Column{Key: slug(c.X.Label, "x"), Head: c.X.Label, Unit: c.X.Unit}, func(s *Series, i int, _ *Axis) Value {
			v := LogValue(float64(s.X[i]))
			return c.X.value(v, int64(v))
		}}}
	}
	if !c.X.Moments {
		return []pointColumn{{Column{Key: slug(c.X.Label, "x"), Head: c.X.Label, Unit: c.X.Unit},
			func(s *Series, i int, _ *Axis) Value { return c.X.value(float64(s.X[i]), s.X[i]) }}}
	}
	return []pointColumn{
		{Column{Key: "reltime", Head: "Time", Unit: Nanoseconds, Doc: "from the start of the capture"}, func(s *Series, i int, _ *Axis) Value { return Duration(s.X[i]) }},
		{Column{Key: "abstime", Head: "Moment", Unit: Nanoseconds, Origin: int64(c.X.Base), Doc: "since 1970"},
			func(s *Series, i int, _ *Axis) Value { return Time(int64(c.X.Base) + s.X[i]) }},
	}
}

// slug makes a column's key of a label: "Round trip time" is round_trip_time.
func slug(label, otherwise string) string {
	words := strings.FieldsFunc(strings.ToLower(label), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return otherwise
	}
	return strings.Join(words, "_")
}

// counted says whether any panel shows numbers that count from somewhere else than 0.
func (c *Chart) counted() bool {
	for _, a := range c.PanelAxes() {
		if a.Base != 0 && !a.Absolute {
			return true
		}
	}
	return false
}

// seriesOf finds the series that a row belongs to.
func seriesOf(starts []int, row int) int {
	lo, hi := 0, len(starts)-1
	for lo+1 < hi {
		if mid := (lo + hi) / 2; starts[mid] <= row {
			lo = mid
		} else {
			hi = mid
		}
	}
	for starts[lo+1] <= row { // empty series before it
		lo++
	}
	return lo
}

// shown is the value as the axis shows it: the offset, or base and offset together where it is absolute.
func (a *Axis) shown(offset float64) Value {
	own := *a
	if !a.Absolute {
		own.Base = 0
	}
	return own.value(offset, int64(offset))
}

// value is what an offset stands for.
func (a *Axis) value(offset float64, whole int64) Value {
	switch {
	case math.IsNaN(offset) || math.IsInf(offset, 0):
		return Value{}
	case a.Moments:
		return Time(int64(a.Base) + whole)
	case a.Unit == Nanoseconds:
		return Duration(whole)
	case offset != math.Trunc(offset) || math.Abs(offset) >= 1<<53:
		return Float(float64(a.Base) + offset)
	case whole < 0 && a.Base < uint64(-whole):
		return Int(int64(a.Base) + whole)
	}
	return Uint(a.Base + uint64(whole))
}
