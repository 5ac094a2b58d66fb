package mptcp_test

import (
	"testing"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

func TestParseCapable(t *testing.T) {
	const a, b = Key(0x0102030405060708), Key(0x1112131415161718)
	for _, c := range []struct {
		name, o string
		want    Capable
	}{
		{"v0 SYN", "1e0c0081 0102030405060708", Capable{Flags: 0x81, HasSender: true, Sender: a}},
		{"v0 ACK", "1e140001 0102030405060708 1112131415161718",
			Capable{Flags: 1, HasSender: true, Sender: a, HasReceiver: true, Receiver: b}},
		{"v1 SYN", "1e040121", Capable{Version: 1, Flags: 0x21}},
		{"v1 SYN/ACK", "1e0c0101 0102030405060708", Capable{Version: 1, Flags: 1, HasSender: true, Sender: a}},
		{"v1 ACK", "1e140101 0102030405060708 1112131415161718",
			Capable{Version: 1, Flags: 1, HasSender: true, Sender: a, HasReceiver: true, Receiver: b}},
		{"v1 data", "1e160101 0102030405060708 1112131415161718 2000",
			Capable{Version: 1, Flags: 1, HasSender: true, Sender: a, HasReceiver: true, Receiver: b, HasLength: true, Length: 8192}},
		{"v1 data, checksum", "1e180181 0102030405060708 1112131415161718 4000 49ad",
			Capable{Version: 1, Flags: 0x81, HasSender: true, Sender: a, HasReceiver: true, Receiver: b, HasLength: true,
				Length: 16384, HasChecksum: true, Checksum: 0x49ad}},
		{"version to come", "1e040201", Capable{Version: 2, Flags: 1}},
	} {
		got, f := ParseCapable(unhex(c.o))
		if got != c.want || f != NoFault {
			t.Errorf("%s: %+v (%v), want %+v", c.name, got, f, c.want)
		}
	}
}

func TestCapableFlags(t *testing.T) {
	v0, _ := ParseCapable(unhex("1e0c00a1 0000000000000001"))
	v1, _ := ParseCapable(unhex("1e0401a1"))
	none, _ := ParseCapable(unhex("1e040101"))
	if !v0.ChecksumRequired() || !v1.ChecksumRequired() || none.ChecksumRequired() {
		t.Error("flag A is misread")
	}
	if v0.DenyJoinID0() || !v1.DenyJoinID0() || none.DenyJoinID0() {
		t.Error("flag C is misread: it means nothing in version 0")
	}
}

func TestCapableCut(t *testing.T) {
	whole := unhex("1e180181 0102030405060708 1112131415161718 4000 49ad")
	for n := 3; n <= len(whole); n++ {
		c, _ := ParseCapable(whole[:n:n])
		if c.HasSender != (n >= 12) || c.HasReceiver != (n >= 20) || c.HasLength != (n >= 22) || c.HasChecksum != (n >= 24) {
			t.Errorf("cut at %d: %+v", n, c)
		}
		if c.Version != 1 || (c.Flags == 0x81) != (n >= 4) {
			t.Errorf("cut at %d: %+v", n, c)
		}
	}
}

// The option that comes with the first data is a mapping: IDSN+1, subflow sequence number 1.
func TestCapableMapping(t *testing.T) {
	c, _ := ParseCapable(unhex("1e180181 0102030405060708 1112131415161718 4000 49ad"))
	d, ok := c.Mapping(99)
	want := DSS{HasMapping: true, HasDSN: true, HasSSN: true, DSN8: true, DSN: 100, SSN: 1, Length: 16384,
		HasChecksum: true, Checksum: 0x49ad}
	if !ok || d != want {
		t.Errorf("%+v, want %+v", d, want)
	}
	c, _ = ParseCapable(unhex("1e140101 0102030405060708 1112131415161718"))
	if d, ok := c.Mapping(99); ok {
		t.Errorf("an MP_CAPABLE without data is a mapping: %+v", d)
	}
}
