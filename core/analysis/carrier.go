package analysis

import (
	"context"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// carriers collects reinjections by the subflow that carried the data before, whose colour they have.
type carriers struct {
	scope *Scope
	of    map[int]*points // by ordinal
	rows  map[uint32]bool // that are reinjections
	first trace.Row
}

func newCarriers(ctx context.Context, s *Scope) (c carriers, err error) {
	c = carriers{scope: s, of: map[int]*points{}}
	if s.Conn != nil {
		c.rows, err = reinjecting(ctx, s.Trace, s.Conn)
	}
	return c, err
}

// add marks a packet whose data another subflow had carried, if it is a reinjection; the label names both.
func (c *carriers) add(r *trace.Row, x int64, y uint64) {
	if len(r.ReinjectionOf) == 0 || !c.rows[r.ID-1] {
		return
	}
	c.scope.Trace.Row(int(r.ReinjectionOf[0])-1, &c.first)
	before := &c.first
	p := c.of[before.Ordinal]
	if p == nil {
		p = &points{Series: display.Series{Name: fmt.Sprintf("reinjected from %d", before.Stream), Group: before.Ordinal, Mark: display.Reinject}}
		c.of[before.Ordinal] = p
	}
	p.add(x, y, r.Frame)
	p.Labels = append(p.Labels, fmt.Sprintf("now on %d · %s; before on %d · %s, frame %d, %s earlier",
		r.Stream, c.flow(r), before.Stream, c.flow(before), before.Frame, display.Scaled(float64(r.Time-before.Time), display.Nanoseconds)))
}

func (c *carriers) flow(r *trace.Row) string {
	return flowName(&c.scope.Trace.Streams[r.Stream], r.Dest)
}

// list gives the series by ordinal.
func (c *carriers) list() []*points {
	var all []*points
	for ordinal := 0; len(all) < len(c.of); ordinal++ {
		if p := c.of[ordinal]; p != nil {
			all = append(all, p)
		}
	}
	return all
}
