package mptcp_test

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"testing"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// Keys, nonces and HMACs of published captures: tcpdump's tests, MPTCProxy, ptcpdump; and of connections that Linux 6.18
// made for this project.

func TestDerive(t *testing.T) {
	for _, c := range []struct {
		from  string
		v     Version
		key   Key
		token uint32
		idsn  uint64
	}{
		{"tcpdump mptcp-v0 client", 0, 0x9c9eabd1e46a33b2, 0xaf9706eb, 10975753215851282121},
		{"tcpdump mptcp-v0 server", 0, 0x967d2770b6960552, 0xe47f0142, 16464867208451421327},
		{"MPTCProxy client", 1, 0x4f6fcc6b6b03b733, 454220088, 8723998789961001387},
		{"MPTCProxy server", 1, 0x0ffbb4464d646095, 1704807344, 15101198106486609860},
		{"tcpdump mptcp-aa-v1 client", 1, 0x8f0c7c64a6a32ac1, 0x2e1abded, 17186763219675866564},
		{"tcpdump mptcp-aa-v1 server", 1, 0x73bb150358a0aecb, 0x5f3f5591, 12148165319181844525},
		{"tcpdump mptcp-v1 client", 1, 0x1fdb5df328bc3def, 0x239fbdb0, 14413541604287230029},
		{"tcpdump mptcp-v1 server", 1, 0x29a6c86981ad933c, 0xa35d6d82, 11713449205243392241},
		{"ptcpdump client", 1, 0xfe7b93dc894dcb73, 0xc43eb50e, 3891854986895050394},
		{"ptcpdump server", 1, 0xe356a8f252e41976, 0x64a48c01, 16853452819136928151},
	} {
		token, idsn := c.key.Derive(c.v)
		if token != c.token || idsn != c.idsn {
			t.Errorf("%s: %#x, %d; want %#x, %d", c.from, token, idsn, c.token, c.idsn)
		}
		if c.key.Token(c.v) != c.token || c.key.IDSN(c.v) != c.idsn {
			t.Errorf("%s: Token and IDSN differ from Derive", c.from)
		}
	}
}

// The first data of tcpdump's mptcp-v0 carries the low 32 bits of IDSN+1.
func TestFirstDataSequenceNumber(t *testing.T) {
	if got := uint32(Key(0x967d2770b6960552).IDSN(0)) + 1; got != 3518592144 {
		t.Errorf("server: %d", got)
	}
	if got := uint32(Key(0x9c9eabd1e46a33b2).IDSN(0)) + 1; got != 3576348362 {
		t.Errorf("client: %d", got)
	}
}

func TestJoinSecret(t *testing.T) {
	for _, c := range []struct {
		from             string
		v                Version
		keyA, keyB       Key
		syn, synack, ack string
	}{
		{"tcpdump mptcp-v0 frames 8-10", 0, 0x9c9eabd1e46a33b2, 0x967d2770b6960552,
			"1e0c1000e47f01421b665a18", "1e1010015ab680c7884af03d33abe9d5",
			"1e181000cb7b87f5e5f0502f43b535fb70ef6607df2e6c7a"},
		{"MPTCProxy frames 20-22", 1, 0x4f6fcc6b6b03b733, 0x0ffbb4464d646095,
			"1e0c1001659d4bb0f69c7828", "1e101000529f6cbbd28690e5ec0ea625",
			"1e18100062ae1b34fcfc3d4a784917421b8bc48af2d91ca7"},
		{"Linux 6.18, backup", 1, 0xc870145d4323d85e, 0x9a116fcad57e8d2d,
			"1e0c1105134756905b3644b8", "1e101000607eb6e5248cbf62fb9d8a07",
			"1e181000bd09183981fb0eb4cdde3fd62d8327741bf69b3e"},
	} {
		syn, synack, ack := parseJoin(t, c.syn), parseJoin(t, c.synack), parseJoin(t, c.ack)
		if syn.Token != c.keyB.Token(c.v) {
			t.Errorf("%s: token %#x is not the receiver's", c.from, syn.Token)
		}
		s := JoinSecret{Version: c.v, KeyA: c.keyA, KeyB: c.keyB, NonceA: syn.Nonce, NonceB: synack.Nonce}
		if s.SYNACK() != synack.HMAC64 {
			t.Errorf("%s: SYN/ACK HMAC %#x, want %#x", c.from, s.SYNACK(), synack.HMAC64)
		}
		if s.ACK() != ack.HMAC160 {
			t.Errorf("%s: ACK HMAC %x, want %x", c.from, s.ACK(), ack.HMAC160)
		}
		s.KeyA, s.KeyB = s.KeyB, s.KeyA
		if s.SYNACK() == synack.HMAC64 || s.ACK() == ack.HMAC160 {
			t.Errorf("%s: keys exchanged give the same HMACs", c.from)
		}
	}
}

func parseJoin(t *testing.T, hex string) Join {
	t.Helper()
	j, f := ParseJoin(unhex(hex))
	if f != NoFault {
		t.Fatalf("%s: %v", hex, f)
	}
	return j
}

// The vectors of Linux's net/mptcp/crypto_test.c: keys and nonces are ASCII digits there. The full HMAC shows in its first
// 160 bits, which the third packet of a join carries.
func TestKernelVectors(t *testing.T) {
	for _, c := range []struct{ key, msg, hmac string }{
		{"0b0b0b0b0b0b0b0b", "48692054", "8385e24fb4235ac37556b6b886db106284a1da671699f46db1f235ec622dcafa"},
		{"aaaaaaaaaaaaaaaa", "dddddddd", "2c5e219164ff1dca1c4a92318d847bb6b9d44492984e1eb71aff9022f71046e9"},
		{"0102030405060708", "cdcdcdcd", "e73b9ba9969969cefb04aa0d6df18ec2fcc075b6f23b4d8c4da736a5dbbc6e7d"},
	} {
		s := JoinSecret{
			Version: 1,
			KeyA:    Key(binary.BigEndian.Uint64([]byte(c.key))), KeyB: Key(binary.BigEndian.Uint64([]byte(c.key[8:]))),
			NonceA: binary.BigEndian.Uint32([]byte(c.msg)), NonceB: binary.BigEndian.Uint32([]byte(c.msg[4:])),
		}
		ack := s.ACK()
		if hex.EncodeToString(ack[:]) != c.hmac[:40] {
			t.Errorf("%s %s: %x, want %s", c.key, c.msg, ack, c.hmac[:40])
		}
	}
}

func TestAddAddrAuthenticate(t *testing.T) {
	for _, c := range []struct {
		from             string
		sender, receiver Key
		option           string
		want             HMACMatch
	}{
		{"Linux 6.18, IPv4", 0x616fcc6c9241c44e, 0x060c01610286d147, "1e1030010a0002029a05ce3fc0177eb7", HMACRight},
		{"Linux 6.18, IPv6", 0x616fcc6c9241c44e, 0x060c01610286d147,
			"1e1c3002fd000002000000000000000000000002002566311774ff74", HMACRight},
		{"Linux 6.18, port", 0xc94e3b4b8a40cf6b, 0xe0b47d3769ac0989, "1e1230010a000202157dc46a9c231e949822", HMACRight},
		{"Linux 6.18, port, keys exchanged", 0xe0b47d3769ac0989, 0xc94e3b4b8a40cf6b, "1e1230010a000202157dc46a9c231e949822", HMACWrong},
		{"tcpdump mptcp-aa-v1, early Linux", 0x73bb150358a0aecb, 0x8f0c7c64a6a32ac1, "1e103001c0a888e1669928744366716c", HMACLeft},
		{"the same as RFC 8684 wants it", 0x73bb150358a0aecb, 0x8f0c7c64a6a32ac1, "1e103001c0a888e1e0e054c3444e4c25", HMACRight},
		{"echo", 0x616fcc6c9241c44e, 0x060c01610286d147, "1e0831010a000202", HMACAbsent},
	} {
		a, f := ParseAddAddr(unhex(c.option), 1)
		if f != NoFault {
			t.Fatalf("%s: %v", c.from, f)
		}
		if got := a.Authenticate(c.sender, c.receiver); got != c.want {
			t.Errorf("%s: %d, want %d", c.from, got, c.want)
		}
	}
	cut := AddAddr{HasHMAC: true, HMAC: 1}
	if got := cut.Authenticate(1, 2); got != HMACAbsent {
		t.Errorf("without an address: %d", got)
	}
	six := AddAddr{HasHMAC: true, Addr: netip.MustParseAddr("::1")}
	if got := six.Authenticate(1, 2); got != HMACWrong {
		t.Errorf("wrong HMAC: %d", got)
	}
}
