package mptcp_test

import (
	"testing"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

func TestOption(t *testing.T) {
	for _, c := range []struct {
		o      Option
		sub    Subtype
		stated int
		cut    bool
	}{
		{nil, SubNone, 0, false},
		{unhex("1e"), SubNone, 1, false},
		{unhex("1e0c"), SubNone, 12, true},
		{unhex("1e0c10"), SubJoin, 12, true},
		{unhex("1e0350"), SubPrio, 3, false},
		{unhex("1e04f000"), SubExperiment, 4, false},
	} {
		if c.o.Subtype() != c.sub || c.o.Stated() != c.stated || c.o.Cut() != c.cut {
			t.Errorf("%x: %v, %d, %t", []byte(c.o), c.o.Subtype(), c.o.Stated(), c.o.Cut())
		}
	}
}

// fault runs the parse function of a subtype.
func fault(s Subtype, o Option, v Version) Fault {
	var f Fault
	switch s {
	case SubCapable:
		_, f = ParseCapable(o)
	case SubJoin:
		_, f = ParseJoin(o)
	case SubDSS:
		_, f = ParseDSS(o)
	case SubAddAddr:
		_, f = ParseAddAddr(o, v)
	case SubRemoveAddr:
		_, f = ParseRemoveAddr(o)
	case SubPrio:
		_, f = ParsePrio(o, v)
	case SubFail:
		_, f = ParseFail(o)
	case SubFastclose:
		_, f = ParseFastclose(o)
	case SubReset:
		_, f = ParseReset(o)
	}
	return f
}

var assigned = []Subtype{
	SubCapable, SubJoin, SubDSS, SubAddAddr, SubRemoveAddr, SubPrio, SubFail, SubFastclose, SubReset,
}

// Every function refuses every other subtype, and what is too short to have one.
func TestWrongSubtype(t *testing.T) {
	for _, s := range assigned {
		for other := Subtype(0); other <= 0xf; other++ {
			f := fault(s, sized(12, byte(other)<<4|1, 0), VersionUnknown)
			if (f == WrongSubtype) != (other != s) {
				t.Errorf("%v parsed as %v: %v", other, s, f)
			}
		}
		for _, o := range []Option{nil, unhex("1e"), unhex("1e0c")} {
			if f := fault(s, o, VersionUnknown); f != WrongSubtype {
				t.Errorf("%x parsed as %v: %v", []byte(o), s, f)
			}
		}
	}
}

// Every length from 3 to 40 of every subtype: the good ones are those of RFC 6824 and RFC 8684.
func TestLengths(t *testing.T) {
	for _, c := range []struct {
		s     Subtype
		v     Version
		head  []byte // subtype byte and the one behind it
		whole []int
	}{
		{SubCapable, 0, []byte{0x00, 0x81}, []int{12, 20}},
		{SubCapable, 1, []byte{0x01, 0x81}, []int{4, 12, 20, 22, 24}},
		{SubJoin, 1, []byte{0x10, 0}, []int{12, 16, 24}},
		{SubAddAddr, 0, []byte{0x34, 1}, []int{8, 10}},
		{SubAddAddr, 0, []byte{0x36, 1}, []int{20, 22}},
		{SubAddAddr, 0, []byte{0x30, 1}, nil},
		{SubAddAddr, 1, []byte{0x30, 1}, []int{16, 18, 28, 30}},
		{SubAddAddr, 1, []byte{0x31, 1}, []int{8, 10, 20, 22}},
		{SubAddAddr, VersionUnknown, []byte{0x34, 1}, []int{8, 10}},
		{SubAddAddr, VersionUnknown, []byte{0x36, 1}, []int{20, 22}},
		{SubAddAddr, VersionUnknown, []byte{0x30, 1}, []int{16, 18, 28, 30}},
		{SubAddAddr, VersionUnknown, []byte{0x31, 1}, []int{8, 10, 20, 22}},
		{SubPrio, 0, []byte{0x50, 7}, []int{3, 4}},
		{SubPrio, 1, []byte{0x50, 7}, []int{3}},
		{SubPrio, VersionUnknown, []byte{0x50, 7}, []int{3, 4}},
		{SubFail, 1, []byte{0x60, 0}, []int{12}},
		{SubFastclose, 1, []byte{0x70, 0}, []int{12}},
		{SubReset, 1, []byte{0x80, 3}, []int{4}},
	} {
		good := map[int]bool{}
		for _, n := range c.whole {
			good[n] = true
		}
		for n := 3; n <= 40; n++ {
			want := BadLength
			if good[n] {
				want = NoFault
			}
			if f := fault(c.s, sized(n, c.head...), c.v); f != want {
				t.Errorf("%v %v %x, length %d: fault %q, want %q", c.s, c.v, c.head, n, f, want)
			}
		}
	}
	for n := 3; n <= 40; n++ {
		if f := fault(SubRemoveAddr, sized(n, 0x40), 1); (f == NoFault) != (n >= 4) {
			t.Errorf("REMOVE_ADDR of length %d: %v", n, f)
		}
	}
}

// Reserved bits are told, and do not keep the value away.
func TestReservedBits(t *testing.T) {
	for _, c := range []struct {
		o    string
		want Fault
	}{
		{"1e0c00c1 0000000000000001", ReservedBits}, // B of version 0
		{"1e0c00a1 0000000000000001", ReservedBits}, // C is a crypto bit in version 0
		{"1e0c0081 0000000000000001", NoFault},
		{"1e0401a1", NoFault}, // C of version 1
		{"1e0401c1", ReservedBits},
		{"1e040191", ReservedBits},
		{"1e0c1105 00000001 00000002", NoFault},
		{"1e0c1205 00000001 00000002", ReservedBits},
		{"1e181001 0000000000000000000000000000000000000000", ReservedBits},
		{"1e181100 0000000000000000000000000000000000000000", ReservedBits},
		{"1e082001 00000001", NoFault},
		{"1e082101 00000001", ReservedBits},
		{"1e082021 00000001", ReservedBits},
		{"1e082081 00000001", ReservedBits},
		{"1e083301 0a000001", ReservedBits}, // an echo
		{"1e044107", ReservedBits},
		{"1e0352", ReservedBits},
		{"1e0c6100 0000000000000001", ReservedBits},
		{"1e0c7081 0000000000000001", ReservedBits}, // seen in the wild
		{"1e048203", ReservedBits},
		{"1e048103", NoFault},
	} {
		o := unhex(c.o)
		if f := fault(o.Subtype(), o, 1); f != c.want {
			t.Errorf("%s: %q, want %q", c.o, f, c.want)
		}
	}
	key, _ := ParseFastclose(unhex("1e0c7081 0102030405060708"))
	if !key.HasKey || key.Key != 0x0102030405060708 {
		t.Errorf("MP_FASTCLOSE with reserved bits: %v", key)
	}
}

// An option that the capture cuts at any place is flagged, and never read past its end.
func TestCutEverywhere(t *testing.T) {
	for _, c := range []string{
		"1e180181 0102030405060708 1112131415161718 0564 abcd",
		"1e0c1105 01020304 05060708", "1e101005 0102030405060708 11121314",
		"1e181000 0102030405060708091011121314151617181920",
		"1e1c201f 0102030405060708 1112131415161718 21222324 0564 abcd",
		"1e142005 01020304 11121314 21222324 0564 abcd",
		"1e103001 0a000001 0102030405060708", "1e1e3001 fd000000000000000000000000000001 1389 0102030405060708",
		"1e064001 0203", "1e045007", "1e0c6000 0102030405060708", "1e0c7000 0102030405060708", "1e048103",
	} {
		o := unhex(c)
		for n := 3; n < len(o); n++ {
			v := VersionUnknown
			if o.Subtype() == SubPrio {
				v = 0
			}
			if f := fault(o.Subtype(), o[:n:n], v); f != Cut {
				t.Errorf("%s cut at %d: %q", c, n, f)
			}
		}
	}
}

func TestFaultString(t *testing.T) {
	seen := map[string]bool{}
	for f := NoFault; f <= ReservedBits+1; f++ {
		if seen[f.String()] {
			t.Errorf("fault %d has the text of another: %q", f, f)
		}
		seen[f.String()] = true
	}
}
