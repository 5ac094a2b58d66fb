package conn

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// TestChecks feeds random segments, whole, cut, again and overlapping, to the checks of random mappings, and compares what is
// missing, and the sums of those that are whole, with counting byte by byte. More wait than may: the first are given up.
func TestChecks(t *testing.T) {
	whole := 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 0))
		data := make([]byte, 4000)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		k := &checks{}
		seen := map[uint32][]bool{}
		for n := range uint32(600) {
			at := min(int(n)*6+r.IntN(60), len(data)-1)
			if r.IntN(3) > 0 {
				size := min(1+r.IntN(60), len(data)-at)
				sum := mptcp.NewChecksum(uint64(n), n, uint16(size))
				k.wait(check{summed: summed{number: n, sum: sum}, from: uint64(at), to: uint64(at + size), upTo: uint64(at), left: uint64(size)})
				seen[n] = make([]bool, size)
			}
			from := max(0, at-r.IntN(80))
			to := min(len(data), from+r.IntN(50))
			whole += feedAndCompare(t, k, data, seen, from, to)
		}
		if len(k.open) > maxOpen {
			t.Fatalf("%d wait", len(k.open))
		}
	}
	if whole < 200 {
		t.Errorf("only %d checks were whole", whole)
	}
}

// feedAndCompare feeds data[from:to], and counts and drops the checks that have all of their bytes then.
func feedAndCompare(t *testing.T, k *checks, data []byte, seen map[uint32][]bool, from, to int) (whole int) {
	t.Helper()
	first := k.reaching(uint64(from))
	k.feed(first, uint64(from), data[from:to], 1)
	k.open = slices.DeleteFunc(k.open, func(c check) bool {
		left := 0
		for i := range seen[c.number] {
			at := int(c.from) + i
			seen[c.number][i] = seen[c.number][i] || from <= at && at < to
			if !seen[c.number][i] {
				left++
			}
		}
		if c.left != uint64(left) {
			t.Fatalf("%d bytes of [%d, %d) are missing after [%d, %d), want %d", c.left, c.from, c.to, from, to, left)
		}
		if left > 0 {
			return false
		}
		sum := mptcp.NewChecksum(uint64(c.number), c.number, uint16(c.to-c.from))
		sum.AddAt(0, data[c.from:c.to])
		if sum.Sum() != c.sum.Sum() {
			t.Fatalf("the sum of [%d, %d) is %04x, want %04x", c.from, c.to, c.sum.Sum(), sum.Sum())
		}
		whole++
		k.free(&c)
		return true
	})
	k.reach(0)
	return whole
}
