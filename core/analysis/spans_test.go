package analysis

import (
	"math/rand/v2"
	"testing"
)

// TestSpans compares the set with one that holds every number by itself.
func TestSpans(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		const size = 200
		var s spans
		var plain [size]int
		for value := uint32(1); value < 60; value++ {
			from := dice.Uint64N(size)
			to := min(from+1+dice.Uint64N(30), size)
			if dice.IntN(2) == 0 { // mostly ascending
				from = min(uint64(value)*3, size-1)
				to = min(from+1+dice.Uint64N(6), size)
			}
			replace := dice.IntN(3) == 0
			var got, want [size]int
			old := func(a, b uint64, v uint32) {
				for ; a < b; a++ {
					got[a] = int(v)
				}
			}
			fresh := uint64(0)
			for i := from; i < to; i++ {
				want[i] = plain[i]
				if plain[i] == 0 {
					fresh++
				}
				if replace || plain[i] == 0 {
					plain[i] = int(value)
				}
			}
			if replace {
				s.replace(from, to, value, old)
			} else {
				s.fill(from, to, value, func(a, b uint64, v uint32, was bool) {
					if was {
						old(a, b, v)
					} else {
						fresh -= b - a
					}
				})
				if fresh != 0 {
					t.Fatalf("%d fresh ones too few", fresh)
				}
			}
			if got != want {
				t.Fatalf("old parts\n%v want\n%v", got, want)
			}
			var all [size]int
			s.each(0, size, func(a, b uint64, v uint32) {
				for ; a < b; a++ {
					all[a] = int(v)
				}
			})
			if all != plain {
				t.Fatalf("holds\n%v want\n%v", all, plain)
			}
		}
	}
}

func TestCounterWraps(t *testing.T) {
	var c counter
	for n := uint64(0); n < 3<<32; n += 1 << 29 {
		if got := c.wide(uint32(n)); got != bias+n {
			t.Fatalf("%d: %d", n, got-bias)
		}
		c.reach(bias + n)
	}
}
