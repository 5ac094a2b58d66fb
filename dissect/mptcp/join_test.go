package mptcp_test

import (
	"testing"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

func TestParseJoin(t *testing.T) {
	ack := Join{Form: JoinACK, HasHMAC: true}
	copy(ack.HMAC160[:], unhex("0102030405060708091011121314151617181920"))
	for _, c := range []struct {
		name, o string
		want    Join
	}{
		{"SYN", "1e0c1000 e47f0142 1b665a18", Join{Form: JoinSYN, HasToken: true, Token: 0xe47f0142, HasNonce: true, Nonce: 0x1b665a18}},
		{"SYN, backup", "1e0c1105 13475690 5b3644b8",
			Join{Form: JoinSYN, Backup: true, AddrID: 5, HasToken: true, Token: 0x13475690, HasNonce: true, Nonce: 0x5b3644b8}},
		{"SYN/ACK", "1e101001 5ab680c7884af03d 33abe9d5",
			Join{Form: JoinSYNACK, AddrID: 1, HasHMAC: true, HMAC64: 0x5ab680c7884af03d, HasNonce: true, Nonce: 0x33abe9d5}},
		{"ACK", "1e181000 0102030405060708091011121314151617181920", ack},
	} {
		got, f := ParseJoin(unhex(c.o))
		if got != c.want || f != NoFault {
			t.Errorf("%s: %+v (%v), want %+v", c.name, got, f, c.want)
		}
	}
}

func TestJoinCut(t *testing.T) {
	for _, c := range []struct {
		o                  string
		token, hmac, nonce int // length from which the field is whole
	}{
		{"1e0c1105 13475690 5b3644b8", 8, 99, 12},
		{"1e101101 5ab680c7884af03d 33abe9d5", 99, 12, 16},
		{"1e181000 0102030405060708091011121314151617181920", 99, 24, 99},
	} {
		whole := unhex(c.o)
		for n := 3; n <= len(whole); n++ {
			j, _ := ParseJoin(whole[:n:n])
			if j.HasToken != (n >= c.token) || j.HasHMAC != (n >= c.hmac) || j.HasNonce != (n >= c.nonce) {
				t.Errorf("%s cut at %d: %+v", c.o, n, j)
			}
			if j.Form == JoinUnknown || j.Backup != (j.Form != JoinACK) {
				t.Errorf("%s cut at %d: %+v", c.o, n, j)
			}
		}
	}
}
