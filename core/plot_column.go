package core

import (
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// plottable finds a column by name among those that can be drawn. Names may be in any case, and as the generation written in
// Haskell had them: tcpSeq, mptcpDsn, tsval.
func plottable(name string) *trace.Column {
	lower := strings.ToLower(name)
	for _, known := range []string{name, lower, strings.TrimPrefix(lower, "mptcp"), "tcp" + lower} {
		c := trace.ColumnByName(known)
		if c != nil && c.Type == trace.List {
			c = firstOfList(c)
		}
		if c != nil && c.Label != "" && c.Uint != nil {
			return c
		}
	}
	return nil
}

// columnPlot finds a column that is drawn by its name; with tcp_ before it of a single TCP stream.
func columnPlot(name string) (column *trace.Column, ofStream bool) {
	if rest, found := strings.CutPrefix(name, "tcp_"); found {
		return plottable(rest), true
	}
	return plottable(name), false
}

// firstOfList makes a column of lists one of numbers, if they are packets: the first one of each list.
func firstOfList(c *trace.Column) *trace.Column {
	var list func(r *trace.Row) []uint32
	switch c.Name {
	case "related_mappings":
		c.Label, list = "Packet of the mapping", func(r *trace.Row) []uint32 { return r.RelatedMappings }
	case "reinjection_of":
		c.Label, list = "Packet reinjected", func(r *trace.Row) []uint32 { return r.ReinjectionOf }
	case "reinjected_in":
		c.Label, list = "Packet reinjected in", func(r *trace.Row) []uint32 { return r.ReinjectedIn }
	default:
		return nil
	}
	c.Uint = func(_ *trace.Context, r *trace.Row) (uint64, bool) {
		if packets := list(r); len(packets) > 0 {
			return uint64(packets[0]), true
		}
		return 0, false
	}
	return c
}

func plottableColumns() []*trace.Column {
	var found []*trace.Column
	columns := trace.Columns()
	for i := range columns {
		if c := plottable(columns[i].Name); c != nil && c.Name == columns[i].Name {
			found = append(found, c)
		}
	}
	return found
}
