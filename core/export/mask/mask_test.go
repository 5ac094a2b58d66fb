package mask_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/mask"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// sample is the key that the authors' program comes with.
var sample = []byte{21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2}

func newMask(t *testing.T, secret []byte) *mask.Mask {
	t.Helper()
	m, err := mask.New(secret)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestCryptoPAn wants the addresses that the authors' program gives for its sample trace.
func TestCryptoPAn(t *testing.T) {
	m := newMask(t, sample)
	for from, to := range map[string]string{
		"128.11.68.132": "135.242.180.132", "129.118.74.4": "134.136.186.123", "130.132.252.244": "133.68.164.234",
		"141.223.7.43": "141.167.8.160", "141.233.145.108": "141.129.237.235", "152.163.225.39": "151.140.114.167",
		"156.29.3.236": "147.225.12.42", "165.247.96.84": "162.9.99.234", "192.102.249.13": "252.138.62.131", "24.0.250.221": "100.15.198.226",
	} {
		if got := m.Addr(netip.MustParseAddr(from)); got.String() != to {
			t.Errorf("%s becomes %s, want %s", from, got, to)
		}
	}
}

// TestPrefixes wants two addresses to share as many bits after as before.
func TestPrefixes(t *testing.T) {
	m, random := newMask(t, sample), rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var a [16]byte
		for i := range a {
			a[i] = byte(random.Uint32())
		}
		b, bit := a, random.IntN(128)
		b[bit/8] ^= 0x80 >> (bit % 8)
		x, y := m.Addr(netip.AddrFrom16(a)).As16(), m.Addr(netip.AddrFrom16(b)).As16()
		common := 0
		for common < 128 && x[common/8]&(0x80>>(common%8)) == y[common/8]&(0x80>>(common%8)) {
			common++
		}
		if common != bit {
			t.Fatalf("%d bits in common, were %d", common, bit)
		}
	}
}

// TestPorts wants a permutation.
func TestPorts(t *testing.T) {
	m, seen, moved := newMask(t, sample), map[uint16]bool{}, 0
	addr := netip.MustParseAddr("10.0.0.1")
	for port := range 1 << 16 {
		got := m.AddrPort(netip.AddrPortFrom(addr, uint16(port))).Port()
		if seen[got] {
			t.Fatalf("port %d stands for two", got)
		}
		if seen[got] = true; got != uint16(port) {
			moved++
		}
	}
	if moved < 65000 {
		t.Errorf("only %d ports are replaced", moved)
	}
}

// TestKeys wants tokens to follow from keys, and other secrets to give other keys.
func TestKeys(t *testing.T) {
	m, other := newMask(t, sample), newMask(t, mask.NewSecret())
	key := mptcp.Key(0x0102030405060708)
	masked := m.Key(key)
	if masked == key || masked == other.Key(key) || masked != newMask(t, sample).Key(key) {
		t.Errorf("key %v", masked)
	}
	if m.Token(key.Token(1)) != masked.Token(1) || m.Token(key.Token(0)) != masked.Token(0) {
		t.Error("the token does not follow from the key")
	}
	if m.Token(5) == 5 || m.Token(5) != newMask(t, sample).Token(5) {
		t.Error("an unknown token is not replaced alike")
	}
}

func TestSecrets(t *testing.T) {
	secret := mask.NewSecret()
	if back, err := mask.Decode(mask.Encode(secret)); err != nil || string(back) != string(secret) {
		t.Errorf("%v %v", back, err)
	}
	for _, bad := range []string{"", "xyz", "0011"} {
		if _, err := mask.Decode(bad); err == nil {
			t.Errorf("%q is taken for a key", bad)
		}
	}
	if _, err := mask.New([]byte("short")); err == nil {
		t.Error("a short secret is taken")
	}
}
