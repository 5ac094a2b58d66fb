package linear

import (
	"context"
	"math/big"
	"slices"
)

// tableau is a problem in the form a·x + slack = b, solved for its basic variables: row i says what the basic variable
// basis[i] is. Columns are variables, then one slack a row, then the auxiliary variable of the first phase; the last
// column is b.
type tableau struct {
	a     [][]*big.Rat
	basis []int
	cost  []*big.Rat // of the objective that is maximised, reduced; the last is minus its value
	vars  int        // columns before the auxiliary one
}

func newTableau(p *Problem, more []Row) *tableau {
	n, rows := len(p.Vars), slices.Concat(p.Rows, more)
	t := &tableau{vars: n + len(rows)}
	for i, r := range rows {
		line := zeros(t.vars + 2)
		for k, c := range r.Coef {
			line[k].Set(c)
		}
		line[t.vars+1].Set(r.Limit)
		if r.Rel == AtLeast {
			for k := range line {
				line[k].Neg(line[k])
			}
		}
		line[n+i].SetInt64(1)
		line[t.vars].SetInt64(-1)
		t.a, t.basis = append(t.a, line), append(t.basis, n+i)
	}
	return t
}

// feasible finds values that satisfy all rows: it takes as little as possible of the auxiliary variable.
func (t *tableau) feasible(ctx context.Context) bool {
	lowest, last := -1, t.vars+1
	for i := range t.a {
		if t.a[i][last].Sign() < 0 && (lowest < 0 || t.a[i][last].Cmp(t.a[lowest][last]) < 0) {
			lowest = i
		}
	}
	if lowest < 0 {
		return true
	}
	t.cost = zeros(t.vars + 2)
	t.cost[t.vars].SetInt64(-1)
	t.pivot(lowest, t.vars)
	t.maximise(ctx, t.vars+1)
	if t.cost[last].Sign() != 0 {
		return false
	}
	for i := range t.basis {
		if t.basis[i] != t.vars {
			continue
		}
		for k := range t.vars {
			if t.a[i][k].Sign() != 0 {
				t.pivot(i, k)
				break
			}
		}
	}
	return true
}

// optimise goes on from feasible values to the best; false if there is no best, as a column's variable may grow without end.
func (t *tableau) optimise(ctx context.Context, p *Problem) (column int, bounded bool) {
	t.cost = zeros(t.vars + 2)
	for i, c := range p.Objective {
		t.cost[i].Set(c)
		if !p.Maximize {
			t.cost[i].Neg(t.cost[i])
		}
	}
	for i, b := range t.basis {
		t.reduce(t.cost, t.a[i], b)
	}
	return t.maximise(ctx, t.vars)
}

// maximise pivots until no column below a limit improves the objective: by Bland's rule, which never goes in circles; false
// with the column that improves it without end. What it leaves when the context ends is of no use.
func (t *tableau) maximise(ctx context.Context, columns int) (column int, bounded bool) {
	last := t.vars + 1
	for ctx.Err() == nil {
		in := slices.IndexFunc(t.cost[:columns], func(c *big.Rat) bool { return c.Sign() > 0 })
		if in < 0 {
			return 0, true
		}
		out := -1
		ratio, best := new(big.Rat), new(big.Rat)
		for i := range t.a {
			if t.a[i][in].Sign() <= 0 {
				continue
			}
			ratio.Quo(t.a[i][last], t.a[i][in])
			if c := ratio.Cmp(best); out < 0 || c < 0 || c == 0 && t.basis[i] < t.basis[out] {
				out = i
				best.Set(ratio)
			}
		}
		if out < 0 {
			return in, false
		}
		t.pivot(out, in)
	}
	return 0, true
}

// growing lists which of the first n variables grow with that of a column.
func (t *tableau) growing(column, n int) []int {
	var list []int
	if column < n {
		list = append(list, column)
	}
	for i, b := range t.basis {
		if b < n && t.a[i][column].Sign() < 0 {
			list = append(list, b)
		}
	}
	slices.Sort(list)
	return list
}

// pivot solves a row for a column's variable.
func (t *tableau) pivot(row, column int) {
	by := new(big.Rat).Inv(t.a[row][column])
	for _, v := range t.a[row] {
		v.Mul(v, by)
	}
	t.basis[row] = column
	for i := range t.a {
		if i != row {
			t.reduce(t.a[i], t.a[row], column)
		}
	}
	t.reduce(t.cost, t.a[row], column)
}

// reduce subtracts a row so often that a column becomes zero.
func (t *tableau) reduce(line, row []*big.Rat, column int) {
	if line[column].Sign() == 0 {
		return
	}
	factor, part := new(big.Rat).Set(line[column]), new(big.Rat)
	for k, v := range row {
		if v.Sign() != 0 {
			line[k].Sub(line[k], part.Mul(factor, v))
		}
	}
}

func (t *tableau) values(n int) []*big.Rat {
	v := zeros(n)
	for i, b := range t.basis {
		if b < n {
			v[b].Set(t.a[i][t.vars+1])
		}
	}
	return v
}
