package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// schema prints the columns that would be written.
func schema(out io.Writer, a *arguments) error {
	job, err := export.NewJob(a.request, formats())
	if err != nil {
		return err
	}
	for i, sheet := range job.Output.Sheets {
		if i > 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "%s: %s\n\n", sheet.Table.Name, sheet.Table.Doc)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tTYPE\tUNIT\tWIRESHARK\tMEANING")
		for _, f := range sheet.Fields {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.Head, typeName(f.Field), f.Unit, f.Wireshark, f.Doc)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func typeName(f *export.Field) string {
	if f.Type == export.Unsigned {
		return fmt.Sprintf("uint%d", f.Bits)
	}
	return f.Type.String()
}
