package plugin

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// page is an answer as a plugin writes it.
type page struct {
	Protocol int     `json:"protocol"`
	Blocks   []block `json:"blocks"`
}

// block has exactly one of its parts.
type block struct {
	Text *struct {
		Title string `json:"title"`
		Body  string `json:"body"`
		Pre   bool   `json:"pre"`
	} `json:"text"`
	Note *struct {
		Body    string `json:"body"`
		Caution bool   `json:"caution"`
	} `json:"note"`
	Table *table `json:"table"`
	Chart *chart `json:"chart"`
}

type table struct {
	Name    string  `json:"name"`
	Title   string  `json:"title"`
	Empty   string  `json:"empty"`
	Columns []col   `json:"columns"`
	Rows    [][]any `json:"rows"`
}

type col struct {
	Key  string `json:"key"`
	Head string `json:"head"`
	Type string `json:"type"`
	Unit string `json:"unit"`
	Doc  string `json:"doc"`
	// Exact numbers are ids, not scaled; Wide text may be long; Share numbers have a bar.
	Exact bool `json:"exact"`
	Wide  bool `json:"wide"`
	Share bool `json:"share"`
}

type chart struct {
	Title    string   `json:"title"`
	Subtitle string   `json:"subtitle"`
	X        axis     `json:"x"`
	Y        axis     `json:"y"`
	Notes    []string `json:"notes"`
	Series   []series `json:"series"`
}

type axis struct {
	Label string `json:"label"`
	Unit  string `json:"unit"`
	Base  any    `json:"base"`
}

type series struct {
	Name   string    `json:"name"`
	Group  *int      `json:"group"`
	Mark   string    `json:"mark"`
	Dashed bool      `json:"dashed"`
	X      []int64   `json:"x"`
	Y      []float64 `json:"y"`
	Y2     []float64 `json:"y2"`
	Labels []string  `json:"labels"`
}

// readPage reads an answer. An error says which part of it is wrong.
func readPage(text []byte) (display.Page, error) {
	var p page
	if err := decode(text, &p); err != nil {
		return nil, err
	}
	if p.Protocol != protocol {
		return nil, fmt.Errorf("it speaks protocol %d, and %d is spoken here", p.Protocol, protocol)
	}
	made := display.Page{}
	for i := range p.Blocks {
		b, err := p.Blocks[i].display()
		if err != nil {
			return nil, fmt.Errorf("block %d: %w", i, err)
		}
		made = append(made, b)
	}
	return made, nil
}

func (b *block) display() (display.Block, error) {
	parts := 0
	for _, there := range []bool{b.Text != nil, b.Note != nil, b.Table != nil, b.Chart != nil} {
		if there {
			parts++
		}
	}
	if parts != 1 {
		return nil, fmt.Errorf("one of text, note, table and chart is wanted")
	}
	switch {
	case b.Text != nil:
		return &display.Text{Title: b.Text.Title, Body: b.Text.Body, Pre: b.Text.Pre}, nil
	case b.Note != nil:
		note := &display.Note{Body: b.Note.Body}
		if b.Note.Caution {
			note.Level = display.Caution
		}
		return note, nil
	case b.Table != nil:
		return b.Table.display()
	}
	return b.Chart.display()
}

func unit(name string) (display.Unit, error) {
	for _, u := range []display.Unit{display.None, display.Bytes, display.BytesPerSecond, display.BitsPerSecond, display.Nanoseconds} {
		if u.Symbol() == name {
			return u, nil
		}
	}
	if name == "%" {
		return display.Ratio, nil
	}
	return display.None, fmt.Errorf("unknown unit %q", name)
}

func (t *table) display() (display.Block, error) {
	made := &display.Table{Name: t.Name, Title: t.Title, Empty: t.Empty, Rows: len(t.Rows)}
	for i, c := range t.Columns {
		u, err := unit(c.Unit)
		if err != nil || c.Key == "" || c.Head == "" {
			return nil, fmt.Errorf("column %d: key, head and a known unit are wanted: %v", i, err)
		}
		if c.Type == "time" || c.Type == "duration" {
			u = display.Nanoseconds
		}
		made.Columns = append(made.Columns, display.Column{Key: c.Key, Head: c.Head, Unit: u, Doc: c.Doc, Exact: c.Exact, Wide: c.Wide, Share: c.Share})
	}
	values := make([][]display.Value, len(t.Rows))
	for r, row := range t.Rows {
		if len(row) != len(t.Columns) {
			return nil, fmt.Errorf("row %d has %d cells for %d columns", r, len(row), len(t.Columns))
		}
		values[r] = make([]display.Value, len(row))
		for c, cell := range row {
			v, err := value(cell, t.Columns[c].Type)
			if err != nil {
				return nil, fmt.Errorf("row %d, %s: %w", r, t.Columns[c].Key, err)
			}
			values[r][c] = v
		}
	}
	made.Cell = func(row, col int) display.Value { return values[row][col] }
	return made, nil
}

// value reads a cell of a type.
func value(cell any, kind string) (display.Value, error) {
	if cell == nil {
		return display.Value{}, nil
	}
	wrong := fmt.Errorf("%v is no %s", cell, kind)
	switch kind {
	case "", "text":
		if s, ok := cell.(string); ok {
			return display.Str(s), nil
		}
		return display.Value{}, fmt.Errorf("%v is no text", cell)
	case "bool":
		b, ok := cell.(bool)
		if !ok {
			return display.Value{}, wrong
		}
		return display.Bool(b), nil
	case "number":
		f, err := strconv.ParseFloat(digits(cell), 64)
		if err != nil {
			return display.Value{}, wrong
		}
		return display.Float(f), nil
	case "integer":
		if u, err := strconv.ParseUint(digits(cell), 10, 64); err == nil {
			return display.Uint(u), nil
		}
	case "subflow":
		return subflow(cell)
	case "time", "duration":
	default:
		return display.Value{}, fmt.Errorf("unknown type %q", kind)
	}
	i, err := strconv.ParseInt(digits(cell), 10, 64)
	switch {
	case err != nil:
		return display.Value{}, wrong
	case kind == "time":
		return display.Time(i), nil
	case kind == "duration":
		return display.Duration(i), nil
	}
	return display.Int(i), nil
}

// digits is a number as it was written, in a string or not.
func digits(cell any) string {
	switch v := cell.(type) {
	case json.Number:
		return v.String()
	case string:
		return v
	}
	return ""
}

func subflow(cell any) (display.Value, error) {
	if pair, ok := cell.([]any); ok && len(pair) == 2 {
		ordinal, err := strconv.ParseUint(digits(pair[0]), 10, 16)
		id, idErr := strconv.ParseUint(digits(pair[1]), 10, 32)
		if err == nil && idErr == nil {
			return display.Subflow(int(ordinal), id), nil
		}
	}
	return display.Value{}, fmt.Errorf("%v is no subflow: [ordinal, id] is wanted", cell)
}

func (a *axis) display() (display.Axis, error) {
	made := display.Axis{Label: a.Label}
	u, err := unit(a.Unit)
	if err != nil {
		return made, err
	}
	made.Unit = u
	if a.Base != nil {
		if made.Base, err = strconv.ParseUint(digits(a.Base), 10, 64); err != nil {
			return made, fmt.Errorf("base %v is no number from 0 on", a.Base)
		}
		made.Moments = u == display.Nanoseconds
	}
	return made, nil
}

func (c *chart) display() (display.Block, error) {
	made := &display.Chart{Title: c.Title, Subtitle: c.Subtitle, Notes: c.Notes}
	var err error
	if made.X, err = c.X.display(); err != nil {
		return nil, fmt.Errorf("x: %w", err)
	}
	if made.Y, err = c.Y.display(); err != nil {
		return nil, fmt.Errorf("y: %w", err)
	}
	for i := range c.Series {
		s, err := c.Series[i].display()
		if err != nil {
			return nil, fmt.Errorf("series %d: %w", i, err)
		}
		made.Series = append(made.Series, s)
	}
	return made, nil
}

// mostGroup is how many subflows a chart tells apart by far.
const mostGroup = 1 << 16

func (s *series) display() (made display.Series, err error) {
	marks := map[string]display.Mark{"": display.Line, "line": display.Line, "steps": display.Steps, "dots": display.Dots,
		"segments": display.Segments, "bars": display.Bars, "stack": display.Stack, "event": display.Event}
	mark, known := marks[s.Mark]
	switch {
	case !known:
		return made, fmt.Errorf("unknown mark %q", s.Mark)
	case len(s.X) != len(s.Y):
		return made, fmt.Errorf("%d x for %d y", len(s.X), len(s.Y))
	case mark == display.Segments && len(s.Y2) != len(s.Y):
		return made, fmt.Errorf("%d y2 for %d y", len(s.Y2), len(s.Y))
	case mark == display.Event && len(s.Labels) != len(s.Y):
		return made, fmt.Errorf("%d labels for %d events", len(s.Labels), len(s.Y))
	}
	for i := 1; i < len(s.X); i++ {
		if s.X[i] < s.X[i-1] && mark != display.Dots {
			return made, fmt.Errorf("x[%d] is before the one before it", i)
		}
	}
	group := display.Connection
	if s.Group != nil && *s.Group >= 0 && *s.Group < mostGroup {
		group = *s.Group
	}
	return display.Series{Name: s.Name, Group: group, Mark: mark, Dashed: s.Dashed, X: s.X, Y: s.Y, Y2: s.Y2, Labels: s.Labels}, nil
}
