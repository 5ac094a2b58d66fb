package kernel

import (
	"fmt"
	"strconv"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// progress is how far a command of a cell has come, shown in one place that is updated. The next block takes that place:
// so a notebook holds the same whether loading took a moment or a minute.
type progress struct {
	seen  bool // there was some since the last block
	since time.Time
	shown string // display_id, empty while it is not worth showing
	last  time.Time
	now   display.Progress
}

const (
	progressDelay    = 300 * time.Millisecond // shorter work shows none
	progressInterval = 150 * time.Millisecond
)

// Progress shows how far work has come.
func (c *cell) Progress(p display.Progress) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.silent || c.quiet {
		return
	}
	now := time.Now()
	if !c.progress.seen {
		c.progress = progress{seen: true, since: now}
	}
	if p.End {
		return // what follows takes its place
	}
	c.progress.now = p
	if now.Sub(c.progress.since) < progressDelay || now.Sub(c.progress.last) < progressInterval {
		return
	}
	c.progress.last = now
	bundle := progressBundle(p)
	if p.Page != nil {
		bundle = pageBundle(c.kernel.renderer, p.Page)
	}
	if c.progress.shown == "" {
		c.flush()
		c.progress.shown = c.newDisplayID()
		c.publish("display_data", c.identified(bundle))
		return
	}
	c.publish("update_display_data", c.identified(bundle))
}

// newDisplayID names a place on the page. Clients keep it to themselves: it is in no notebook file.
func (c *cell) newDisplayID() string {
	return fmt.Sprintf("%s-%d", c.kernel.codec.Session(), c.kernel.displays.Add(1))
}

func (c *cell) identified(b *Bundle) map[string]any {
	return map[string]any{
		"data": b.Data, "metadata": b.meta(), "transient": map[string]any{"display_id": c.progress.shown},
	}
}

// takePlace shows a block where the progress stood.
func (c *cell) takePlace(b *Bundle) {
	if c.progress.shown == "" {
		c.display(b)
	} else {
		c.flush()
		c.publish("update_display_data", c.identified(b))
	}
	c.progress = progress{}
}

// endProgress leaves the place of a progress tidy when no block came: empty, or where the work was when it failed.
func (c *cell) endProgress(err error) {
	if c.progress.shown != "" {
		b := plainBundle("")
		if err != nil {
			b = plainBundle(c.progress.now.Task + ": stopped" + extent(c.progress.now))
		}
		c.publish("update_display_data", c.identified(b))
	}
	c.progress = progress{}
}

// extent says how far work has come, or nothing if nobody knows.
func extent(p display.Progress) string {
	switch {
	case p.Total > 0:
		return " at " + display.Scaled(float64(p.Done)/float64(p.Total), display.Ratio)
	case p.Done > 0:
		return " at " + display.Scaled(float64(p.Done), p.Unit)
	}
	return ""
}

// permille is the part that is done, for a bar.
func permille(p display.Progress) string {
	return strconv.FormatInt(max(0, min(1000, int64(1000*(float64(p.Done)/float64(p.Total))))), 10)
}
