package bridge

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// order is the rows of a table that a view asks for, in its order, as far as the table has been looked through.
type order struct {
	view   View            // the Sort, Descending, Filter and Verdict that it is made for
	among  []int           // the rows to look at; nil: all
	total  int             // how many these are
	looked int             // how many of them were looked at
	rows   []int           // those that are kept
	sorted bool            // among has the order that is asked for
	values []display.Value // of the rows that are kept, by which they are still to be sorted
}

const (
	// lookFor is how long one request looks through rows: a table that has more is asked for again, and other requests come
	// in between. Rows of a long list take some seconds, verdicts longer.
	lookFor = 40 * time.Millisecond
	// lookOften is how many rows are looked at between two looks at the clock.
	lookOften = 16
	// keptOrders is how many orders of a table are kept: the list's, and one of who searches it beside.
	keptOrders = 2
)

// done says that all rows were looked at.
func (o *order) done() bool { return o.looked == o.total }

// ordered gives the order for a view, looked through for a while; nil for the table's own. It becomes the last one asked for.
func (t *shownTable) ordered(v View) *order {
	v.From, v.Count, v.Filter = 0, 0, strings.ToLower(v.Filter)
	if v.Sort == "" && v.Filter == "" && v.Verdict == "" {
		t.own = true
		return nil
	}
	t.own = false
	at := slices.IndexFunc(t.orders, func(o *order) bool { return o.view == v })
	if at < 0 {
		t.orders = append(t.orders, t.begin(v))
		at = len(t.orders) - 1
	}
	o := t.orders[at]
	t.orders = append([]*order{o}, slices.Delete(t.orders, at, at+1)...)
	t.orders = t.orders[:min(len(t.orders), keptOrders)]
	t.look(o)
	return o
}

// last is the order that was last asked for; nil for the table's own.
func (t *shownTable) last() *order {
	if t.own || len(t.orders) == 0 {
		return nil
	}
	return t.orders[0]
}

// stands says where a row is in the order that was last asked for, -1 if it is not there; more, that the order is still to be
// found, and was looked for further.
func (t *shownTable) stands(row int) (at int, more bool) {
	o := t.last()
	if o == nil {
		return row, false
	}
	if t.look(o); !o.done() {
		return -1, true
	}
	return slices.Index(o.rows, row), false
}

// begin makes an order in which nothing was looked at yet. Who types a filter adds to it letter by letter: what satisfies the
// longer one is among what satisfied the shorter one.
func (t *shownTable) begin(v View) *order {
	o := &order{view: v, total: t.Rows}
	for _, wider := range t.orders {
		w := wider.view
		if !wider.done() || !strings.Contains(v.Filter, w.Filter) || (w.Verdict != "" && w.Verdict != v.Verdict) ||
			(o.among != nil && len(o.among) <= len(wider.rows)) {
			continue
		}
		o.among, o.total = wider.rows, len(wider.rows)
		o.sorted = w.Sort == v.Sort && w.Descending == v.Descending
	}
	if o.among != nil && !o.sorted {
		o.among = slices.Sorted(slices.Values(o.among))
	}
	return o
}

// look goes on looking through the rows, for a while.
func (t *shownTable) look(o *order) {
	if o.done() {
		return
	}
	until, verdict, by := time.Now().Add(lookFor), t.column("verdict"), -1
	if o.view.Sort != "" && !o.sorted {
		by = t.column(o.view.Sort)
	}
	for !o.done() {
		t.keep(o, o.looked, verdict, by)
		o.looked++
		if o.looked%lookOften == 0 && !o.done() && time.Now().After(until) {
			return
		}
	}
	if by >= 0 {
		o.sort()
	}
}

// keep looks at one row.
func (t *shownTable) keep(o *order, at, verdict, by int) {
	row := at
	if o.among != nil {
		row = o.among[at]
	}
	v := &o.view
	if v.Verdict != "" && (verdict < 0 || t.Cell(row, verdict).Text() != v.Verdict) {
		return
	}
	if v.Filter != "" && !t.contains(row, v.Filter) {
		return
	}
	o.rows = append(o.rows, row)
	if by >= 0 {
		o.values = append(o.values, t.Cell(row, by))
	}
}

// contains says whether a cell of the row, as people read it, contains the lower-case text. Rows are written once: who types
// a filter asks again with every letter.
func (t *shownTable) contains(row int, text string) bool {
	if t.texts == nil {
		t.texts = make([]string, t.Rows)
	}
	if t.texts[row] == "" {
		t.texts[row] = t.lower(row)
	}
	return strings.Contains(t.texts[row], text)
}

// lower is the row in lower case, a line for each cell.
func (t *shownTable) lower(row int) string {
	var b strings.Builder
	for col := range t.Columns {
		b.WriteString(strings.ToLower(display.Format(t.Cell(row, col), &t.Columns[col], display.People)))
		b.WriteByte('\n')
	}
	return b.String()
}

// sort orders the rows by their values, equal ones in the table's own order, missing values last.
func (o *order) sort() {
	at := make([]int, len(o.rows))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int {
		va, vb := o.values[a], o.values[b]
		am, bm := va.Kind() == display.Missing, vb.Kind() == display.Missing
		switch {
		case am && bm:
			return 0
		case am:
			return 1
		case bm:
			return -1
		case o.view.Descending:
			return compare(vb, va)
		}
		return compare(va, vb)
	})
	for i, from := range at {
		at[i] = o.rows[from]
	}
	o.rows, o.values = at, nil
}

// compare orders two values of a column; values of different kinds, by their kinds.
func compare(a, b display.Value) int {
	if a.Kind() != b.Kind() {
		return cmp.Compare(a.Kind(), b.Kind())
	}
	switch a.Kind() {
	case display.IntKind, display.TimeKind, display.DurationKind:
		return cmp.Compare(a.Int(), b.Int())
	case display.FloatKind:
		return cmp.Compare(a.Float(), b.Float())
	case display.TextKind:
		return strings.Compare(a.Text(), b.Text())
	}
	return cmp.Compare(a.Uint(), b.Uint())
}
