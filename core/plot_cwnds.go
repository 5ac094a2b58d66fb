package core

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var congestionPlot = plotType{
	Name:    "cwnds",
	Summary: "congestion windows from files of mptcp-pm; from a capture the bytes in flight",
	Help: `The path manager mptcp-pm writes a JSON file at intervals, with what the kernel knows of each subflow: the files are given
by name, or as a pattern (plot cwnds 'mptcp_2305393538_*.json' rtt_us). A capture does not tell congestion windows: what comes
nearest is drawn, the bytes in flight.`,
	Params: []Param{{Name: "FIELD", Kind: Choice, Choices: managerFields(), Doc: "what to draw of the files; snd_cwnd, unless said otherwise"}},
	Files: func(c *Call) bool {
		return strings.ContainsAny(c.Word("FILE"), "*?") || strings.HasSuffix(c.Word("FILE"), ".json")
	},
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) {
		if r.Scope != nil {
			return analysis.Flight(ctx, r.Scope)
		}
		return r.drawManager(ctx)
	},
}

// managerFields are the names of what can be drawn of the files.
func managerFields() []string {
	var names []string
	for _, f := range analysis.ManagerFields() {
		names = append(names, f.Names...)
	}
	return names
}

func (r *plotRequest) drawManager(ctx context.Context) (*display.Chart, error) {
	var records []*analysis.ManagerRecord
	for _, word := range r.Words("FILE") {
		names, err := r.matching("FILE", word)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			err := r.readFile(ctx, "FILE", name, func(in io.Reader) error {
				record, err := analysis.ReadManager(in)
				records = append(records, record)
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	wanted := r.Word("FIELD")
	if wanted == "" {
		wanted = "snd_cwnd"
	}
	r.source = baseName(strings.Join(r.Words("FILE"), ", "))
	fields := analysis.ManagerFields()
	at := slices.IndexFunc(fields, func(f analysis.ManagerField) bool { return slices.Contains(f.Names, wanted) })
	chart := analysis.Manager(records, &fields[at])
	chart.Subtitle = display.Count(len(records), "file")
	return chart, nil
}
