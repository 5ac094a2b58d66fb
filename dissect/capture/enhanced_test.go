package capture

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestUsualPackets reads files of random blocks twice, once with the short way barred by an option without a meaning on every packet:
// the frames are the same, whatever stands between usual packets.
func TestUsualPackets(t *testing.T) {
	for seed := range uint64(200) {
		with, without := randomBlocks(seed, false), randomBlocks(seed, true)
		short, long := readWhole(with), readWhole(without)
		if !same(short, long) {
			t.Fatalf("seed %d:\n%v\nwith an option each:\n%v", seed, short, long)
		}
		if len(short.Frames) < 5 || short.Cut != nil {
			t.Fatalf("seed %d: %v", seed, short)
		}
		readSplit(t, with)
	}
}

// randomBlocks is a file of packets of a few interfaces, with other blocks between; barred puts an option on every packet.
func randomBlocks(seed uint64, barred bool) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	w := littleEndian()
	if r.IntN(3) == 0 {
		w = bigEndian()
	}
	stamps := []uint64{0, 1, 1_700_000_000_000_000, math.MaxInt64, math.MaxUint64}
	describe := func() {
		w.section()
		w.iface(1, 0)
		w.iface(101, 40, w.opt(optIfResolution, byte(9)))
		w.iface(113, 0, w.opt(optIfResolution, byte(0x8a)), w.opt(optIfOffset, int64(5)))
	}
	describe()
	for range 5 + r.IntN(40) {
		iface, stamp, data := uint32(0), stamps[r.IntN(3)]+r.Uint64N(1000), packet()[:r.IntN(55)]
		switch r.IntN(12) {
		case 0, 1:
			iface = r.Uint32N(3)
		case 2:
			stamp = stamps[r.IntN(len(stamps))]
		case 3:
			w.block(blockSimple, uint32(len(packet())), packet())
		case 4:
			w.block(blockCustom, []byte("abcdefgh"))
		case 5:
			w.block(5, uint32(0), uint64(0))
		case 6:
			describe()
		}
		var options [][]byte
		if comment := r.IntN(10) == 0; comment {
			options = append(options, w.opt(optComment, []byte("one")))
		}
		if barred {
			options = append(options, w.opt(0x7fff, byte(1)))
		}
		w.enhanced(iface, stamp, data, options...)
	}
	return w.Bytes()
}
