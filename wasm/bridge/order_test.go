package bridge

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// slow is a table whose cells take their time: a number that goes up and down, and its name.
func slow(rows int, looks *atomic.Int64) *shownTable {
	cell := func(row, col int) display.Value {
		looks.Add(1)
		time.Sleep(time.Millisecond)
		n := uint64(row * 37 % rows)
		if col == 0 {
			return display.Uint(n)
		}
		return display.Str(fmt.Sprintf("No %03d", n))
	}
	return &shownTable{Table: &display.Table{
		Rows: rows, Cell: cell, Columns: []display.Column{{Key: "n", Unit: display.Bytes}, {Key: "verdict"}},
	}}
}

// A long table is looked through in steps, and what has been found is told after each. In the end it is what looking at every
// row finds.
func TestOrderInSteps(t *testing.T) {
	const n = 120
	var looks atomic.Int64
	table := slow(n, &looks)
	for _, v := range []View{
		{Filter: "NO 0"},
		{Filter: "no 01"},
		{Filter: "no 01", Sort: "n", Descending: true},
		{Filter: "no 0", Sort: "n"},
		{Sort: "n"},
		{Verdict: "No 007"},
		{Filter: "1", Verdict: "No 007"},
		{},
	} {
		var want []int
		for row := range n {
			name := table.Cell(row, 1).Text()
			if strings.Contains(strings.ToLower(name), strings.ToLower(v.Filter)) && (v.Verdict == "" || v.Verdict == name) {
				want = append(want, row)
			}
		}
		if v.Sort != "" {
			slices.SortFunc(want, func(a, b int) int {
				if v.Descending {
					a, b = b, a
				}
				return a*37%n - b*37%n
			})
		}
		v.Count = n
		found := 0
		for {
			p := table.part(v, nil)
			if !p.More {
				if !slices.Equal(p.IDs, want) || p.Total != len(want) {
					t.Errorf("%+v finds %d of %d, want %d", v, p.IDs, p.Total, want)
				}
				break
			}
			if p.Total < found || (v.Sort == "" && !slices.Equal(p.IDs, want[:p.Total])) {
				t.Errorf("%+v finds %d at first, %d before", v, p.IDs, found)
			}
			found = p.Total
		}
	}
}

// A row of a table that is still being sorted is looked for until it stands where it will stay.
func TestStandsInAnOrder(t *testing.T) {
	const n = 120
	var looks atomic.Int64
	table := slow(n, &looks)
	if p := table.part(View{Sort: "n", Count: n}, nil); !p.More {
		t.Fatalf("%d rows are sorted at once, which takes a tenth of a second at least", n)
	}
	at, more := table.stands(3)
	if !more || at != -1 {
		t.Errorf("the row stands at %d before all rows were looked at", at)
	}
	for more {
		at, more = table.stands(3)
	}
	if at != 3*37%n {
		t.Errorf("the row stands at %d, want %d", at, 3*37%n)
	}
	if at, more := table.stands(n); at != -1 || more {
		t.Errorf("a row that is none stands at %d", at)
	}
}

// A step ends before a long table does, and who types on has only those rows looked at that were found before.
func TestOrderGoesOn(t *testing.T) {
	const n = 400
	var looks atomic.Int64
	table := slow(n, &looks)
	p := table.part(View{Filter: "no 00"}, nil)
	if !p.More {
		t.Fatalf("all of %d rows were looked at, which takes a second at least", n)
	}
	for p.More {
		p = table.part(View{Filter: "no 00"}, nil)
	}
	looks.Store(0)
	p = table.part(View{Filter: "no 003"}, nil)
	if p.More || p.Total != 1 || looks.Load() != 0 {
		t.Errorf("of the ten rows found before, %d are found after %d looks at cells; more: %t", p.Total, looks.Load(), p.More)
	}
	if o := table.last(); o == nil || o.total != 10 {
		t.Errorf("the order looks at %+v", o)
	}
	if table.part(View{}, nil); table.last() != nil {
		t.Error("the table's own order is not the last one asked for")
	}
}
