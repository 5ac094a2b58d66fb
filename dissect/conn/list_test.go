package conn

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSorted compares the list with a slice that is sorted after each step.
func TestSorted(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		var s sorted
		var want []pair
		for i := range 3000 {
			p := pair{a: uint64(r.IntN(4000)), b: uint64(i)}
			if r.IntN(3) == 0 {
				p.a = uint64(i * 2) // mostly rising, as real lists are
			}
			s.add(p)
			at, _ := slices.BinarySearchFunc(want, p.a+1, func(q pair, key uint64) int { return cmp.Compare(q.a, key) })
			want = slices.Insert(want, at, p)
			if r.IntN(5) == 0 {
				k := uint64(r.IntN(4000))
				if at := s.search(k); s.at(at) != nil {
					i, _ := slices.BinarySearchFunc(want, k, func(q pair, key uint64) int { return cmp.Compare(q.a, key) })
					if *s.at(at) != want[i] {
						t.Fatalf("search for %d gives %v, want %v", k, *s.at(at), want[i])
					}
					next := s.remove(at)
					want = slices.Delete(want, i, i+1)
					if i < len(want) && (s.at(next) == nil || *s.at(next) != want[i]) {
						t.Fatalf("after removing, the next is %v, want %v", s.at(next), want[i])
					}
				}
			}
		}
		var got []pair
		s.each(func(p *pair) { got = append(got, *p) })
		if !slices.Equal(got, want) || s.len() != len(want) || s.top != want[len(want)-1].a {
			t.Fatalf("seed %d: %d pairs, want %d, or in another order", seed, len(got), len(want))
		}
		at := s.search(1 << 62)
		for i := len(want) - 1; i >= 0; i-- {
			p, ok := s.prev(at)
			if !ok || *s.at(p) != want[i] {
				t.Fatalf("going back, pair %d is %v", i, s.at(p))
			}
			at = p
		}
		if _, ok := s.prev(at); ok {
			t.Fatal("there is a pair before the first")
		}
	}
}

// TestRanges compares the set with one bit a number.
func TestRanges(t *testing.T) {
	const size = 20_000
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		var set ranges
		var hints [3]hint
		bits := make([]bool, size)
		next := [3]uint64{0, size / 3, 2 * size / 3}
		for range 2000 {
			from, n, k := uint64(r.IntN(size)), uint64(r.IntN(40)), r.IntN(3)
			if r.IntN(2) == 0 {
				from = next[k] // each hint grows a range of its own
			}
			to := min(from+n, size)
			next[k] = to
			checkGaps(t, &set, bits, from, to)
			want := uint64(0)
			for i := from; i < to; i++ {
				if !bits[i] {
					bits[i] = true
					want++
				}
			}
			got := uint64(0)
			if from < to {
				got = set.grow(&hints[k], from, to)
			}
			if got != want {
				t.Fatalf("seed %d: adding [%d, %d) gives %d new, want %d", seed, from, to, got, want)
			}
		}
		last := uint64(0)
		set.list.each(func(p *pair) {
			if p.a >= p.b || p.a < last || last > 0 && p.a == last {
				t.Fatalf("range [%d, %d) after %d", p.a, p.b, last)
			}
			for i := p.a; i < p.b; i++ {
				if !bits[i] {
					t.Fatalf("%d is in the set", i)
				}
			}
			last = p.b
		})
	}
}

func checkGaps(t *testing.T, set *ranges, bits []bool, from, to uint64) {
	t.Helper()
	at := from
	set.gaps(from, to, func(a, b uint64) {
		for ; at < a; at++ {
			if !bits[at] {
				t.Fatalf("%d is no gap", at)
			}
		}
		for ; at < b; at++ {
			if bits[at] {
				t.Fatalf("%d is a gap", at)
			}
		}
	})
	for ; at < to; at++ {
		if !bits[at] {
			t.Fatalf("%d is no gap", at)
		}
	}
}

// deaf is a host that only counts.
type deaf struct{ reinjected, capped int }

func (d *deaf) Cover(uint32, uint32)       {}
func (d *deaf) AlsoCovered(uint32, uint32) {}
func (d *deaf) Reinjected(uint32, uint32)  { d.reinjected++ }
func (d *deaf) Issue(kind Issue, _ uint32) {
	if kind == ManyCopies {
		d.capped++
	}
}

// TestCarried compares the accounting of pieces with that of their single bytes: few subflows, and more than have a lane
// of their own.
func TestCarried(t *testing.T) {
	for _, subflows := range []int{1, 3, maxLanes + 3} {
		r := rand.New(rand.NewPCG(uint64(subflows), 1))
		host := &deaf{}
		table := &Table{host: host}
		sp := &space{}
		sp.start(0, true)
		ways := make([]way, subflows)
		sent := make([]map[uint64]bool, subflows)
		for i := range ways {
			ways[i].ordinal, sent[i] = uint16(i), map[uint64]bool{}
		}
		all := map[uint64]bool{}
		var want totals
		for row := range uint32(4000) {
			i := r.IntN(subflows)
			dsn, n := uint64(r.IntN(20_000)), 1+uint32(r.IntN(60))
			table.carried(&ways[i], sp, dsn, n, row)
			for b := dsn; b < dsn+uint64(n); b++ {
				switch {
				case sent[i][b]:
					want.Retransmitted++
				case all[b]:
					want.Reinjected++
				default:
					want.Unique++
				}
				sent[i][b], all[b] = true, true
			}
		}
		if sp.total != want {
			t.Errorf("%d subflows: %+v, want %+v", subflows, sp.total, want)
		}
		if (host.reinjected > 0) != (subflows > 1) || host.capped > 0 {
			t.Errorf("%d subflows: %+v", subflows, host)
		}
	}
}

// TestManyCopies holds that bytes sent again and again on two subflows cost a bounded number of links, and that an issue
// says so.
func TestManyCopies(t *testing.T) {
	host := &deaf{}
	table := &Table{host: host}
	sp := &space{}
	sp.start(0, true)
	var ways [2]way
	ways[1].ordinal = 1
	for row := range uint32(20_000) {
		i := row % 2
		table.carried(&ways[i], sp, uint64(row/2%10*1000), 1000, row)
	}
	if want := (totals{Unique: 10_000, Reinjected: 10_000, Retransmitted: 20_000*1000 - 20_000}); sp.total != want {
		t.Errorf("%+v, want %+v", sp.total, want)
	}
	if host.reinjected > 20_000*toldEach+maxTold || host.capped < 15_000 {
		t.Errorf("%+v", host)
	}
}

// TestWiden walks a space past two wraps of its lower half, by 32-bit numbers, out of order, and back.
func TestWiden(t *testing.T) {
	const start = 0x1_fffffff0
	var sp space
	sp.start(start, true)
	for _, step := range []uint64{0, 0x20, 0x10, 0x7fffffff, 0xfffffff0, 0x1_00000010, 0xffffff00} {
		want := uint64(start) + step
		if got, shift, ok := sp.widen(want&0xffffffff, false); got != want || shift != 0 || !ok {
			t.Errorf("%#x becomes %#x", want, got)
		}
	}
	if _, _, ok := sp.widen(start+1<<60, true); ok {
		t.Error("a number far away is taken for one of the space")
	}
}

// TestLearn lets the upper half come after 32-bit numbers: from a 64-bit one, and from a key.
func TestLearn(t *testing.T) {
	for _, c := range []struct {
		name  string
		first uint64
		learn func(*space) uint64
		want  uint64 // what the first number was in truth
	}{
		{"64 bits", 0x1000, func(sp *space) uint64 { _, s, _ := sp.widen(0x77_00001100, true); return s }, 0x77_00001000},
		{"64 bits, wrapped", 0xfffff000, func(sp *space) uint64 { _, s, _ := sp.widen(0x77_00000100, true); return s }, 0x76_fffff000},
		{"key", 0x1000, func(sp *space) uint64 { return sp.learn(0x55_00000f00) }, 0x55_00001000},
		{"key, wrapped", 0x1000, func(sp *space) uint64 { return sp.learn(0x55_ffffff00) }, 0x56_00001000},
		{"key, just before", 0x1000, func(sp *space) uint64 { return sp.learn(0x55_00001001) }, 0x55_00001000},
	} {
		var sp space
		first, _, _ := sp.widen(c.first, false)
		k := first - sp.origin
		shift := c.learn(&sp)
		if first+shift != c.want || !sp.known || c.want-sp.origin != k {
			t.Errorf("%s: %#x becomes %#x, want %#x", c.name, first, first+shift, c.want)
		}
	}
}

// TestGuess finds the initial sequence number of a subflow whose SYN is missing.
func TestGuess(t *testing.T) {
	const isn = 0xfffffc00
	var w way
	at := func(off, n uint32, ssn uint32, length uint16, fin bool) {
		w.guess(isn+off, n, &announcement{ssn: ssn, length: length, fin: fin})
	}
	at(1101, 100, 1001, 300, false)
	if w.certain() || w.isn != isn+100 || w.slackLow() != isn-100 {
		t.Fatalf("after the first: %#x, at least %#x, exact %v", w.isn, w.slackLow(), w.certain())
	}
	at(1201, 100, 1001, 300, false)
	if w.certain() || w.slackLow() != isn {
		t.Fatalf("after the last of a mapping: at least %#x", w.slackLow())
	}
	at(1001, 100, 1001, 300, false)
	if !w.certain() || w.isn != isn {
		t.Fatalf("after the first of a mapping: %#x, exact %v", w.isn, w.certain())
	}
	w = way{}
	at(1, 50, 1, 51, true)
	if !w.certain() || w.isn != isn {
		t.Fatalf("with a DATA_FIN: %#x, exact %v", w.isn, w.certain())
	}
}
