package bridge

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// tally answers with how many rows of a table have which text in the column "verdict". A verdict may take a look at a
// whole connection, so that other events are let in meanwhile.
func (b *Bridge) tally(ctx context.Context, r *Request, out *output) error {
	counts := map[string]int{}
	for row, more := 0, true; more; row++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		text, ok := "", false
		if text, more, ok = b.verdict(r.Handle, row); !ok {
			return fmt.Errorf("there is no table %d", r.Handle)
		}
		if more {
			counts[text]++
		}
	}
	e := tallyEvent{Event: "tally", Items: []tallyItem{}}
	for _, text := range slices.Sorted(maps.Keys(counts)) {
		e.Items = append(e.Items, tallyItem{Text: text, Count: counts[text]})
	}
	slices.SortStableFunc(e.Items, func(a, b tallyItem) int { return b.Count - a.Count })
	out.send(e)
	return nil
}

// verdict is that of a row; more is false behind the last row, and of a table that has no verdicts, ok where there is no
// such table.
func (b *Bridge) verdict(handle, row int) (text string, more, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.tables[handle]
	if t == nil {
		return "", false, false
	}
	col := t.column("verdict")
	if col < 0 || row >= t.Rows {
		return "", false, true
	}
	return t.Cell(row, col).Text(), true, true
}
