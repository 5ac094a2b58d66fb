package main

import (
	"context"
	"fmt"
	"io"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/database"
)

// importCSV makes a database of a table of delimited text, as the original's csv2sql.
func (w *work) importCSV(ctx context.Context) error {
	name := w.args.inputs[0]
	input, err := disk.Open(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, disk.Plain(err))
	}
	defer input.Close()
	rows := 0
	err = disk.Save(w.args.output, func(out io.Writer) error {
		guard := &guard{ctx: ctx, w: out}
		if rows, err = database.Import(ctx, guard, input, rune(w.args.request.Delimiter), "connections"); err != nil {
			return guard.cause(fmt.Errorf("%s: %w", name, err))
		}
		return nil
	})
	if err == nil && !w.args.quiet {
		fmt.Fprintf(w.stderr, "%s written to %s\n", counted(uint64(rows), "row"), w.args.output)
	}
	return err
}
