package mptcp_test

import (
	"testing"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// Nothing that may run for every packet allocates.
func TestNoAllocation(t *testing.T) {
	o := map[Subtype]Option{
		SubCapable:    unhex("1e180181 0102030405060708 1112131415161718 4000 49ad"),
		SubJoin:       unhex("1e181000 0102030405060708091011121314151617181920"),
		SubDSS:        unhex("1e1c200f 0102030405060708 1112131415161718 21222324 0564 abcd"),
		SubAddAddr:    unhex("1e1e3002 fd000002000000000000000000000002 157d 002566311774ff74"),
		SubRemoveAddr: unhex("1e054007 08"),
		SubPrio:       unhex("1e0351"),
		SubFail:       unhex("1e0c6000 0000000000000009"),
		SubFastclose:  unhex("1e0c7000 0102030405060708"),
		SubReset:      unhex("1e048101"),
	}
	area := unhex("0101080a 00000001 00000002 1e0351 1e082001 00000003 1e048003 01")
	payload := make([]byte, 1001)
	text := make([]byte, 0, 256)
	var sink uint64
	for name, f := range map[string]func(){
		"parse": func() {
			for s, option := range o {
				sink += uint64(fault(s, option, 1))
			}
		},
		"iterate": func() {
			for it := NewOptions(area, len(area)); it.Next(); {
				sink += uint64(it.Option().Subtype())
			}
		},
		"mapping": func() {
			c, _ := ParseCapable(o[SubCapable])
			d, _ := c.Mapping(5)
			sink += d.DSN
		},
		"keys": func() {
			for v := range Version(2) {
				token, idsn := Key(5).Derive(v)
				sink += uint64(token) + idsn
			}
		},
		"join HMAC": func() {
			for v := range Version(2) {
				s := JoinSecret{Version: v, KeyA: 1, KeyB: 2, NonceA: 3, NonceB: 4}
				ack := s.ACK()
				sink += s.SYNACK() + uint64(ack[0])
			}
		},
		"address HMAC": func() {
			a, _ := ParseAddAddr(o[SubAddAddr], 1)
			sink += uint64(a.Authenticate(1, 2))
		},
		"sequence": func() { sink += Expand(sink, 7) },
		"checksum": func() {
			c := NewChecksum(1, 2, 3)
			c.AddAt(0, payload)
			c.AddAt(1001, payload)
			sink += uint64(c.Sum())
		},
		"describe": func() {
			for _, option := range o {
				text = AppendDescription(text[:0], option, 1)
			}
		},
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
