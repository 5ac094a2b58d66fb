package bridge

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// View says which rows of a table are wanted, in which order.
type View struct {
	From  int `json:"from"`
	Count int `json:"count"`
	// Sort is the key of the column to sort by, or "" for the table's own order; Descending turns it around.
	Sort       string `json:"sort"`
	Descending bool   `json:"descending"`
	// Filter keeps the rows in which some cell contains it, in any case.
	Filter string `json:"filter"`
	// Verdict keeps the rows that have just this in the column "verdict"; "" keeps all.
	Verdict string `json:"verdict"`
}

// mostRows is how many rows one answer carries at most.
const mostRows = 1000

// shownTable is a table that the page shows, with the orders that were last asked for.
type shownTable struct {
	*display.Table
	orders []*order // the last one first
	own    bool     // the table's own order was asked for after them
	texts  []string // of the rows, to be filtered; nil until they are
}

// present keeps a table and introduces it, its first rows without the columns of the keys later.
func (b *Bridge) present(t *display.Table, later []string) tableEvent {
	s := &shownTable{Table: t}
	b.mu.Lock()
	b.last++
	handle := b.last
	b.tables[handle] = s
	b.mu.Unlock()
	return tableEvent{
		Event: "table", Handle: handle, Name: t.Name, Title: t.Title, Command: t.Command, Source: t.Source, Empty: t.Empty,
		Columns: columns(t), Span: s.span(), rowsPart: s.part(View{Count: firstRows}, later),
	}
}

// columns introduces the columns of a table.
func columns(t *display.Table) []columnItem {
	items := make([]columnItem, len(t.Columns))
	for i := range t.Columns {
		c := &t.Columns[i]
		items[i] = columnItem{
			Key: c.Key, Head: c.Heading(display.People), Exact: c.Heading(display.Exact), Doc: c.Doc, Share: c.Share, Wide: c.Wide,
			Number: c.Unit != display.None,
		}
	}
	return items
}

// rows answers with a window of a table's rows.
func (b *Bridge) rows(r *Request, out *output) error {
	e, err := b.window(r.Handle, r.View)
	if err != nil {
		return err
	}
	out.send(e)
	return nil
}

func (b *Bridge) window(handle int, v View) (rowsEvent, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tables[handle]
	if t == nil {
		return rowsEvent{}, fmt.Errorf("there is no table %d", handle)
	}
	if v.Sort != "" && t.column(v.Sort) < 0 {
		return rowsEvent{}, fmt.Errorf("table %q has no column %q", t.Name, v.Sort)
	}
	return rowsEvent{Event: "rows", Handle: handle, rowsPart: t.part(v, nil)}, nil
}

// part is the rows that a view asks for, without the columns of the keys later.
func (t *shownTable) part(v View, later []string) rowsPart {
	o := t.ordered(v)
	p := rowsPart{Total: t.Rows, From: max(v.From, 0), Rows: [][]any{}, IDs: []int{}}
	end := p.From + min(max(v.Count, 0), mostRows)
	if o != nil {
		p.Total, p.More = len(o.rows), !o.done()
	}
	if p.More && o.values != nil {
		end = p.From // in no order as yet
	}
	for i := p.From; i < min(end, p.Total); i++ {
		row := i
		if o != nil {
			row = o.rows[i]
		}
		cells := make([]any, len(t.Columns))
		for col := range t.Columns {
			if slices.Contains(later, t.Columns[col].Key) {
				continue
			}
			if c, ok := newCell(t.Cell(row, col), &t.Columns[col]); ok {
				cells[col] = c
			}
		}
		p.Rows, p.IDs = append(p.Rows, cells), append(p.IDs, row)
		if t.Open != nil {
			p.Open = append(p.Open, t.Open(row))
		}
	}
	return p
}

// span is the time from 0 to the last end of rows that have a start and a duration, as a decimal string; "" where the
// table has no such columns.
func (t *shownTable) span() string {
	start, duration := t.column("start"), t.column("duration")
	if start < 0 || duration < 0 {
		return ""
	}
	var last int64
	for row := range t.Rows {
		last = max(last, t.Cell(row, start).Int()+t.Cell(row, duration).Int())
	}
	return strconv.FormatInt(last, 10)
}

// column is the index of the column with that key, or -1.
func (t *shownTable) column(key string) int {
	return slices.IndexFunc(t.Columns, func(c display.Column) bool { return c.Key == key })
}

// kind is the name of a value's kind in events.
func kind(k display.Kind) string {
	return [...]string{
		display.Missing: "", display.UintKind: "uint", display.IntKind: "int", display.FloatKind: "float",
		display.TextKind: "text", display.BoolKind: "bool", display.TimeKind: "time", display.DurationKind: "duration",
		display.SubflowKind: "subflow",
	}[k]
}

// newCell writes a value for the page; false where it is missing.
func newCell(v display.Value, c *display.Column) (cell, bool) {
	if v.Kind() == display.Missing {
		return cell{}, false
	}
	made := cell{Kind: kind(v.Kind()), Text: display.Visible(display.Format(v, c, display.People))}
	if v.Kind() == display.TextKind {
		return made, true
	}
	if exact := display.Format(v, c, display.Exact); exact != made.Text {
		made.Exact = exact
	}
	switch v.Kind() {
	case display.UintKind, display.IntKind, display.FloatKind, display.TimeKind, display.DurationKind:
		if value := display.Format(v, c, display.Machine); value != made.Text {
			made.Value = value
		}
	case display.SubflowKind:
		made.Subflow, _ = v.Subflow()
	}
	if c.Share && v.Kind() == display.FloatKind {
		made.Share = min(max(v.Float(), 0), 1)
	}
	return made, true
}
