package mptcp_test

import (
	"testing"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// dssFields are where the fields of a DSS start, by RFC 8684 section 3.3; 0 where there is none.
type dssFields struct {
	ack, ackSize, dsn, dsnSize, ssn, length, end int
}

// layDSS lays out a DSS by its flags, without a checksum, in the words of the RFC and not in those of the parser.
func layDSS(flags byte) (l dssFields) {
	l.end = 4
	if flags&0x01 != 0 { // A
		l.ack, l.ackSize = l.end, 4
		if flags&0x02 != 0 { // a
			l.ackSize = 8
		}
		l.end += l.ackSize
	}
	if flags&0x04 != 0 { // M
		l.dsn, l.dsnSize = l.end, 4
		if flags&0x08 != 0 { // m
			l.dsnSize = 8
		}
		l.ssn = l.dsn + l.dsnSize
		l.length = l.ssn + 4
		l.end = l.length + 2
	}
	return l
}

// Every flags byte with every length: whole with the length of its layout, or 2 more if it holds a mapping.
func TestParseDSSEveryFlagAndLength(t *testing.T) {
	for flags := range 256 {
		l := layDSS(byte(flags))
		if DSSLength(byte(flags)) != l.end {
			t.Errorf("flags %#x: length %d, want %d", flags, DSSLength(byte(flags)), l.end)
		}
		for n := 4; n <= 40; n++ {
			checkDSS(t, sized(n, 0x20, byte(flags)), l)
		}
	}
}

func checkDSS(t *testing.T, o Option, l dssFields) {
	t.Helper()
	d, f := ParseDSS(o)
	checksum := l.dsn != 0 && len(o) == l.end+2
	if len(o) != l.end && !checksum {
		if f != BadLength || d != (DSS{}) {
			t.Errorf("%x: %+v, %v", []byte(o), d, f)
		}
		return
	}
	want := DSS{DataFIN: o[3]&0x10 != 0}
	if l.ack != 0 {
		want.HasAck, want.Ack8, want.Ack = true, l.ackSize == 8, numberAt(o, l.ack, l.ackSize)
	}
	if l.dsn != 0 {
		want.HasMapping, want.HasDSN, want.HasSSN = true, true, true
		want.DSN8, want.DSN = l.dsnSize == 8, numberAt(o, l.dsn, l.dsnSize)
		want.SSN, want.Length = uint32(numberAt(o, l.ssn, 4)), uint16(numberAt(o, l.length, 2))
	}
	if checksum {
		want.HasChecksum, want.Checksum = true, uint16(numberAt(o, l.end, 2))
	}
	wantFault := NoFault
	if o[3]&0xe0 != 0 {
		wantFault = ReservedBits
	}
	if d != want || f != wantFault {
		t.Errorf("%x: %+v (%v), want %+v (%v)", []byte(o), d, f, want, wantFault)
	}
}

// The lengths that have several layouts.
func TestParseDSSAmbiguousLengths(t *testing.T) {
	for _, c := range []struct {
		name, o string
		want    DSS
	}{
		{"18: 64-bit DSN", "1e12200c 0102030405060708 11121314 0564",
			DSS{DSN8: true, DSN: 0x0102030405060708, SSN: 0x11121314, Length: 0x564}},
		{"18: 32-bit ack and DSN", "1e122005 01020304 05060708 11121314 0564",
			DSS{HasAck: true, Ack: 0x01020304, DSN: 0x05060708, SSN: 0x11121314, Length: 0x564}},
		{"20: 64-bit DSN, checksum", "1e14200c 0102030405060708 11121314 0564 abcd",
			DSS{DSN8: true, DSN: 0x0102030405060708, SSN: 0x11121314, Length: 0x564, HasChecksum: true, Checksum: 0xabcd}},
		{"20: 32-bit ack and DSN, checksum", "1e142005 01020304 05060708 11121314 0564 abcd",
			DSS{HasAck: true, Ack: 0x01020304, DSN: 0x05060708, SSN: 0x11121314, Length: 0x564, HasChecksum: true, Checksum: 0xabcd}},
		{"22: 32-bit ack, 64-bit DSN", "1e16200d 01020304 0102030405060708 11121314 0564",
			DSS{HasAck: true, Ack: 0x01020304, DSN8: true, DSN: 0x0102030405060708, SSN: 0x11121314, Length: 0x564}},
		{"22: 64-bit ack, 32-bit DSN", "1e162007 0102030405060708 01020304 11121314 0564",
			DSS{HasAck: true, Ack8: true, Ack: 0x0102030405060708, DSN: 0x01020304, SSN: 0x11121314, Length: 0x564}},
		{"24: 32-bit ack, 64-bit DSN, checksum", "1e18200d 01020304 0102030405060708 11121314 0564 abcd",
			DSS{HasAck: true, Ack: 0x01020304, DSN8: true, DSN: 0x0102030405060708, SSN: 0x11121314, Length: 0x564, HasChecksum: true, Checksum: 0xabcd}},
		{"24: 64-bit ack, 32-bit DSN, checksum", "1e182007 0102030405060708 01020304 11121314 0564 abcd",
			DSS{HasAck: true, Ack8: true, Ack: 0x0102030405060708, DSN: 0x01020304, SSN: 0x11121314, Length: 0x564, HasChecksum: true, Checksum: 0xabcd}},
	} {
		c.want.HasMapping, c.want.HasDSN, c.want.HasSSN = true, true, true
		got, f := ParseDSS(unhex(c.o))
		if got != c.want || f != NoFault {
			t.Errorf("%s: %+v (%v), want %+v", c.name, got, f, c.want)
		}
	}
}

// A DSS that its sender or tcpdump's test mptcp-dss-oobr.pcap made 3 bytes long has no flags.
func TestParseDSSWithoutFlags(t *testing.T) {
	if d, f := ParseDSS(unhex("1e0320")); f != BadLength || d != (DSS{}) {
		t.Errorf("%+v, %v", d, f)
	}
	if d, f := ParseDSS(unhex("1e1420")); f != Cut || d != (DSS{}) {
		t.Errorf("%+v, %v", d, f)
	}
}

func TestDSSInfinite(t *testing.T) {
	infinite, _ := ParseDSS(unhex("1e0e2004 01020304 11121314 0000"))
	finite, _ := ParseDSS(unhex("1e0e2004 01020304 11121314 0001"))
	ack, _ := ParseDSS(unhex("1e082001 01020304"))
	if !infinite.Infinite() || finite.Infinite() || ack.Infinite() {
		t.Error("an infinite mapping is one of length 0, and nothing else")
	}
}

// Read leaves nothing of the value that was there.
func TestDSSReadResets(t *testing.T) {
	d, _ := ParseDSS(unhex("1e1c201f 0102030405060708 1112131415161718 21222324 0564 abcd"))
	if f := d.Read(unhex("1e042000")); f != NoFault || d != (DSS{}) {
		t.Errorf("%+v, %v", d, f)
	}
	d.DSN = 1
	if f := d.Read(unhex("1e0420")); f != Cut || d != (DSS{}) {
		t.Errorf("%+v, %v", d, f)
	}
}

func TestDSSCut(t *testing.T) {
	for flags := range 32 {
		l := layDSS(byte(flags))
		for _, extra := range []int{0, 2} {
			if extra == 2 && l.dsn == 0 {
				continue
			}
			whole := sized(l.end+extra, 0x20, byte(flags))
			full, _ := ParseDSS(whole)
			for n := 4; n < len(whole); n++ {
				d, f := ParseDSS(whole[:n:n])
				if f != Cut || d.HasChecksum || d.HasAck != (l.ack != 0 && n >= l.ack+l.ackSize) ||
					d.HasDSN != (l.dsn != 0 && n >= l.ssn) || d.HasSSN != (l.dsn != 0 && n >= l.length) ||
					d.HasMapping != (l.dsn != 0 && n >= l.length+2) {
					t.Errorf("%x cut at %d: %+v (%v)", []byte(whole), n, d, f)
				}
				if d.HasAck && d.Ack != full.Ack || d.HasDSN && d.DSN != full.DSN || d.HasSSN && d.SSN != full.SSN ||
					d.HasMapping && d.Length != full.Length {
					t.Errorf("%x cut at %d: %+v, whole %+v", []byte(whole), n, d, full)
				}
			}
		}
	}
}
