package where

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestNumber compares the arithmetic with math/big's.
func TestNumber(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func() number {
		n := number{negative: random.IntN(2) == 0, hi: random.Uint64() >> (1 + random.IntN(64)), lo: random.Uint64() >> random.IntN(64)}
		if random.IntN(4) == 0 {
			n.hi = 0
		}
		if n.hi|n.lo == 0 {
			n.negative = false
		}
		return n
	}
	type operation struct {
		name  string
		ours  func(a, b number) (number, bool)
		exact func(a, b *big.Int) *big.Int
	}
	for _, op := range []operation{
		{"+", number.add, func(a, b *big.Int) *big.Int { return a.Add(a, b) }},
		{"-", number.sub, func(a, b *big.Int) *big.Int { return a.Sub(a, b) }},
		{"*", number.mul, func(a, b *big.Int) *big.Int { return a.Mul(a, b) }},
		{"%", number.mod, func(a, b *big.Int) *big.Int {
			if b.Sign() == 0 {
				return new(big.Int).Lsh(big.NewInt(1), 200)
			}
			return a.Rem(a, b)
		}},
	} {
		for range 20000 {
			a, b := pick(), pick()
			got, ok := op.ours(a, b)
			want := op.exact(a.big(), b.big())
			if fits := want.BitLen() <= 127; ok != fits || (ok && got.big().Cmp(want) != 0) {
				t.Fatalf("%v %s %v = %v, %v; want %v", a.big(), op.name, b.big(), got.big(), ok, want)
			}
			if got.compare(a) != got.big().Cmp(a.big()) {
				t.Fatalf("order of %v and %v", got.big(), a.big())
			}
		}
	}
}

func TestParseNumber(t *testing.T) {
	for text, want := range map[string]struct {
		value string
		scale int
	}{
		"0": {"0", 0}, "42": {"42", 0}, "1_000": {"1000", 0}, "0x1F": {"31", 0}, "0b101": {"5", 0}, "0o17": {"15", 0}, "1.50": {"15", 1},
		".5": {"5", 1}, "5.": {"5", 0}, "2e3": {"2000", 0}, "2.5e1": {"25", 0}, "25e-1": {"25", 1}, "18446744073709551615": {"18446744073709551615", 0},
		"170141183460469231731687303715884105727": {"170141183460469231731687303715884105727", 0},
	} {
		n, scale, err := parseNumber(text)
		if err != nil || n.big().String() != want.value || scale != want.scale {
			t.Errorf("%s reads %v/10^%d, %v", text, n.big(), scale, err)
		}
	}
	for _, text := range []string{"170141183460469231731687303715884105728", "1e", "1e99", "0x", "1e-30", ""} {
		if n, scale, err := parseNumber(text); err == nil {
			t.Errorf("%s reads %v/10^%d", text, n.big(), scale)
		}
	}
}
