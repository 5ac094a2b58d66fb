package linear_test

import (
	"context"
	"errors"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/numerics/linear"
)

func rats(numbers ...int64) []*big.Rat {
	var list []*big.Rat
	for _, n := range numbers {
		list = append(list, big.NewRat(n, 1))
	}
	return list
}

func row(name string, rel linear.Relation, limit int64, coef ...int64) linear.Row {
	return linear.Row{Name: name, Why: name, Coef: rats(coef...), Rel: rel, Limit: big.NewRat(limit, 1)}
}

// solve maximises objective under rows, in whole numbers or not.
func solve(t *testing.T, whole bool, objective []int64, rows ...linear.Row) (*linear.Problem, *linear.Solution) {
	t.Helper()
	p := &linear.Problem{Maximize: true, Objective: rats(objective...), Rows: rows}
	for i := range objective {
		p.Vars = append(p.Vars, linear.Var{Name: string(rune('a' + i)), Whole: whole})
	}
	s, err := p.Solve(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return p, s
}

func TestStatus(t *testing.T) {
	for name, test := range map[string]struct {
		whole bool
		rows  []linear.Row
		want  linear.Status
		value *big.Rat
	}{
		"optimal":         {false, []linear.Row{row("x", linear.AtMost, 3, 2, 1)}, linear.Optimal, big.NewRat(3, 1)},
		"a fraction":      {false, []linear.Row{row("x", linear.AtMost, 3, 2, 0), row("y", linear.AtMost, 0, 0, 1)}, linear.Optimal, big.NewRat(3, 2)},
		"a whole number":  {true, []linear.Row{row("x", linear.AtMost, 3, 2, 0), row("y", linear.AtMost, 0, 0, 1)}, linear.Optimal, big.NewRat(1, 1)},
		"no rows":         {false, nil, linear.Unbounded, nil},
		"one is free":     {true, []linear.Row{row("x", linear.AtMost, 3, 1, 0)}, linear.Unbounded, nil},
		"contradiction":   {false, []linear.Row{row("x", linear.AtMost, 1, 1, 1), row("y", linear.AtLeast, 2, 1, 1)}, linear.Infeasible, nil},
		"no whole number": {true, []linear.Row{row("x", linear.AtMost, 3, 4, 0), row("y", linear.AtLeast, 1, 4, 0), row("z", linear.AtMost, 9, 0, 1)}, linear.Infeasible, nil},
	} {
		_, s := solve(t, test.whole, []int64{1, 1}, test.rows...)
		if s.Status != test.want || test.value != nil && s.Objective.Cmp(test.value) != 0 {
			t.Errorf("%s: %v, %v", name, s.Status, s.Objective)
		}
	}
}

// TestConflict wants the rows that contradict each other, and no other.
func TestConflict(t *testing.T) {
	p, s := solve(t, true, []int64{1, 1}, row("harmless", linear.AtMost, 100, 1, 1), row("few", linear.AtMost, 1, 1, 0),
		row("harmless too", linear.AtLeast, 1, 0, 1), row("many", linear.AtLeast, 2, 1, 0))
	if s.Status != linear.Infeasible {
		t.Fatal(s.Status)
	}
	rows, err := p.Conflict(context.Background())
	var names []string
	for _, r := range rows {
		names = append(names, r.Name)
	}
	if err != nil || !slices.Equal(names, []string{"few", "many"}) {
		t.Errorf("%v: %v", names, err)
	}
	p, _ = solve(t, true, []int64{1}, row("few", linear.AtMost, 1, 1))
	if rows, err := p.Conflict(context.Background()); rows != nil || err != nil {
		t.Errorf("a conflict of what has none: %v, %v", rows, err)
	}
}

// TestRatios wants the conflict of a problem whose other rows bound ratios: without the row that is to blame, whole values are
// far off, and no branch comes to them.
func TestRatios(t *testing.T) {
	p, s := solve(t, true, []int64{3, 30, 4, 29}, row("room", linear.AtMost, 1, 3, 33, 5, 30), row("share 2", linear.AtLeast, 0, -51, -510, 132, -493),
		row("share 3", linear.AtLeast, 0, -153, -1530, -204, 1421), row("share 0", linear.AtMost, 0, 171, -1290, -172, -1247),
		row("share", linear.AtMost, 0, -267, -2670, -356, 319), row("window", linear.AtMost, 12, 1, 0, 0, 0))
	if s.Status != linear.Optimal || s.Objective.Sign() != 0 {
		t.Fatalf("%v %v", s.Status, s.Objective)
	}
	p.Rows = append(p.Rows, row("something", linear.AtLeast, 1, 3, 30, 4, 29))
	rows, err := p.Conflict(context.Background())
	var names []string
	for _, r := range rows {
		names = append(names, r.Name)
	}
	if err != nil || !slices.Equal(names, []string{"room", "something"}) {
		t.Errorf("%v: %v", names, err)
	}
	p.Rows = p.Rows[1:]
	if s, err := p.Solve(context.Background()); err != nil || s.Status != linear.Unbounded {
		t.Errorf("without the room: %v %v", s, err)
	}
}

func TestCancel(t *testing.T) {
	p, _ := solve(t, true, []int64{1}, row("few", linear.AtMost, 1, 1))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Solve(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("solving: %v", err)
	}
	if _, err := p.Conflict(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("looking for a conflict: %v", err)
	}
}

// TestByTrying compares optima in whole numbers with those found by trying all.
func TestByTrying(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const most = 6
	for range 300 {
		objective := []int64{random.Int64N(7) - 1, random.Int64N(7) - 1, random.Int64N(7) - 1}
		var rows []linear.Row
		for i := range objective { // every variable has a bound
			coef := make([]int64, 3)
			coef[i] = 1
			rows = append(rows, row("bound", linear.AtMost, most, coef...))
		}
		for range random.IntN(4) {
			rows = append(rows, row("random", linear.Relation(random.IntN(2)), random.Int64N(20), random.Int64N(9)-3, random.Int64N(9)-3, random.Int64N(9)-3))
		}
		_, s := solve(t, true, objective, rows...)
		best, found := tried(objective, rows, most)
		switch {
		case found != (s.Status == linear.Optimal):
			t.Fatalf("%v, %v: %v, by trying %v", objective, rows, s.Status, found)
		case found && s.Objective.Cmp(big.NewRat(best, 1)) != 0:
			t.Fatalf("%v, %v: %v, by trying %d", objective, rows, s.Objective, best)
		}
	}
}

// tried is the best of all values up to most.
func tried(objective []int64, rows []linear.Row, most int64) (best int64, found bool) {
	sum := func(coef []*big.Rat, v [3]int64) (n int64) {
		for i, c := range coef {
			n += c.Num().Int64() * v[i]
		}
		return n
	}
	for n := range (most + 1) * (most + 1) * (most + 1) {
		v := [3]int64{n % (most + 1), n / (most + 1) % (most + 1), n / (most + 1) / (most + 1)}
		fits := !slices.ContainsFunc(rows, func(r linear.Row) bool {
			left, limit := sum(r.Coef, v), r.Limit.Num().Int64()
			return r.Rel == linear.AtMost && left > limit || r.Rel == linear.AtLeast && left < limit
		})
		if value := sum(rats(objective...), v); fits && (!found || value > best) {
			best, found = value, true
		}
	}
	return best, found
}

// TestGrowing wants of an unbounded problem the variables that grow.
func TestGrowing(t *testing.T) {
	for name, test := range map[string]struct {
		rows []linear.Row
		want []int
	}{
		"nothing bounds":         {nil, []int{0}},
		"one is bounded":         {[]linear.Row{row("x", linear.AtMost, 3, 1, 0)}, []int{1}},
		"both, one by the other": {[]linear.Row{row("x", linear.AtMost, 1, 1, -1)}, []int{0, 1}},
	} {
		_, s := solve(t, false, []int64{1, 1}, test.rows...)
		if s.Status != linear.Unbounded || !slices.Equal(s.Growing, test.want) {
			t.Errorf("%s: %v, %v grow, want %v", name, s.Status, s.Growing, test.want)
		}
	}
}
