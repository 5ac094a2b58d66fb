package mptcp_test

import (
	"testing"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

func TestDescribe(t *testing.T) {
	for _, c := range []struct {
		o    string
		v    Version
		want string
	}{
		{"1e040181", 1, "MP_CAPABLE v1: flags 0x81, checksum required"},
		{"1e0401a1", 1, "MP_CAPABLE v1: flags 0xa1, checksum required, no join to this address"},
		{"1e0c0001 9c9eabd1e46a33b2", 0, "MP_CAPABLE v0: flags 0x01, sender key 0x9c9eabd1e46a33b2"},
		{"1e180101 0102030405060708 1112131415161718 2000 00ab", 1,
			"MP_CAPABLE v1: flags 0x01, sender key 0x0102030405060708, receiver key 0x1112131415161718, data length 8192, checksum 0x00ab"},
		{"1e050181 00", 1, "MP_CAPABLE v1, raw 1e05018100 [bad length]"},
		{"1e0c1000 e47f0142 1b665a18", 0, "MP_JOIN SYN: address id 0, token 0xe47f0142, nonce 0x1b665a18"},
		{"1e101105 5ab680c7884af03d 33abe9d5", 0,
			"MP_JOIN SYN/ACK: backup, address id 5, HMAC 0x5ab680c7884af03d, nonce 0x33abe9d5"},
		{"1e181000 cb7b87f5e5f0502f43b535fb70ef6607df2e6c7a", 0,
			"MP_JOIN ACK: HMAC 0xcb7b87f5e5f0502f43b535fb70ef6607df2e6c7a"},
		{"1e181000 cb7b", 0, "MP_JOIN ACK [cut by the capture]"},
		{"1e051000 cb", 0, "MP_JOIN, raw 1e051000cb [bad length]"},
		{"1e042000", 1, "DSS"},
		{"1e042010", 1, "DSS: DATA_FIN"},
		{"1e082001 00000007", 1, "DSS: data ack 7 (32 bits)"},
		{"1e1c200f 0000000000000001 0000000000000002 00000003 0564 abcd", 1,
			"DSS: data ack 1 (64 bits), dsn 2 (64 bits), ssn 3, length 1380, checksum 0xabcd"},
		{"1e0e2014 00000002 00000003 0000", 1, "DSS: dsn 2 (32 bits), ssn 3, length 0 (infinite mapping), DATA_FIN"},
		{"1e0e2004 00000002", 1, "DSS: dsn 2 (32 bits) [cut by the capture]"},
		{"1e082081 00000007", 1, "DSS: data ack 7 (32 bits) [reserved bits set]"},
		{"1e0320", 1, "DSS, raw 1e0320 [bad length]"},
		{"1e103001 0a000202 9a05ce3fc0177eb7", 1, "ADD_ADDR: address id 1, 10.0.2.2, HMAC 0x9a05ce3fc0177eb7"},
		{"1e0a3101 0a000202 157d", 1, "ADD_ADDR echo: address id 1, 10.0.2.2, port 5501"},
		{"1e143602 fd000002000000000000000000000002", VersionUnknown, "ADD_ADDR: address id 2, fd00:2::2"},
		{"1e054007 08", 1, "REMOVE_ADDR: address id 7, 8"},
		{"1e0350", 1, "MP_PRIO: regular"},
		{"1e045105", 0, "MP_PRIO: backup, address id 5"},
		{"1e045105", 1, "MP_PRIO: backup, address id 5, raw 1e045105 [bad length]"},
		{"1e0c6000 0000000000000009", 1, "MP_FAIL: dsn 9"},
		{"1e0c7000 0102030405060708", 1, "MP_FASTCLOSE: receiver key 0x0102030405060708"},
		{"1e048101", 1, "MP_TCPRST: reason 1 (MPTCP-specific error), transient"},
		{"1e0480ff", 1, "MP_TCPRST: reason 255"},
		{"1e04f0ab", 1, "MP_EXPERIMENTAL, raw 1e04f0ab"},
		{"1e04a0ab", 1, "subtype 10, raw 1e04a0ab [unknown subtype]"},
		{"1e", 1, "no subtype, raw 1e [unknown subtype]"},
	} {
		if got := Describe(unhex(c.o), c.v); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.o, got, c.want)
		}
	}
}

// The names of RFC 8684 section 7.2, and those that Wireshark 4 shows (tshark -G values).
func TestSubtypeNames(t *testing.T) {
	for _, c := range []struct {
		s           Subtype
		name, title string
	}{
		{0, "MP_CAPABLE", "Multipath Capable"},
		{1, "MP_JOIN", "Join Connection"},
		{2, "DSS", "Data Sequence Signal"},
		{3, "ADD_ADDR", "Add Address"},
		{4, "REMOVE_ADDR", "Remove Address"},
		{5, "MP_PRIO", "Change Subflow Priority"},
		{6, "MP_FAIL", "TCP Fallback"},
		{7, "MP_FASTCLOSE", "Fast Close"},
		{8, "MP_TCPRST", "TCP Reset"},
		{9, "subtype 9", ""},
		{15, "MP_EXPERIMENTAL", ""},
		{SubNone, "no subtype", ""},
	} {
		if c.s.String() != c.name || c.s.Title() != c.title {
			t.Errorf("%d: %s, %s", c.s, c.s, c.s.Title())
		}
	}
}

func TestOtherNames(t *testing.T) {
	if VersionUnknown.String() != "unknown version" || Version(1).String() != "v1" {
		t.Errorf("%s, %s", VersionUnknown, Version(1))
	}
	if s := Key(0x0ffbb4464d646095).String(); s != "0x0ffbb4464d646095" {
		t.Errorf("key %s", s)
	}
	seen := map[string]uint8{}
	for r := range uint8(7) {
		name := ReasonName(r)
		if first, ok := seen[name]; ok || name == "" {
			t.Errorf("reasons %d and %d share the name %q", first, r, name)
		}
		seen[name] = r
	}
	if ReasonName(3) != "administratively prohibited" || ReasonName(7) != "" {
		t.Error("reason names are not those of RFC 8684 section 3.6")
	}
	for form, want := range map[JoinForm]string{JoinSYN: "SYN", JoinSYNACK: "SYN/ACK", JoinACK: "ACK", JoinUnknown: "unknown"} {
		if form.String() != want {
			t.Errorf("join form %d: %s", form, form)
		}
	}
}
