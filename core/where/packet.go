package where

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// packetColumns are the columns of package trace, the two destinations that the original computed beside them, and the number
// of the frame in the file, which answers tell.
func packetColumns() []column[packet] {
	all := trace.Columns()
	columns := make([]column[packet], 0, len(all)+3)
	for i := range all {
		columns = append(columns, column[packet]{all[i].Name, all[i].Field, func() value[packet] { return packetValue(&all[i]) }})
	}
	for _, d := range []struct {
		name string
		dest func(*trace.Row) stream.Dest
	}{
		{"tcpdest", func(r *trace.Row) stream.Dest { return r.Dest }},
		{"mptcpdest", func(r *trace.Row) stream.Dest {
			if !r.InConn {
				return stream.DestUnknown
			}
			return r.ConnDest
		}},
	} {
		if trace.ColumnByName(d.name) == nil {
			columns = append(columns, column[packet]{d.name, "", func() value[packet] { return destValue(d.dest) }})
		}
	}
	return append(columns, column[packet]{"frame", "", func() (v value[packet]) {
		v.plain = func(p packet) (uint64, bool) { return uint64(p.row.Frame), true }
		v.number = func(p packet) (number, bool) { return fromUint(uint64(p.row.Frame)), true }
		v.nothing = absent(v.number)
		return v
	}})
}

func packetValue(c *trace.Column) (v value[packet]) {
	switch {
	case c.Type == trace.List:
		v.list = func(p packet, room []uint64) []uint64 {
			var text [64]byte
			return parseList(c.Append(text[:0], p.context, p.row), room)
		}
		v.nothing = func(p packet) bool {
			var text [64]byte
			return len(c.Append(text[:0], p.context, p.row)) == 0
		}
	case c.Uint == nil:
		v.text = func(p packet, room []byte) ([]byte, bool) {
			room = c.Append(room, p.context, p.row)
			return room, len(room) > 0
		}
		v.nothing = absentText(v.text)
	case c.Type == trace.Nanoseconds:
		v.time, v.scale = true, 9
		v.number = func(p packet) (number, bool) {
			n, ok := c.Uint(p.context, p.row)
			return fromInt(int64(n)), ok
		}
		v.nothing = absent(v.number)
	default:
		v.plain = func(p packet) (uint64, bool) { return c.Uint(p.context, p.row) }
		v.number = func(p packet) (number, bool) {
			n, ok := c.Uint(p.context, p.row)
			return fromUint(n), ok
		}
		v.nothing = absent(v.number)
		if c.Values != nil { // a packet may have several, of which in finds any
			v.list = func(p packet, room []uint64) []uint64 { return c.Values(room, p.row) }
		}
	}
	return v
}

// destValue is a destination as text: Client or Server, nil where it is not known.
func destValue(dest func(*trace.Row) stream.Dest) (v value[packet]) {
	v.words = []string{stream.Client.String(), stream.Server.String()}
	v.text = func(p packet, room []byte) ([]byte, bool) {
		d := dest(p.row)
		return append(room, d.String()...), d != stream.DestUnknown
	}
	v.nothing = absentText(v.text)
	return v
}

// parseList reads numbers separated by commas, as columns write them.
func parseList(text []byte, list []uint64) []uint64 {
	for i := 0; i < len(text); i++ {
		var n uint64
		for ; i < len(text) && text[i] != ','; i++ {
			n = n*10 + uint64(text[i]-'0')
		}
		list = append(list, n)
	}
	return list
}
