package linear

import (
	"bufio"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// WriteLP writes the problem as CPLEX LP text. Rows are multiplied so that all their numbers are whole.
func (p *Problem) WriteLP(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "\\ %s\n", strings.ReplaceAll(p.Name, "\n", " "))
	names := p.names()
	if p.Maximize {
		fmt.Fprintln(out, "Maximize")
	} else {
		fmt.Fprintln(out, "Minimize")
	}
	objective, _ := wholeRow(p.Objective, new(big.Rat))
	fmt.Fprintf(out, " obj: %s\nSubject To\n", sum(objective, names))
	for i, r := range p.Rows {
		coef, limit := wholeRow(r.Coef, r.Limit)
		relation := "<="
		if r.Rel == AtLeast {
			relation = ">="
		}
		if r.Why != "" {
			fmt.Fprintf(out, "\\ %s\n", strings.ReplaceAll(r.Why, "\n", " "))
		}
		fmt.Fprintf(out, " c%d: %s %s %s\n", i+1, sum(coef, names), relation, limit)
	}
	fmt.Fprintln(out, "Bounds")
	for _, name := range names {
		fmt.Fprintf(out, " %s >= 0\n", name)
	}
	var wholes []string
	for i := range p.Vars {
		if p.Vars[i].Whole {
			wholes = append(wholes, names[i])
		}
	}
	if len(wholes) > 0 {
		fmt.Fprintf(out, "Generals\n %s\n", strings.Join(wholes, "\n "))
	}
	fmt.Fprintln(out, "End")
	return out.Flush()
}

// names makes names that the format allows: letters, digits and _, not too long, each once.
func (p *Problem) names() []string {
	var names []string
	for i, v := range p.Vars {
		name := strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
				return r
			}
			return '_'
		}, v.Name)
		if len(name) > 100 {
			name = name[:100]
		}
		for k := range names {
			if names[k] == name || name == "" || name[0] >= '0' && name[0] <= '9' {
				name = fmt.Sprintf("x%d_%s", i+1, name)
				break
			}
		}
		names = append(names, name)
	}
	return names
}

// wholeRow multiplies coefficients and a limit by what makes them whole. The objective keeps its direction, not its size.
func wholeRow(coef []*big.Rat, limit *big.Rat) ([]*big.Int, *big.Int) {
	by := new(big.Int).Set(limit.Denom())
	for _, c := range coef {
		g := new(big.Int).GCD(nil, nil, by, c.Denom())
		by.Mul(by, new(big.Int).Quo(c.Denom(), g))
	}
	times := func(r *big.Rat) *big.Int {
		v := new(big.Int).Mul(r.Num(), by)
		return v.Quo(v, r.Denom())
	}
	var all []*big.Int
	for _, c := range coef {
		all = append(all, times(c))
	}
	return all, times(limit)
}

// sum writes coefficients and variables.
func sum(coef []*big.Int, names []string) string {
	var b strings.Builder
	for i, c := range coef {
		if c.Sign() == 0 {
			continue
		}
		sign := "+"
		if c.Sign() < 0 {
			sign = "-"
		}
		if b.Len() > 0 || sign == "-" {
			b.WriteString(sign + " ")
		}
		fmt.Fprintf(&b, "%s %s ", new(big.Int).Abs(c), names[i])
	}
	if b.Len() == 0 {
		return "0 " + names[0]
	}
	return strings.TrimSuffix(b.String(), " ")
}
