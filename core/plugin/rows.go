package plugin

import (
	"context"
	"encoding/csv"
	"io"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/columnar"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// checkEvery is how many rows are written between two looks at whether the work is still wanted.
const checkEvery = 1 << 12

// eachRow gives the packets of rows, numbers in ascending order; nil is all of them.
func eachRow(ctx context.Context, t *trace.Trace, rows []uint32, give func(*trace.Row) error) error {
	n := len(rows)
	if rows == nil {
		n = t.Len()
	}
	var row trace.Row
	for i := range n {
		id := i
		if rows != nil {
			id = int(rows[i])
		}
		if i%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		t.Row(id, &row)
		if err := give(&row); err != nil {
			return err
		}
	}
	return nil
}

// writeCSV writes packets as RFC 4180 has it, with a head of names.
func writeCSV(ctx context.Context, w io.Writer, t *trace.Trace, rows []uint32, names []string) error {
	out := csv.NewWriter(w)
	if err := out.Write(names); err != nil {
		return err
	}
	columns, record := make([]*trace.Column, len(names)), make([]string, len(names))
	for i, name := range names {
		columns[i] = trace.ColumnByName(name)
	}
	on := trace.Context{Interfaces: t.Interfaces}
	var text []byte
	err := eachRow(ctx, t, rows, func(row *trace.Row) error {
		for k, c := range columns {
			text = c.Append(text[:0], &on, row)
			record[k] = string(text)
		}
		return out.Write(record)
	})
	out.Flush()
	if err == nil {
		err = out.Error()
	}
	return err
}

// writeArrow writes packets as an Arrow stream, with the types that mptcpexporter gives the columns.
func writeArrow(ctx context.Context, w io.Writer, l *core.Loaded, rows []uint32, names []string) error {
	stream := columnar.Stream()
	job, err := export.NewJob(export.Request{Format: stream.Name, Fields: names}, []export.Format{stream})
	if err != nil {
		return err
	}
	out, err := job.Open(w)
	if err != nil {
		return err
	}
	out.Begin(l.Name)
	on := trace.Context{Interfaces: l.Trace.Interfaces}
	if err := eachRow(ctx, l.Trace, rows, func(row *trace.Row) error { return out.Add(&on, row) }); err != nil {
		out.Abandon()
		return err
	}
	return out.Close()
}
