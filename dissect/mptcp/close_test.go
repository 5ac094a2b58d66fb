package mptcp_test

import (
	"testing"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

func TestParsePrio(t *testing.T) {
	for _, c := range []struct {
		o    string
		v    Version
		want Prio
		f    Fault
	}{
		{"1e0350", 1, Prio{}, NoFault},
		{"1e0351", 1, Prio{Backup: true}, NoFault},
		{"1e045109", 0, Prio{Backup: true, HasAddrID: true, AddrID: 9}, NoFault},
		{"1e045009", VersionUnknown, Prio{HasAddrID: true, AddrID: 9}, NoFault},
		{"1e045109", 1, Prio{Backup: true, HasAddrID: true, AddrID: 9}, BadLength},
		{"1e0451", 0, Prio{Backup: true}, Cut},
	} {
		if got, f := ParsePrio(unhex(c.o), c.v); got != c.want || f != c.f {
			t.Errorf("%s %v: %+v (%v), want %+v (%v)", c.o, c.v, got, f, c.want, c.f)
		}
	}
}

func TestParseFailAndFastclose(t *testing.T) {
	fail, f := ParseFail(unhex("1e0c6000 0102030405060708"))
	if fail != (Fail{HasDSN: true, DSN: 0x0102030405060708}) || f != NoFault {
		t.Errorf("MP_FAIL: %+v, %v", fail, f)
	}
	fc, f := ParseFastclose(unhex("1e0c7000 0102030405060708"))
	if fc != (Fastclose{HasKey: true, Key: 0x0102030405060708}) || f != NoFault {
		t.Errorf("MP_FASTCLOSE: %+v, %v", fc, f)
	}
	fc, f = ParseFastclose(unhex("1e0c7000 01020304050607"))
	if fc != (Fastclose{}) || f != Cut {
		t.Errorf("MP_FASTCLOSE, cut: %+v, %v", fc, f)
	}
}

func TestParseReset(t *testing.T) {
	for _, c := range []struct {
		o    string
		want Reset
		f    Fault
	}{
		{"1e048003", Reset{HasReason: true, Reason: 3}, NoFault},
		{"1e048101", Reset{Flags: 1, Transient: true, HasReason: true, Reason: 1}, NoFault},
		{"1e048f06", Reset{Flags: 0xf, Transient: true, HasReason: true, Reason: 6}, ReservedBits},
		{"1e0481", Reset{Flags: 1, Transient: true}, Cut},
	} {
		if got, f := ParseReset(unhex(c.o)); got != c.want || f != c.f {
			t.Errorf("%s: %+v (%v), want %+v (%v)", c.o, got, f, c.want, c.f)
		}
	}
}
