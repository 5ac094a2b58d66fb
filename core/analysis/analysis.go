// Package analysis turns a trace into answers: one analysis a file, trace in, display blocks out. It reads columns, never
// bytes, prints nothing and keeps nothing.
package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// field is one column of a table over items of type T: its head and how to read it, in one literal.
type field[T any] struct {
	display.Column
	value func(t *trace.Trace, item T) display.Value
}

// table builds a lazy table over items.
func table[T any](t *trace.Trace, fields []field[T], rows int, item func(row int) T) *display.Table {
	columns := make([]display.Column, len(fields))
	for i := range fields {
		columns[i] = fields[i].Column
	}
	return &display.Table{
		Columns: columns,
		Rows:    rows,
		Cell:    func(row, col int) display.Value { return fields[col].value(t, item(row)) },
	}
}

// id is a column of identifiers.
func id(key, head, doc string) display.Column {
	return display.Column{Key: key, Head: head, Doc: doc, Exact: true}
}

// span is the time from the first to the last of both directions.
func span(toward *[3]stream.Direction) (first, last int64) {
	for _, d := range toward {
		if d.Packets == 0 {
			continue
		}
		if first == 0 || d.First < first {
			first = d.First
		}
		last = max(last, d.Last)
	}
	return first, last
}

// subflowToward is the direction of a subflow's stream that travels to that end of the MPTCP connection.
func subflowToward(s *conn.Subflow, d stream.Dest) stream.Dest {
	if s.Dest == stream.Client {
		return d.Other()
	}
	return d
}

// ConnDirections are the directions to answer for: the one asked, or both.
func ConnDirections(d stream.Dest) []stream.Dest {
	if d == stream.DestUnknown {
		return []stream.Dest{stream.Server, stream.Client}
	}
	return []stream.Dest{d}
}

// endpoints writes "10.0.1.1:48990 → 10.0.1.2:5001".
func endpoints(s *stream.Stream) string { return fmt.Sprintf("%s → %s", s.Client, s.Server) }
