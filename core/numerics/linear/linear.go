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

// maxNodes bounds branch and bound.
const maxNodes = 20000

// ErrTooHard says that branch and bound was given up.
var ErrTooHard = errors.New("the problem has too many whole solutions to try")

// Solve finds an optimum. The error is ErrTooHard, or why the context ended.
func (p *Problem) Solve(ctx context.Context) (*Solution, error) {
	best := &Solution{Status: Infeasible}
	open := [][]Row{nil}
	for nodes := 0; len(open) > 0; nodes++ {
		if nodes == maxNodes {
			return nil, ErrTooHard
		}
		cuts := open[len(open)-1]
		open = open[:len(open)-1]
		s := p.relaxed(ctx, cuts)
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
		below := new(big.Int).Quo(s.Values[i].Num(), s.Values[i].Denom())
		open = append(open, append(slices.Clone(cuts), p.bound(i, AtMost, below)), append(slices.Clone(cuts), p.bound(i, AtLeast, new(big.Int).Add(below, big.NewInt(1)))))
	}
	return best, nil
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

func (p *Problem) bound(i int, rel Relation, limit *big.Int) Row {
	coef := zeros(len(p.Vars))
	coef[i] = big.NewRat(1, 1)
	return Row{Coef: coef, Rel: rel, Limit: new(big.Rat).SetInt(limit)}
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

// Conflict finds rows of an infeasible problem that cannot hold together, of which none can be left out; nil if the
// problem is feasible.
func (p *Problem) Conflict(ctx context.Context) ([]Row, error) {
	rows := slices.Clone(p.Rows)
	feasible := func(rows []Row) (bool, error) {
		q := *p
		q.Rows, q.Objective = rows, zeros(len(p.Vars))
		s, err := q.Solve(ctx)
		return err == nil && s.Status != Infeasible, err
	}
	if ok, err := feasible(rows); ok || err != nil {
		return nil, err
	}
	for i := 0; i < len(rows); {
		less := slices.Delete(slices.Clone(rows), i, i+1)
		ok, err := feasible(less)
		if err != nil {
			return nil, err
		}
		if ok {
			i++
		} else {
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
