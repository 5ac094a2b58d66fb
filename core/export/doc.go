// Package export writes what a capture holds as tables for other programs: packets, streams, connections and more, which
// Tables lists.
//
// A Job says what is written: Sheets of tables with chosen fields, the packets kept, a Format. An output is a Writing, to
// which captures are written one after the other: while they are read, in memory bounded by their connections, or from
// what was loaded:
//
//	job, err := export.NewJob(export.Request{Tables: []string{"packets"}}, export.Formats())
//	w, err := job.Open(out)
//	d, err := w.Scan(ctx, "a.pcapng", file, trace.Options{}) // from a stream of bytes
//	err = w.Trace(ctx, "b.pcapng", t, nil)                   // from a loaded capture
//	err = w.Close()
//
// The formats here are plain text: CSV, TSV, JSON Lines. Those that need a library are in packages below, which native
// programs hand to NewJob: columnar (Parquet, Arrow), database (SQLite), frames (pcapng).
//
// Numbers are exact in every format: integers stay integers up to 64 bits, times are nanoseconds. The package does no
// I/O of its own but to the writer it is given, and refuses unknown names with the nearest one that exists.
//
// # Reading order
//
//   - table.go: the list of the tables, each in a table_NAME.go: its fields, and what emits its records. field.go, record.go: what a
//     field is, and what it is read from. recurring.go: fields that several tables have.
//   - job.go, layout.go: what is asked for. format.go, writing.go, rows.go: an output, and what goes into it.
//   - shape.go, recall.go: what records have in common, and is planned or put together once. delimited.go, part.go, text.go, digits.go,
//     clock.go: CSV and TSV. json.go: JSON Lines.
package export
