package where

import "github.com/mptcpanalyzer/mptcpanalyzer/display"

// Table keeps the rows of a table that satisfy an expression over its columns, named by their keys. An error is an *Error.
func Table(source string, t *display.Table) (*display.Table, error) {
	c := &compiler[int]{}
	for i := range t.Columns {
		c.columns = append(c.columns, column[int]{name: t.Columns[i].Key, value: func() value[int] { return cellValue(t, i) }})
	}
	test, err := c.compile(source)
	if err != nil {
		return nil, err
	}
	var rows []int
	for row := range t.Rows {
		if test(row) {
			rows = append(rows, row)
		}
	}
	kept := *t
	kept.Rows = len(rows)
	kept.Cell = func(row, col int) display.Value { return t.Cell(rows[row], col) }
	if t.Open != nil {
		kept.Open = func(row int) string { return t.Open(rows[row]) }
	}
	if t.Rows > 0 {
		kept.Empty = "no row satisfies " + source
	}
	return &kept, nil
}

// lookedAt is how many rows tell what a column holds.
const lookedAt = 1 << 12

// cellValue reads a column as what its first rows hold.
func cellValue(t *display.Table, col int) (v value[int]) {
	v.nothing = func(row int) bool { return t.Cell(row, col).Kind() == display.Missing }
	for row := range min(t.Rows, lookedAt) {
		switch t.Cell(row, col).Kind() {
		case display.UintKind, display.IntKind, display.SubflowKind:
			if v.number == nil {
				v.number = func(row int) (number, bool) { return wholeCell(t.Cell(row, col)) }
			}
		case display.TimeKind, display.DurationKind:
			if v.number == nil {
				v.time, v.scale = true, 9
				v.number = func(row int) (number, bool) { return wholeCell(t.Cell(row, col)) }
			}
		case display.FloatKind:
			v.real = func(row int) (float64, bool) { return realCell(t.Cell(row, col)) }
		case display.TextKind:
			v.text = func(row int, room []byte) ([]byte, bool) {
				cell := t.Cell(row, col)
				return append(room, cell.Text()...), cell.Kind() == display.TextKind
			}
		case display.BoolKind:
			v.test = func(row int) bool {
				cell := t.Cell(row, col)
				return cell.Kind() == display.BoolKind && cell.Bool()
			}
		}
	}
	if v.real != nil {
		v.number, v.time, v.scale = nil, false, 0 // measured in some rows: no more exact than those
	}
	return v
}

func wholeCell(c display.Value) (number, bool) {
	switch c.Kind() {
	case display.UintKind:
		return fromUint(c.Uint()), true
	case display.IntKind, display.TimeKind, display.DurationKind:
		return fromInt(c.Int()), true
	case display.SubflowKind:
		_, id := c.Subflow()
		return fromUint(id), true
	}
	return number{}, false
}

func realCell(c display.Value) (float64, bool) {
	if c.Kind() == display.FloatKind {
		return c.Float(), true
	}
	n, ok := wholeCell(c)
	return n.float(0), ok
}
