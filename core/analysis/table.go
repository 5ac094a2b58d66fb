package analysis

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
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

// byteField is a column of bytes.
func byteField[T any](key, head, doc string, value func(T) uint64) field[T] {
	return field[T]{display.Column{Key: key, Head: head, Unit: display.Bytes, Doc: doc}, func(_ *trace.Trace, r T) display.Value {
		return display.Uint(value(r))
	}}
}

// momentField is a column of times since the start of the capture, of moments that are known, in ns since the epoch.
func momentField[T any](key, head, doc string, at func(T) int64) field[T] {
	if doc != "" {
		doc += ", "
	}
	column := display.Column{Key: key, Head: head, Unit: display.Nanoseconds, Doc: doc + "from the start of the capture"}
	return field[T]{column, func(t *trace.Trace, r T) display.Value { return display.Duration(at(r) - t.Capture.First) }}
}

// packetField is a column of packets, as this program counts them; 0 is none.
func packetField[T any](key, head, doc string, packet func(T) uint32) field[T] {
	return field[T]{id(key, head, doc), func(_ *trace.Trace, r T) display.Value { return packetValue(packet(r)) }}
}

// frameField is the column behind it.
func frameField[T any](packet func(T) uint32) field[T] {
	return field[T]{id("frame", "Frame", "the same packet as Wireshark counts"), func(t *trace.Trace, r T) display.Value { return frameValue(t, packet(r)) }}
}

// subflowChip is a subflow's chip, or "all" for ordinal -1.
func subflowChip(c *conn.Conn, ordinal int) display.Value {
	if ordinal < 0 {
		return display.Str("all")
	}
	return display.Subflow(ordinal, uint64(c.Subflows[ordinal].Stream))
}

// part is a share, missing where there is nothing to have a share of.
func part(n, of uint64) display.Value {
	if of == 0 {
		return display.Value{}
	}
	return display.Float(float64(n) / float64(of))
}

// textValue and sinceValue are cells that may be missing.
func textValue(s string) display.Value {
	if s == "" {
		return display.Value{}
	}
	return display.Str(s)
}

func sinceValue(ns int64) display.Value {
	if ns < 0 {
		return display.Value{}
	}
	return display.Duration(ns)
}

// lapse is a duration, missing where it is 0.
func lapse(ns int64) display.Value {
	if ns == 0 {
		return display.Value{}
	}
	return display.Duration(ns)
}

// packetValue, frameValue and subflowValue are cells that may be missing.
func packetValue(packet uint32) display.Value {
	if packet == 0 {
		return display.Value{}
	}
	return display.Uint(uint64(packet))
}

func frameValue(t *trace.Trace, packet uint32) display.Value {
	if packet == 0 || int(packet) > t.Len() {
		return display.Value{}
	}
	var row trace.Row
	t.Row(int(packet)-1, &row)
	return display.Uint(uint64(row.Frame))
}

func subflowValue(c *conn.Conn, ordinal int) display.Value {
	if c == nil || ordinal < 0 || ordinal >= len(c.Subflows) {
		return display.Value{}
	}
	return display.Subflow(ordinal, uint64(c.Subflows[ordinal].Stream))
}

// stepField is a column of a span of time, missing where it is 0.
func stepField[T any](key, head, doc string, value func(T) int64) field[T] {
	return field[T]{display.Column{Key: key, Head: head, Unit: display.Nanoseconds, Doc: doc}, func(_ *trace.Trace, r T) display.Value {
		return lapse(value(r))
	}}
}
