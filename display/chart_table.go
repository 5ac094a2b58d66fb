package display

import "math"

// Table gives the points of a chart as rows, every one of them, for export: series, X, Y (base and offset together,
// exact), the end of spans, packet and label.
func (c *Chart) Table() *Table {
	t := &Table{
		Name: "points", Title: c.Title, Command: c.Command,
		Columns: []Column{
			{Key: "series", Head: "Series", Wide: true},
			{Key: "x", Head: c.X.Label, Unit: c.X.Unit, Origin: timeOrigin(&c.X)},
			{Key: "y", Head: c.Y.Label, Unit: c.Y.Unit},
			{Key: "y_end", Head: "End", Unit: c.Y.Unit, Doc: "end of a segment or mapping, exclusive"},
			{Key: "frame", Head: "Frame", Exact: true},
			{Key: "label", Head: "Label"},
		},
		Empty: "no points",
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
		return c.pointCell(s, row-starts[i], col, &axes[min(max(s.Panel, 0), len(axes)-1)])
	}
	return t
}

// timeOrigin is where relative times of an axis count from.
func timeOrigin(a *Axis) int64 {
	if a.Unit == Nanoseconds {
		return int64(a.Base)
	}
	return 0
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

func (c *Chart) pointCell(s *Series, i, col int, y *Axis) Value {
	switch col {
	case 0:
		return Str(s.Name)
	case 1:
		return c.X.value(float64(s.X[i]), s.X[i])
	case 2:
		return y.value(s.Y[i], int64(s.Y[i]))
	case 3:
		if s.Mark == Segments {
			return y.value(s.Y2[i], int64(s.Y2[i]))
		}
	case 4:
		if i < len(s.Frame) {
			return Uint(uint64(s.Frame[i]))
		}
	case 5:
		if label := s.Label(i); label != "" {
			return Str(label)
		}
	}
	return Value{}
}

// value is what an offset stands for.
func (a *Axis) value(offset float64, whole int64) Value {
	switch {
	case math.IsNaN(offset) || math.IsInf(offset, 0):
		return Value{}
	case a.Unit == Nanoseconds && a.Base != 0:
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
