package numerics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/numerics/linear"
)

// Problem is what flow control demands of buffers and windows, as a linear problem.
type Problem struct {
	Topology *Topology
	Options  Options
	linear   linear.Problem
	history  *history
	buffer   bool // the buffer is looked for, not the windows
}

// Share asks that a subflow carries at least, or at most, a part of what is received.
type Share struct {
	Subflow string
	Ratio   *big.Rat // 0…1
	AtMost  bool
}

// Window asks that a subflow's congestion window is at least, or at most, some segments.
type Window struct {
	Subflow string
	Cwnd    int64
	AtMost  bool
}

// NewBufferProblem asks for the smallest receive buffer that never stops a subflow, with the congestion windows of the
// topology.
func NewBufferProblem(t *Topology, o Options) (*Problem, error) {
	h, err := simulate(t, o)
	if err != nil {
		return nil, err
	}
	cwnd := make([]int64, len(t.Subflows))
	for i := range t.Subflows {
		if cwnd[i] = t.Subflows[i].Cwnd; cwnd[i] == 0 {
			return nil, fmt.Errorf("subflow %q has no congestion window (cwnd)", t.Subflows[i].Name)
		}
	}
	p := &Problem{Topology: t, Options: o, history: h, buffer: true}
	p.linear = linear.Problem{Name: "smallest receive buffer of " + t.Name, Vars: []linear.Var{{Name: "rcv_wnd"}}, Objective: []*big.Rat{big.NewRat(1, 1)}}
	for _, c := range maximal(h.constraints) {
		p.linear.Rows = append(p.linear.Rows, linear.Row{Coef: []*big.Rat{big.NewRat(1, 1)}, Rel: linear.AtLeast,
			Limit: new(big.Rat).SetInt64(c.needed.times(t, cwnd)), Why: p.why(c)})
	}
	return p, nil
}

// NewWindowProblem asks for the congestion windows that bring most bytes to the receiver in order, with the send buffer of
// the topology as its receive window.
func NewWindowProblem(t *Topology, o Options, shares []Share, windows []Window) (*Problem, error) {
	if t.SendBuffer == 0 {
		return nil, errors.New("the topology gives no send buffer (sender.snd_buffer), so that nothing bounds the windows")
	}
	h, err := simulate(t, o)
	if err != nil {
		return nil, err
	}
	p := &Problem{Topology: t, Options: o, history: h}
	p.linear = linear.Problem{Name: "best congestion windows of " + t.Name, Maximize: true, Objective: p.sizes(h.received)}
	for i := range t.Subflows {
		p.linear.Vars = append(p.linear.Vars, linear.Var{Name: "cwnd_" + t.Subflows[i].Name, Whole: true})
	}
	for _, c := range maximal(h.constraints) {
		p.linear.Rows = append(p.linear.Rows, linear.Row{Coef: p.sizes(c.needed), Limit: new(big.Rat).SetInt64(t.SendBuffer), Why: p.why(c)})
	}
	for _, s := range shares {
		if err := p.share(s); err != nil {
			return nil, err
		}
	}
	for _, w := range windows {
		if err := p.window(w); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// sizes are the coefficients of windows of so many segments.
func (p *Problem) sizes(s Sum) []*big.Rat {
	coef := make([]*big.Rat, len(s))
	for i, n := range s {
		coef[i] = new(big.Rat).SetInt64(n * p.Topology.Subflows[i].MSS)
	}
	return coef
}

func (p *Problem) index(name string) (int, error) {
	if _, err := p.Topology.Subflow(name); err != nil {
		return 0, err
	}
	return slices.IndexFunc(p.Topology.Subflows, func(s Subflow) bool { return s.Name == name }), nil
}

func (p *Problem) share(s Share) error {
	i, err := p.index(s.Subflow)
	if err != nil {
		return err
	}
	if s.Ratio.Sign() < 0 || s.Ratio.Cmp(big.NewRat(1, 1)) > 0 {
		return fmt.Errorf("a share of %s is not between 0 and 1", s.Ratio.RatString())
	}
	coef := p.sizes(p.history.received)
	for k := range coef {
		part := new(big.Rat).Mul(coef[k], s.Ratio)
		if k == i {
			coef[k].Sub(coef[k], part)
		} else {
			coef[k].Neg(part)
		}
	}
	row := linear.Row{Coef: coef, Rel: linear.AtLeast, Limit: new(big.Rat), Why: fmt.Sprintf("subflow %s is to carry at least %s of what is received", s.Subflow, decimal(s.Ratio))}
	if s.AtMost {
		row.Rel, row.Why = linear.AtMost, fmt.Sprintf("subflow %s is to carry at most %s of what is received", s.Subflow, decimal(s.Ratio))
	}
	p.linear.Rows = append(p.linear.Rows, row)
	return nil
}

func decimal(r *big.Rat) string {
	f, _ := r.Float64()
	return fmt.Sprint(f)
}

func (p *Problem) window(w Window) error {
	i, err := p.index(w.Subflow)
	if err != nil {
		return err
	}
	coef := p.sizes(make(Sum, len(p.Topology.Subflows)))
	coef[i] = big.NewRat(1, 1)
	row := linear.Row{Coef: coef, Rel: linear.AtLeast, Limit: big.NewRat(w.Cwnd, 1), Why: fmt.Sprintf("the window of subflow %s is to be at least %d", w.Subflow, w.Cwnd)}
	if w.AtMost {
		row.Rel, row.Why = linear.AtMost, fmt.Sprintf("the window of subflow %s is to be at most %d", w.Subflow, w.Cwnd)
	}
	p.linear.Rows = append(p.linear.Rows, row)
	return nil
}

// maximal leaves out constraints that follow from others.
func maximal(all []constraint) []constraint {
	var kept []constraint
	seen := map[string]bool{}
	for _, c := range all {
		key := fmt.Sprint(c.needed)
		if seen[key] {
			continue
		}
		seen[key] = true
		if slices.ContainsFunc(kept, func(k constraint) bool { return within(c.needed, k.needed) }) {
			continue
		}
		kept = slices.DeleteFunc(kept, func(k constraint) bool { return within(k.needed, c.needed) })
		kept = append(kept, c)
	}
	return kept
}

func within(a, b Sum) bool {
	for i := range a {
		if a[i] > b[i] {
			return false
		}
	}
	return true
}

// why says a constraint in words.
func (p *Problem) why(c constraint) string {
	var parts []string
	for i, n := range c.needed {
		switch name := p.Topology.Subflows[i].Name; {
		case n == 1:
			parts = append(parts, "a window of "+name)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d windows of %s", n, name))
		}
	}
	text := fmt.Sprintf("at %g ms, when %s sends, %s must fit in the receive window", float64(c.at)/1000, p.Topology.Subflows[c.sender].Name, strings.Join(parts, " and "))
	if !p.buffer {
		text += fmt.Sprintf(" (%d)", p.Topology.SendBuffer)
	}
	return text
}

// WriteLP writes the problem as CPLEX LP text.
func (p *Problem) WriteLP(w io.Writer) error { return p.linear.WriteLP(w) }

// Answer is the solution of a problem.
type Answer struct {
	Status    string       `json:"status"`     // Optimal, Infeasible, Unbounded
	Duration  float64      `json:"duration"`   // of the simulation, in seconds
	Objective float64      `json:"objective"`  // what the problem makes smallest or largest, in bytes
	RcvNext   int64        `json:"rcv_next"`   // bytes received in order at the end
	Rate      float64      `json:"throughput"` // RcvNext a second
	Buffer    int64        `json:"buffer"`     // the receive buffer found, or given, in bytes
	Subflows  []FlowAnswer `json:"subflows"`
	// Conflict are the constraints that cannot hold together, in words; or, where only empty windows are left, those that
	// leave nothing else.
	Conflict []string `json:"conflict,omitempty"`
	// Growing are the variables of the problem that no constraint keeps from growing together without end.
	Growing  []string `json:"growing,omitempty"`
	progress []moment
	cwnd     []int64
}

// FlowAnswer is a subflow's part.
type FlowAnswer struct {
	Name    string  `json:"name"`
	Rx      int64   `json:"rx"`      // of RcvNext
	Contrib float64 `json:"contrib"` // its share
	Cwnd    int64   `json:"cwnd"`    // its window, in segments
}

// Solve finds the answer. It ends early, with an error, when the context does.
func (p *Problem) Solve(ctx context.Context) (*Answer, error) {
	s, err := p.linear.Solve(ctx)
	if err != nil {
		return nil, err
	}
	a := &Answer{Status: s.Status.String(), Duration: float64(p.history.duration) / 1e6}
	if s.Status == linear.Infeasible {
		a.Conflict, err = conflict(ctx, &p.linear)
		return a, err
	}
	if s.Status == linear.Unbounded {
		for _, i := range s.Growing {
			a.Growing = append(a.Growing, p.linear.Vars[i].Name)
		}
		return a, nil
	}
	a.Objective, _ = s.Objective.Float64()
	p.fill(a, s)
	if !p.buffer && a.RcvNext == 0 {
		return a, p.explainNothing(ctx, a)
	}
	return a, nil
}

func (p *Problem) fill(a *Answer, s *linear.Solution) {
	t := p.Topology
	a.cwnd = make([]int64, len(t.Subflows))
	for i := range t.Subflows {
		a.cwnd[i] = t.Subflows[i].Cwnd
		if !p.buffer {
			a.cwnd[i] = s.Values[i].Num().Int64()
		}
	}
	if a.Buffer = t.SendBuffer; p.buffer {
		a.Buffer = s.Objective.Num().Int64() // a sum of whole windows
	}
	a.progress = p.history.progress
	a.RcvNext = p.history.received.times(t, a.cwnd)
	if a.Duration > 0 {
		a.Rate = float64(a.RcvNext) / a.Duration
	}
	for i := range t.Subflows {
		rx := p.history.received[i] * a.cwnd[i] * t.Subflows[i].MSS
		f := FlowAnswer{Name: t.Subflows[i].Name, Rx: rx, Cwnd: a.cwnd[i]}
		if a.RcvNext > 0 {
			f.Contrib = float64(rx) / float64(a.RcvNext)
		}
		a.Subflows = append(a.Subflows, f)
	}
}

// conflict says which rows cannot hold together.
func conflict(ctx context.Context, p *linear.Problem) ([]string, error) {
	rows, err := p.Conflict(ctx)
	var words []string
	for _, r := range rows {
		words = append(words, r.Why)
	}
	return words, err
}

// explainNothing says what leaves only empty windows.
func (p *Problem) explainNothing(ctx context.Context, a *Answer) error {
	q := p.linear
	q.Rows = append(slices.Clone(q.Rows), linear.Row{Coef: p.sizes(p.history.received), Rel: linear.AtLeast, Limit: big.NewRat(1, 1),
		Why: "something is to be received"})
	var err error
	a.Conflict, err = conflict(ctx, &q)
	return err
}
