package mptcp_test

import (
	"math/rand/v2"
	"testing"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

func TestExpand(t *testing.T) {
	for _, c := range []struct {
		name  string
		known uint64
		low   uint32
		want  uint64
	}{
		{"same", 0x1_00000005, 5, 0x1_00000005},
		{"ahead", 0x1_00000005, 9, 0x1_00000009},
		{"behind", 0x1_00000005, 2, 0x1_00000002},
		{"wrap forward", 0x1_fffffff0, 0x10, 0x2_00000010},
		{"wrap backward", 0x2_00000010, 0xfffffff0, 0x1_fffffff0},
		{"wrap of all 64 bits", 0xffffffff_fffffff0, 0x10, 0x10},
		{"back over zero", 0x10, 0xfffffff0, 0xffffffff_fffffff0},
		{"far ahead", 0x7_00000000, 0x7fffffff, 0x7_7fffffff},
		{"as far ahead as behind, from below", 0x7_80000000, 0, 0x8_00000000},
		{"as far ahead as behind, from above", 0x7_00000000, 0x80000000, 0x6_80000000},
	} {
		if got := Expand(c.known, c.low); got != c.want {
			t.Errorf("%s: %#x, want %#x", c.name, got, c.want)
		}
	}
}

// kernelExpand is Linux's __mptcp_expand_seq (net/mptcp/options.c), statement by statement.
func kernelExpand(old uint64, low uint32) uint64 {
	before := func(a, b uint32) bool { return int32(a-b) < 0 }
	old32 := uint32(old)
	cur := old&0xffffffff_00000000 + uint64(low)
	if low < old32 && before(old32, low) {
		return cur + 1<<32
	}
	if low > old32 && before(low, old32) {
		return cur - 1<<32
	}
	return cur
}

func TestExpandLikeKernel(t *testing.T) {
	edges := []uint32{0, 1, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff}
	check := func(known uint64, low uint32) {
		if got, want := Expand(known, low), kernelExpand(known, low); got != want {
			t.Errorf("Expand(%#x, %#x) = %#x, want %#x", known, low, got, want)
		}
	}
	for _, high := range []uint64{0, 1, 0x80000000, 0xffffffff} {
		for _, known := range edges {
			for _, low := range edges {
				check(high<<32|uint64(known), low)
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 100000 {
		check(r.Uint64(), r.Uint32())
	}
}
