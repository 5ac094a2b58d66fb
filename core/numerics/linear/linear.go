// Package linear solves small linear problems, with whole variables or not, exactly: in rational numbers, by the simplex
// method with Bland's rule and by branch and bound.
//
//	p := &linear.Problem{Maximize: true, Vars: …, Objective: …, Rows: …}
//	s, err := p.Solve(ctx)
//	p.WriteLP(w) // CPLEX LP text, as GLPK and CBC read it
//
// It is meant for some ten variables and some hundred rows. gonum's simplex was weighed: it computes in floats, stops at
// degenerate problems, of which flow control makes nothing else, and would add its matrices to the page; the solvers that
// are better need cgo. All variables are at least 0. It gives up, with an error, after too many branches, or when its context ends.
package linear

import (
	"context"
	"errors"
	"math/big"
	"slices"
)

// Problem is a linear problem.
type Problem struct {
	Name      string
	Maximize  bool
	Vars      []Var
	Objective []*big.Rat // by variable
	Rows      []Row
}

// Var is a variable, at least 0.
type Var struct {
	Name  string
	Whole bool
}

// Relation of a row's sum to its limit.
type Relation uint8

// Relations.
const (
	AtMost Relation = iota
	AtLeast
)

// Row is a constraint.
type Row struct {
	Name  string
	Why   string // in words, for people
	Coef  []*big.Rat
	Rel   Relation
	Limit *big.Rat
}

// Status of a solution.
type Status uint8

// Statuses.
const (
	Optimal Status = iota
	Infeasible
	Unbounded
)

// String is the status in a word.
func (s Status) String() string { return [...]string{"Optimal", "Infeasible", "Unbounded"}[s] }

// Solution of a problem. Values and Objective are set where it is optimal.
type Solution struct {
	Status    Status
	Objective *big.Rat
	Values    []*big.Rat
	// Growing are the variables that may grow together without end where it is unbounded.
	Growing []int
}

// maxNodes bounds branch and bound; maxProbes does where only a better explanation is at stake.
const (
	maxNodes  = 20000
	maxProbes = 500
)

// ErrTooHard says that branch and bound was given up.
var ErrTooHard = errors.New("the problem has too many whole solutions to try")

// Solve finds an optimum. The error is ErrTooHard, or why the context ended.
func (p *Problem) Solve(ctx context.Context) (*Solution, error) { return p.branch(ctx, maxNodes) }

// branch is branch and bound over at most so many nodes.
func (p *Problem) branch(ctx context.Context, most int) (*Solution, error) {
	best := &Solution{Status: Infeasible}
	open := []node{{low: make([]*big.Int, len(p.Vars)), high: make([]*big.Int, len(p.Vars))}}
	for nodes := 0; len(open) > 0; nodes++ {
		if nodes == most {
			return nil, ErrTooHard
		}
		at := open[len(open)-1]
		open = open[:len(open)-1]
		s := p.relaxed(ctx, at.rows())
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		switch {
		case s.Status == Unbounded:
			return s, nil
		case s.Status == Infeasible, best.Status == Optimal && !p.better(s.Objective, best.Objective):
			continue
		}
		i := p.fraction(s)
		if i < 0 {
			best = s
			continue
		}
		if best.Status != Optimal {
			best = p.multiplied(s)
		}
		below := new(big.Int).Quo(s.Values[i].Num(), s.Values[i].Denom())
		open = append(open, at.with(i, AtMost, below), at.with(i, AtLeast, new(big.Int).Add(below, big.NewInt(1))))
	}
	return best, nil
}

// multiplied makes whole values of a solution's fractions by multiplying them all, if that keeps the rows: where these bound
// ratios only, no branch would ever end with whole values.
func (p *Problem) multiplied(s *Solution) *Solution {
	factor := big.NewInt(1)
	for _, v := range s.Values {
		d := new(big.Int).GCD(nil, nil, factor, v.Denom())
		factor.Mul(factor, d.Quo(v.Denom(), d))
	}
	by := new(big.Rat).SetInt(factor)
	m := &Solution{Status: Optimal, Objective: new(big.Rat).Mul(s.Objective, by)}
	for _, v := range s.Values {
		m.Values = append(m.Values, new(big.Rat).Mul(v, by))
	}
	for _, r := range p.Rows {
		if !r.holds(m.Values) {
			return &Solution{Status: Infeasible}
		}
	}
	return m
}

// holds says whether values satisfy a row.
func (r *Row) holds(values []*big.Rat) bool {
	sum := new(big.Rat)
	for i, c := range r.Coef {
		sum.Add(sum, new(big.Rat).Mul(c, values[i]))
	}
	if r.Rel == AtMost {
		return sum.Cmp(r.Limit) <= 0
	}
	return sum.Cmp(r.Limit) >= 0
}

// node is a part of a problem: its variables are between bounds, nil where there is none.
type node struct{ low, high []*big.Int }

// with is the part of a node where a variable is within one more bound, which is the closest yet.
func (n node) with(i int, rel Relation, limit *big.Int) node {
	if rel == AtMost {
		n.high = slices.Clone(n.high)
		n.high[i] = limit
	} else {
		n.low = slices.Clone(n.low)
		n.low[i] = limit
	}
	return n
}

// rows are a node's bounds as rows.
func (n node) rows() (rows []Row) {
	bound := func(i int, rel Relation, limit *big.Int) {
		if limit != nil {
			coef := zeros(len(n.low))
			coef[i] = big.NewRat(1, 1)
			rows = append(rows, Row{Coef: coef, Rel: rel, Limit: new(big.Rat).SetInt(limit)})
		}
	}
	for i := range n.low {
		bound(i, AtLeast, n.low[i])
		bound(i, AtMost, n.high[i])
	}
	return rows
}

func (p *Problem) better(a, b *big.Rat) bool {
	if p.Maximize {
		return a.Cmp(b) > 0
	}
	return a.Cmp(b) < 0
}

// fraction is a whole variable whose value is not, -1 if there is none.
func (p *Problem) fraction(s *Solution) int {
	for i := range p.Vars {
		if p.Vars[i].Whole && !s.Values[i].IsInt() {
			return i
		}
	}
	return -1
}

// relaxed solves the problem with more rows, and without the wish for whole values.
func (p *Problem) relaxed(ctx context.Context, more []Row) *Solution {
	t := newTableau(p, more)
	if !t.feasible(ctx) {
		return &Solution{Status: Infeasible}
	}
	if in, bounded := t.optimise(ctx, p); !bounded {
		return &Solution{Status: Unbounded, Growing: t.growing(in, len(p.Vars))}
	}
	s := &Solution{Status: Optimal, Values: t.values(len(p.Vars)), Objective: new(big.Rat)}
	for i, c := range p.Objective {
		s.Objective.Add(s.Objective, new(big.Rat).Mul(c, s.Values[i]))
	}
	return s
}

// Conflict finds rows of an infeasible problem that cannot hold together, of which none can be left out, unless that would take
// many steps to find out; nil if the problem is feasible.
func (p *Problem) Conflict(ctx context.Context) ([]Row, error) {
	rows := slices.Clone(p.Rows)
	feasible := func(rows []Row, nodes int) (bool, error) {
		q := *p
		q.Rows, q.Objective = rows, zeros(len(p.Vars))
		s, err := q.branch(ctx, nodes)
		return err == nil && s.Status != Infeasible, err
	}
	if ok, err := feasible(rows, maxNodes); ok || err != nil {
		return nil, err
	}
	for i := 0; i < len(rows); {
		less := slices.Delete(slices.Clone(rows), i, i+1)
		ok, err := feasible(less, maxProbes)
		switch {
		case ok, errors.Is(err, ErrTooHard):
			i++
		case err != nil:
			return nil, err
		default:
			rows = less
		}
	}
	return rows, nil
}

func zeros(n int) []*big.Rat {
	z := make([]*big.Rat, n)
	for i := range z {
		z[i] = new(big.Rat)
	}
	return z
}
