package bridge

import (
	"fmt"
	"sort"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// foundEvent answers "find".
type foundEvent struct {
	Event string `json:"event"` // "found"
	At    int    `json:"at"`    // where the row stands in the order that was last asked for; -1 where it is not
	ID    int    `json:"id"`    // its number in the unsorted table
	// More says that the rows are not in their order yet: who asks again has the search go on.
	More bool `json:"more,omitempty"`
}

// find answers where the row is that has a number in a column. The column's numbers must grow with the rows of the unsorted
// table, as those of frames do.
func (b *Bridge) find(r *Request, out *output) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tables[r.Handle]
	if t == nil {
		return fmt.Errorf("there is no table %d", r.Handle)
	}
	col := t.column(r.Key)
	if col < 0 {
		return fmt.Errorf("table %q has no column %q", t.Name, r.Key)
	}
	wanted := display.Uint(r.Number)
	e := foundEvent{Event: "found", At: -1}
	e.ID = sort.Search(t.Rows, func(row int) bool { return compare(t.Cell(row, col), wanted) >= 0 })
	if e.ID < t.Rows && t.Cell(e.ID, col) == wanted {
		e.At, e.More = t.stands(e.ID)
	}
	out.send(e)
	return nil
}
