package capture

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// exact is the time of a stamp by arbitrary precision.
func exact(resolution byte, offset int64, stamp uint64) int64 {
	base, exponent := int64(10), int64(resolution&0x7f)
	if resolution&0x80 != 0 {
		base = 2
	}
	ns := new(big.Int).SetUint64(stamp)
	ns.Mul(ns, big.NewInt(1e9))
	ns.Div(ns, new(big.Int).Exp(big.NewInt(base), big.NewInt(exponent), nil))
	ns.Add(ns, new(big.Int).Mul(big.NewInt(offset), big.NewInt(1e9)))
	switch {
	case ns.IsInt64():
		return ns.Int64()
	case ns.Sign() > 0:
		return math.MaxInt64
	}
	return math.MinInt64
}

func TestClockIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	stamps := []uint64{0, 1, 999_999, 1_000_000, 20_500_000, 22011707392, math.MaxUint32, math.MaxInt64, math.MaxUint64}
	for range 50 {
		stamps = append(stamps, rng.Uint64()>>rng.IntN(64))
	}
	for resolution := range 256 {
		for _, offset := range []int64{0, 1, -1, 1_700_000_000, -1_700_000_000, math.MaxInt64, math.MinInt64} {
			c := clock{resolution: byte(resolution), offset: offset}
			c.fit()
			for _, stamp := range stamps {
				got, want := c.ns(stamp), exact(byte(resolution), offset, stamp)
				// Held at the ends a second early at most: such times are not told apart.
				if got != want && !(got == math.MaxInt64 && want > math.MaxInt64-2e9) && !(got == math.MinInt64 && want < math.MinInt64+2e9) {
					t.Fatalf("resolution %#x offset %d stamp %d: %d, want %d", resolution, offset, stamp, got, want)
				}
			}
		}
	}
}

func TestInterfaceClockOptions(t *testing.T) {
	for _, c := range []struct {
		name  string
		opts  func(w *writer) [][]byte
		stamp uint64
		want  int64
	}{
		{"default is microseconds", func(*writer) [][]byte { return nil }, 20_500_001, 20_500_001_000},
		{"2^-30", func(w *writer) [][]byte { return [][]byte{w.opt(optIfResolution, byte(0x9e))} }, 41 << 29, 20_500_000_000},
		{"picoseconds", func(w *writer) [][]byte { return [][]byte{w.opt(optIfResolution, byte(12))} }, 20_500_000_000_000, 20_500_000_000},
		{"offset", func(w *writer) [][]byte { return [][]byte{w.opt(optIfOffset, int64(-1))} }, 20_500_000, 19_500_000_000},
		{"offset first", func(w *writer) [][]byte {
			return [][]byte{w.opt(optIfOffset, int64(1000)), w.opt(optIfResolution, byte(9))}
		}, 5, 1_000_000_000_005},
		{"resolution of two bytes is none", func(w *writer) [][]byte { return [][]byte{w.opt(optIfResolution, uint16(9))} }, 1, 1000},
	} {
		for _, w := range []*writer{littleEndian(), bigEndian()} {
			w.section().iface(1, 0, c.opts(w)...).enhanced(0, c.stamp, packet())
			if o := readSplit(t, w.Bytes()); len(o.Frames) != 1 || o.Frames[0].Time != c.want {
				t.Errorf("%s: %v", c.name, o)
			}
		}
	}
}
