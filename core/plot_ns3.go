package core

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var simulatorPlot = plotType{
	Name:    "ns3",
	Summary: "what ns-3 traced of a node's MPTCP sockets over simulated time",
	Help: `Reads the files NODE*meta*.csv (the connection) and NODE*subflow*.csv of a folder; a column is a panel, a file a line. Columns
are txNext, highestSeq, unackSeq, rxNext, rxAvailable, rxTotal, cwnd, rWnd, ssThresh and state.`,
	Of: ofFiles,
	Params: []Param{
		{Name: "FOLDER", Kind: Path, Required: true, Doc: "where the files are"},
		{Name: "NODE", Kind: Text, Required: true, Doc: "the node's number: what the names of its files begin with"},
		{Name: "ATTR", Kind: Text, Required: true, Repeat: true, Doc: "the columns to draw"},
		{Name: "--meta", Short: "-m", Kind: Flag, Doc: "only the connection's files"},
		{Name: "--subflows", Short: "-s", Kind: Flag, Doc: "only the subflows' files"},
	},
	Draw: func(ctx context.Context, r *plotRequest) (*display.Chart, error) { return r.drawSimulator(ctx) },
}

func (r *plotRequest) drawSimulator(ctx context.Context) (*display.Chart, error) {
	folder, node := strings.TrimSuffix(r.Word("FOLDER"), "/"), r.Word("NODE")
	r.source = fmt.Sprintf("%s, node %s", baseName(folder), node)
	var files []*analysis.SimulatorFile
	for _, kind := range []struct {
		pattern, option string
		other           string
	}{{"*meta*.csv", "--meta", "--subflows"}, {"*subflow*.csv", "--subflows", "--meta"}} {
		if r.Has(kind.other) && !r.Has(kind.option) {
			continue
		}
		names, err := r.matching("FOLDER", folder+"/"+node+kind.pattern)
		if err != nil && r.Has(kind.option) {
			return nil, err
		}
		for i, name := range names {
			group := i
			if kind.option == "--meta" {
				group = display.Connection
			}
			f, err := r.simulatorFile(ctx, name, group)
			if err != nil {
				return nil, err
			}
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		return nil, r.Blame("NODE", "%s has no files of node %s (%s*meta*.csv, %s*subflow*.csv)", folder, node, node, node)
	}
	for i, column := range r.Words("ATTR") {
		if columns := files[0].Columns(); !slices.Contains(columns, column) {
			e := r.Misused("ATTR", "no column is called %q: there are %s", column, strings.Join(columns, ", "))
			e.Start, e.End = r.args["ATTR"][i].start, r.args["ATTR"][i].end
			return nil, e
		}
	}
	chart, err := analysis.Simulator(files, r.Words("ATTR"), r.Has("--raw"))
	if err != nil {
		return nil, r.Fail("ns3: %w", err)
	}
	return chart, nil
}

func (r *plotRequest) simulatorFile(ctx context.Context, name string, group int) (f *analysis.SimulatorFile, err error) {
	err = r.readFile(ctx, "FOLDER", name, func(in io.Reader) error {
		f, err = analysis.ReadSimulator(in)
		return err
	})
	if err != nil {
		return nil, err
	}
	f.Name, f.Group = strings.TrimSuffix(path.Base(name), ".csv"), group
	return f, nil
}
