package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/config"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/where"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// setDefaults takes from the configuration what the command line leaves open.
func (a *arguments) setDefaults() error {
	settings, warnings, err := config.Open(a.config)
	a.warnings = warnings
	if err != nil {
		return err
	}
	a.separator = settings.Get("delimiter")
	return nil
}

// understand checks the options and makes the request of them.
func (a *arguments) understand() error {
	q := &a.request
	q.Tables, q.Layout, q.Absolute = a.tables, a.layout, a.absolute
	for _, step := range []func() error{a.conflicts, a.setFormat, a.setDelimiter, a.setFields, a.setSelection, a.checkOutput} {
		if err := step(); err != nil {
			return err
		}
	}
	if a.importing {
		return nil
	}
	a.warnOfWhole()
	_, err := export.NewJob(*q, formats())
	return err
}

// setFormat settles the format: as asked for, or by the output's name.
func (a *arguments) setFormat() error {
	q := &a.request
	q.Format = a.format
	switch {
	case len(a.by) > 0 && (q.Format == "" || q.Format == "parquet"):
		q.Format = "parquet"
	case len(a.by) > 0:
		return fmt.Errorf("a dataset is of format parquet, not %s", q.Format)
	case a.output != "" && !a.split:
		if err := a.formatByName(); err != nil {
			return err
		}
	}
	if q.Format == "" {
		q.Format = "csv"
	}
	_, err := export.FormatByName(q.Format, formats())
	return err
}

// readable says whether people can read the format.
func (a *arguments) readable() bool {
	return slices.Contains([]string{"csv", "tsv", "jsonl"}, a.request.Format)
}

// formatByName takes the format from the extension of the output, unless it was asked for.
func (a *arguments) formatByName() error {
	extension := strings.ToLower(filepath.Ext(a.output))
	switch extension {
	case ".gz", ".zst", ".bz2", ".xz", ".zip":
		return fmt.Errorf("%s: outputs are not packed: write to a pipe, or as parquet or arrow, which are packed inside", a.output)
	}
	f, ok := export.FormatByFile(a.output, formats())
	switch {
	case a.format != "":
	case ok:
		a.request.Format = f.Name
	case extension != "" && extension != ".txt" && !a.importing:
		a.warnings = append(a.warnings, fmt.Sprintf("no format has the extension %s: %s is written as csv (--format names another)", extension, a.output))
	}
	return nil
}

// warnOfWhole warns where packets are chosen for a table that is not made of those that are kept.
func (a *arguments) warnOfWhole() {
	whole := []string{"streams", "connections", "subflows", "issues"}
	var asked []string
	for _, o := range []struct {
		name  string
		given bool
	}{{"--where", a.where != ""}, {"--filter", a.filter != ""}, {"--dest", a.dest != ""}, {"--drop-syn", a.dropSYN}, {"--from", a.from != ""}, {"--to", a.to != ""}} {
		if o.given {
			asked = append(asked, o.name)
		}
	}
	if len(asked) == 0 {
		return
	}
	for _, table := range a.tables {
		if slices.Contains(whole, table) {
			a.warnings = append(a.warnings, fmt.Sprintf("table %s tells of the whole capture, whatever packets %s may choose; --mptcp and --tcp choose there too", table, strings.Join(asked, ", ")))
		}
	}
}

func (a *arguments) setDelimiter() error {
	takes := a.request.Format == "csv" || a.importing
	switch {
	case a.delim == "" && takes:
		a.delim = a.separator
	case a.delim == "":
		return nil
	case !takes && a.request.Format != "tsv":
		return fmt.Errorf("format %s has no delimiter", a.request.Format)
	}
	d, err := export.Delimiter(a.delim)
	if err != nil {
		return fmt.Errorf("delimiter %w", err)
	}
	a.request.Delimiter = d
	return nil
}

func (a *arguments) setSelection() error {
	s := &a.request.Select
	s.DropSYN = a.dropSYN
	err := error(nil)
	if s.MPTCP, err = numbers("--mptcp", a.mptcp); err != nil {
		return err
	}
	if s.TCP, err = numbers("--tcp", a.tcp); err != nil {
		return err
	}
	switch strings.ToLower(a.dest) {
	case "", "both":
	case "client":
		s.Dest = stream.Client
	case "server":
		s.Dest = stream.Server
	default:
		return fmt.Errorf("--dest %s: Client or Server", a.dest)
	}
	s.HasFrom, s.HasTo = a.from != "", a.to != ""
	if s.From, err = seconds("--from", a.from); err != nil {
		return err
	}
	if s.To, err = seconds("--to", a.to); err != nil {
		return err
	}
	if s.HasTo && s.To < s.From {
		if a.from == "" {
			return fmt.Errorf("--to %s s is before the start of the capture", a.to)
		}
		return fmt.Errorf("--to %s s is before --from %s s", a.to, a.from)
	}
	return a.setWhere()
}

// setWhere compiles --where, and the filters that the original was called with. Only TCP segments are ever written, and no
// segment is of ICMP, so that of its usual filters little is left.
func (a *arguments) setWhere() error {
	expressions := []struct{ option, text string }{{"--where", a.where}}
	switch filter := strings.Join(strings.Fields(a.filter), " "); filter {
	case "", "tcp", "tcp and not icmp", "mptcp or tcp", "mptcp or tcp and not icmp", "(mptcp or tcp) and not icmp":
	case "mptcp", "mptcp and not icmp":
		a.keep(func(_ *trace.Context, r *trace.Row) bool { return r.HasMPTCP })
	default:
		expressions = append(expressions, struct{ option, text string }{"--filter", a.filter})
	}
	for _, e := range expressions {
		if e.text == "" {
			continue
		}
		p, err := where.Compile(e.text)
		if err != nil {
			return marked(e.option, e.text, err)
		}
		a.keep(p.Match)
	}
	return nil
}

// keep adds a condition.
func (a *arguments) keep(more func(*trace.Context, *trace.Row) bool) {
	s := &a.request.Select
	before := s.Where
	if before == nil {
		s.Where = more
		return
	}
	s.Where = func(c *trace.Context, r *trace.Row) bool { return before(c, r) && more(c, r) }
}

// marked is an error of an expression with the word to blame underlined.
func marked(option, text string, err error) error {
	var wrong *where.Error
	mark := ""
	if errors.As(err, &wrong) {
		mark = strings.TrimSuffix("\n"+console.Mark(text, wrong.Start, wrong.End), "\n")
	}
	return fmt.Errorf("%s: %w%s", option, err, mark)
}

func numbers(option string, words []string) ([]uint32, error) {
	var list []uint32
	for _, w := range words {
		n, err := strconv.ParseUint(w, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%s %s: a number is needed", option, w)
		}
		list = append(list, uint32(n))
	}
	return list, nil
}

func seconds(option, word string) (int64, error) {
	if word == "" {
		return 0, nil
	}
	ns, err := core.Seconds(word)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", option, err)
	}
	return ns, nil
}
