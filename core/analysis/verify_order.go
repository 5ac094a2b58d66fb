package analysis

import (
	"cmp"
	"slices"
	"sort"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// tardy are the data packets of one direction that stand in the file behind packets of a later time, as they do where
// several interfaces were captured side by side.
type tardy struct {
	known bool
	list  []reached // by time
}

// reached is how far the data that was sent up to a time goes, from the direction's base.
type reached struct{ time, end int64 }

// before tells how far the tardy data goes that was sent before a time.
func (l *tardy) before(time int64) int64 {
	at := sort.Search(len(l.list), func(i int) bool { return l.list[i].time > time })
	if at == 0 {
		return 0
	}
	return l.list[at-1].end
}

// findTardy looks for the tardy data towards an end.
func (q *inquiry) findTardy(to stream.Dest, d *dataLevel) {
	var r trace.Row
	var g trace.Glance
	latest := int64(Never)
	d.tardy.known = true
	for row := range connRows(q.t, q.c) {
		q.t.Glance(row, &g)
		if latest == Never || g.Time >= latest {
			latest = g.Time
			continue
		}
		if g.ConnDest != to {
			continue
		}
		end := int64(0)
		if g.HasDSN {
			end = int64(g.DSN-d.base) + int64(g.Len)
		}
		if g.DataFIN {
			if q.t.Row(int(row), &r); r.HasDSS && r.DSS.HasMapping {
				dsn := r.DSS.DSN
				if !r.DSS.DSN8 {
					dsn = mptcp.Expand(d.base+uint64(d.end), uint32(dsn))
				}
				end = max(end, int64(dsn-d.base)+int64(r.DSS.Length))
			}
		}
		if end > 0 {
			d.tardy.list = append(d.tardy.list, reached{time: g.Time, end: end})
		}
	}
	slices.SortFunc(d.tardy.list, func(a, b reached) int { return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.end, b.end)) })
	for i := 1; i < len(d.tardy.list); i++ {
		d.tardy.list[i].end = max(d.tardy.list[i].end, d.tardy.list[i-1].end)
	}
}
