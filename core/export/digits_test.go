package export

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

func TestAppendUint(t *testing.T) {
	check := func(v uint64) {
		if got, want := string(appendUint([]byte("x"), v)), "x"+strconv.FormatUint(v, 10); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
	for power := uint64(1); ; power *= 10 {
		for d := range uint64(3) {
			check(power + d - 1)
		}
		if power == 1e19 {
			break
		}
	}
	check(1<<64 - 1)
	for v := range uint64(20000) {
		check(v)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 300000 {
		check(random.Uint64() >> random.IntN(64))
	}
}

func TestAppendNine(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 100000 {
		v := random.Uint32N(1e9)
		if got, want := string(appendNine(nil, v)), strconv.Itoa(1e9 + int(v))[1:]; got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}
}
