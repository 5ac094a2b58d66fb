package core

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/numerics"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/numerics/observed"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// fromCapture stands in the place of a topology file.
const fromCapture = "from-capture"

var numericsCommand = Command{
	Name:    "numerics",
	Aliases: []string{"mptcpnumerics"},
	Summary: "compute the buffers and windows that paths need",
	Help: `Works on a topology: a JSON file of subflows with their delays and congestion windows, or, for the word from-capture, a
connection of the current capture. buffer gives the receive buffers of RFC 6182. optbuffer simulates the subflows and gives
the smallest receive buffer that never stops one. optcwnd gives the congestion windows that bring most data through the send
buffer; --sfmin and its like bound the shares and windows of subflows. Both simulate a cycle, after which all subflows are in
step again, or twenty of the longest round trips of a connection, whose round trips have no cycle to speak of. overhead counts
the options, cycle tells how long a cycle is. from-capture also answers whether the receive buffer of the connection was large
enough. Buffers are in the unit of the segments.`,
	Examples: []Example{
		{"numerics from-capture 0", "was the receive buffer of connection 0 large enough?"},
		{"numerics from-capture 0 optcwnd --sfmin subflow1=0.2", "the best windows if subflow 1 is to carry a fifth"},
		{"numerics topology.json optbuffer -o buffer.lp", "the smallest buffer, and the problem for GLPK"},
	},
	Params: []Param{{Name: "TOPOLOGY", Kind: Path, Required: true, Doc: "a JSON file, or from-capture"}},
	More:   numericsParams,
	Run:    runNumerics,
}

// numericsActions are what can be asked of a topology.
var numericsActions = []string{"print", "buffer", "optbuffer", "optcwnd", "overhead", "cycle"}

func numericsParams(first string) []Param {
	var params []Param
	if first == fromCapture {
		params = []Param{connParam, {Name: "DEST", Kind: Dest, Doc: "the receiver: Client or Server; else the end that got more"},
			{Name: "--with", Kind: Held, Value: "CAPTURE", Doc: "a capture made at the other end, for one-way delays"},
			{Name: "--save", Kind: Path, Value: "FILE", Doc: "write the topology as JSON"}}
	}
	return append(params,
		Param{Name: "ACTION", Kind: Choice, Choices: numericsActions, Doc: strings.Join(numericsActions, ", ")},
		Param{Name: "FORM", Kind: Choice, Choices: []string{"plot", "tex"}, Doc: "of overhead: a chart, or a LaTeX table"},
		Param{Name: "--rto", Kind: Flag, Doc: "buffer: only what survives a timeout"},
		Param{Name: "--duration", Kind: Text, Value: "MS", Doc: "optbuffer, optcwnd: simulate so many milliseconds, not a cycle"},
		Param{Name: "--withstand-rto", Kind: Text, Value: "SUBFLOW", Doc: "the first window of this subflow is lost"},
		Param{Name: "--scheduler", Kind: Choice, Choices: numerics.SchedulerNames(), Doc: "order in which free subflows are filled"},
		Param{Name: "--sfmin", Kind: Text, Value: "NAME=RATIO", Repeat: true, Doc: "optcwnd: the subflow carries at least this share, 0 to 1"},
		Param{Name: "--sfmax", Kind: Text, Value: "NAME=RATIO", Repeat: true, Doc: "optcwnd: the subflow carries at most this share"},
		Param{Name: "--sfmincwnd", Kind: Text, Value: "NAME=N", Repeat: true, Doc: "optcwnd: the subflow's window is at least N"},
		Param{Name: "--sfmaxcwnd", Kind: Text, Value: "NAME=N", Repeat: true, Doc: "optcwnd: the subflow's window is at most N"},
		Param{Name: "--out", Short: "-o", Kind: Path, Value: "FILE", Doc: "write the problem as CPLEX LP, or overhead's chart or table"},
		Param{Name: "--json", Short: "-j", Kind: Path, Value: "FILE", Doc: "optbuffer, optcwnd: write the answer as JSON"},
		Param{Name: "--quiet", Short: "-s", Kind: Flag, Doc: "overhead: write the file only"})
}

// actionsWith are the actions that take an option; others would pass over it.
func actionsWith(option string) []string {
	switch option {
	case "--rto":
		return []string{"buffer"}
	case "FORM", "--quiet":
		return []string{"overhead"}
	case "--out":
		return []string{"optbuffer", "optcwnd", "overhead"}
	case "--duration", "--withstand-rto", "--scheduler", "--json":
		return []string{"optbuffer", "optcwnd"}
	}
	return []string{"optcwnd"}
}

// checkAction refuses options that the action does not take.
func (c *Call) checkAction() error {
	action := cmp.Or(c.Word("ACTION"), "print")
	for _, option := range []string{"FORM", "--rto", "--duration", "--withstand-rto", "--scheduler", "--sfmin", "--sfmax", "--sfmincwnd", "--sfmaxcwnd", "--out", "--json", "--quiet"} {
		if takers := actionsWith(option); c.Has(option) && !slices.Contains(takers, action) {
			return c.Misused(option, "%s is for %s, not for %s", option, strings.Join(takers, ", "), action)
		}
	}
	return nil
}

func runNumerics(ctx context.Context, c *Call) error {
	if err := c.checkAction(); err != nil {
		return err
	}
	topology, observation, err := c.topology(ctx)
	if err != nil {
		return err
	}
	for _, note := range topology.Notes {
		if err := c.Show(&display.Note{Level: display.Caution, Body: note}); err != nil {
			return err
		}
	}
	if c.Has("--save") {
		if err := c.Show(&display.File{Name: c.Word("--save"), Write: func(w display.Writer) error { return topology.Write(w) }}); err != nil {
			return err
		}
	}
	switch action := c.Word("ACTION"); action {
	case "buffer":
		return c.showNumerics(topology.Buffers().Table(c.Has("--rto")))
	case "optbuffer", "optcwnd":
		return c.solve(ctx, topology, observation, action == "optbuffer")
	case "overhead":
		return c.overhead(topology)
	case "cycle":
		cycle, err := topology.Cycle()
		if err != nil {
			return c.Fail("%w", err)
		}
		return c.Show(&display.Text{Body: fmt.Sprintf("The subflows are in step again every %g ms.", float64(cycle)/1000)})
	case "":
		if observation != nil {
			return c.verdictOnBuffer(ctx, observation)
		}
	}
	if err := c.Show(&display.Text{Body: topology.Ends()}); err != nil {
		return err
	}
	return c.showNumerics(topology.Table())
}

func (c *Call) showNumerics(t *display.Table) error {
	t.Command = c.Line
	return c.Show(t)
}

// maxTopology bounds a topology file, in bytes.
const maxTopology = 16 << 20

// topology reads the file, or observes the connection.
func (c *Call) topology(ctx context.Context) (*numerics.Topology, *observed.Observation, error) {
	name := c.Word("TOPOLOGY")
	if name == fromCapture {
		o, err := c.observe(ctx)
		if err != nil {
			return nil, nil, err
		}
		return o.Topology, o, nil
	}
	if c.Session.options.Open == nil {
		return nil, nil, c.Fail(noFiles + "; from-capture takes a connection of the capture")
	}
	text, err := c.readWhole(ctx, "TOPOLOGY", name, maxTopology)
	if err != nil {
		return nil, nil, err
	}
	if len(text) > maxTopology {
		return nil, nil, c.Blame("TOPOLOGY", "%s is too large for a topology", name)
	}
	t, err := numerics.Parse(text)
	if err != nil {
		return nil, nil, c.Blame("TOPOLOGY", "%s: %v", name, err)
	}
	return t, nil, nil
}

func (c *Call) observe(ctx context.Context) (*observed.Observation, error) {
	l, connection, err := c.Conn("CONNECTION")
	if err != nil {
		return nil, err
	}
	dest, err := c.Dest("DEST")
	if err != nil {
		return nil, err
	}
	var pairing *match.Pairing
	if c.Has("--with") {
		other, err := c.CaptureOrFile(ctx, "--with")
		if err != nil {
			return nil, err
		}
		if pairing, err = match.Captures(ctx, l.Trace, other.Trace); err != nil {
			return nil, err
		}
	}
	o, err := observed.From(ctx, l.Trace, connection, dest, pairing)
	if err != nil {
		return nil, c.Fail("%w", err)
	}
	return o, nil
}

// simulation reads how to simulate. Without another wish the scheduler is the topology's.
func (c *Call) simulation(t *numerics.Topology) (o numerics.Options, err error) {
	o.Scheduler = t.Scheduler
	o.Withstand = c.Word("--withstand-rto")
	if c.Has("--scheduler") {
		if o.Scheduler, err = numerics.SchedulerByName(c.Word("--scheduler")); err != nil {
			return o, c.Misused("--scheduler", "%v", err)
		}
	}
	if c.Has("--duration") {
		ms, err := strconv.ParseFloat(c.Word("--duration"), 64)
		if err != nil || !(ms > 0 && ms < 1e9) {
			return o, c.Misused("--duration", "%q is no number of milliseconds", c.Word("--duration"))
		}
		o.Duration = int64(math.Round(ms * 1000))
	}
	return o, nil
}

// pair reads NAME=VALUE; the name may hold "=".
func pair(word string) (name, value string, ok bool) {
	i := strings.LastIndexByte(word, '=')
	if i <= 0 {
		return "", "", false
	}
	return word[:i], word[i+1:], true
}

// bounds reads the shares and windows asked for.
func (c *Call) bounds() (shares []numerics.Share, windows []numerics.Window, err error) {
	for _, option := range []string{"--sfmin", "--sfmax"} {
		for _, word := range c.Words(option) {
			name, value, ok := pair(word)
			ratio, valid := new(big.Rat).SetString(value)
			if !ok || !valid || len(value) > 20 || strings.ContainsAny(value, "eEpPxX") {
				return nil, nil, c.Misused(option, "%q is not NAME=RATIO, as subflow0=0.5 is", word)
			}
			shares = append(shares, numerics.Share{Subflow: name, Ratio: ratio, AtMost: option == "--sfmax"})
		}
	}
	for _, option := range []string{"--sfmincwnd", "--sfmaxcwnd"} {
		for _, word := range c.Words(option) {
			name, value, ok := pair(word)
			n, err := strconv.ParseUint(value, 10, 32)
			if !ok || err != nil {
				return nil, nil, c.Misused(option, "%q is not NAME=N, as subflow0=10 is", word)
			}
			windows = append(windows, numerics.Window{Subflow: name, Cwnd: int64(n), AtMost: option == "--sfmaxcwnd"})
		}
	}
	return shares, windows, nil
}

// solve answers optbuffer and optcwnd. seen is nil for a topology of a file.
func (c *Call) solve(ctx context.Context, t *numerics.Topology, seen *observed.Observation, buffer bool) error {
	o, err := c.simulation(t)
	if err != nil {
		return err
	}
	if seen != nil && o.Duration == 0 {
		o.Duration = seen.Span()
	}
	shares, windows, err := c.bounds()
	if err != nil {
		return err
	}
	var p *numerics.Problem
	if buffer {
		p, err = numerics.NewBufferProblem(t, o)
	} else {
		p, err = numerics.NewWindowProblem(t, o, shares, windows)
	}
	if err != nil {
		return c.Fail("%w", err)
	}
	if c.Has("--out") {
		if err := c.Show(&display.File{Name: c.Word("--out"), Write: func(w display.Writer) error { return p.WriteLP(w) }}); err != nil {
			return err
		}
	}
	a, err := p.Solve(ctx)
	if err != nil {
		return c.Fail("%w", err)
	}
	return c.showSolution(p, a)
}

func (c *Call) showSolution(p *numerics.Problem, a *numerics.Answer) error {
	if c.Has("--json") {
		write := func(w display.Writer) error {
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return e.Encode(a)
		}
		if err := c.Show(&display.File{Name: c.Word("--json"), Write: write}); err != nil {
			return err
		}
	}
	if a.Status != "Optimal" {
		return c.Fail("%s", p.Sentence(a))
	}
	if err := c.Show(&display.Text{Body: p.Sentence(a), Pre: true}); err != nil {
		return err
	}
	if err := c.showNumerics(a.Table()); err != nil {
		return err
	}
	if chart := p.Chart(a); chart != nil {
		chart.Command = c.Line
		return c.Show(chart)
	}
	return nil
}

// overhead shows the overhead, or writes it.
func (c *Call) overhead(t *numerics.Topology) error {
	if t.Subflows[0].MSS < 100 {
		if err := c.Show(&display.Note{Level: display.Caution, Body: fmt.Sprintf("a segment of %d is taken for so many bytes", t.Subflows[0].MSS)}); err != nil {
			return err
		}
	}
	out := c.Word("--out")
	if out != "" {
		f := &display.File{Name: out, Chart: t.OverheadChart()}
		if c.Word("FORM") == "tex" || strings.HasSuffix(out, ".tex") {
			f = &display.File{Name: out, Write: func(w display.Writer) error { return t.WriteTeX(w) }}
		}
		if err := c.Show(f); err != nil || c.Has("--quiet") {
			return err
		}
	}
	switch {
	case c.Word("FORM") == "tex":
		var b strings.Builder
		if err := t.WriteTeX(&b); err != nil {
			return err
		}
		return c.Show(&display.Text{Body: b.String(), Pre: true})
	case c.Word("FORM") == "plot":
		chart := t.OverheadChart()
		chart.Command = c.Line
		return c.Show(chart)
	}
	return c.showNumerics(t.OverheadTable())
}

// verdictOnBuffer says whether the receive buffer of a connection was large enough.
func (c *Call) verdictOnBuffer(ctx context.Context, o *observed.Observation) error {
	t := o.Topology
	needed := t.Buffers()
	sentence := o.Sentence()
	sentence += fmt.Sprintf(" By RFC 6182, %s survive a fast retransmission, %s a timeout.", bytesText(needed.Fast), bytesText(needed.RTO))
	if p, err := numerics.NewBufferProblem(t, numerics.Options{Duration: o.Span()}); err == nil {
		if a, err := p.Solve(ctx); err == nil {
			sentence += fmt.Sprintf(" In the model, which loses nothing, %s are enough.", bytesText(float64(a.Buffer)))
		}
	}
	if o.Blocked > 0 {
		sentence += fmt.Sprintf(" Data waited out of order for %s, at most %s of it.", display.Scaled(float64(o.Blocked), display.Nanoseconds), bytesText(float64(o.MaxQueue)))
	}
	if err := c.Show(&display.Text{Body: sentence}); err != nil {
		return err
	}
	if err := c.showNumerics(t.Table()); err != nil {
		return err
	}
	return c.notes(o.Notes)
}

func bytesText(n float64) string { return display.Scaled(n, display.Bytes) }
