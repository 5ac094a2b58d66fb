package main

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A tree without Wireshark's fault finds what a list does; with it, never more.
func TestTreeAgainstList(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	missed := 0
	for range 300 {
		sound, faulty := itree[int]{sound: true}, itree[int]{}
		type interval struct{ low, high uint64 }
		var list []interval // by number; a later one with the same start replaces the earlier one, but for its end
		at := map[uint64]int{}
		for i := range 60 {
			low := rng.Uint64N(400)
			high := low + rng.Uint64N(60)
			if n, ok := at[low]; ok {
				high = list[n].high
				list[n].high = 0
				list[n].low = 1
			}
			at[low] = i
			list = append(list, interval{low, high})
			sound.insert(low, high, i)
			faulty.insert(low, high, i)
		}
		for range 60 {
			low := rng.Uint64N(450)
			high := low + rng.Uint64N(30)
			var want []int
			for i, v := range list {
				if v.low <= v.high && v.low <= high && low <= v.high {
					want = append(want, i)
				}
			}
			got, some := sound.find(low, high), faulty.find(low, high)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("%d…%d: %v, want %v", low, high, got, want)
			}
			for _, v := range some {
				if !slices.Contains(want, v) {
					t.Fatalf("%d…%d: the faulty tree finds %d", low, high, v)
				}
			}
			missed += len(want) - len(some)
		}
	}
	if missed == 0 {
		t.Error("the faulty tree misses nothing")
	}
}

func TestTreeOrder(t *testing.T) {
	var tree itree[string]
	for i, name := range []string{"a", "b", "c", "d"} {
		tree.insert(uint64(i*10), uint64(i*10+100), name)
	}
	// b is the root after the third insertion; what is visited last stands first.
	if got := tree.find(0, 200); !slices.Equal(got, []string{"d", "c", "a", "b"}) {
		t.Error(got)
	}
	tree.insert(20, 500, "C")
	if got := tree.find(125, 130); !slices.Equal(got, []string{"d"}) {
		t.Error("an interval that replaces another one keeps its end:", got)
	}
}

// An interval that is put in again mends the end that a rotation left too low.
func TestTreeMended(t *testing.T) {
	var tree itree[string]
	for _, low := range []uint64{1425, 4273, 2849, 5697, 1, 16385} {
		tree.insert(low, low+16383, "")
	}
	tree.insert(1425, 1425, "b")
	tree.insert(0, 0, "DATA_FIN")
	if got := tree.find(17000, 17001); slices.Contains(got, "b") {
		t.Error("not lost:", got)
	}
	tree.insert(1, 1, "")
	if got := tree.find(17000, 17001); !slices.Contains(got, "b") {
		t.Error("still lost:", got)
	}
}
