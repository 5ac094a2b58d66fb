package mptcp_test

import (
	"bytes"
	"net/netip"
	"testing"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

func TestParseAddAddr(t *testing.T) {
	four, six := netip.MustParseAddr("10.0.2.2"), netip.MustParseAddr("fd00:2::2")
	const six16 = "fd000002000000000000000000000002"
	for _, c := range []struct {
		name, o string
		v       Version
		want    AddAddr
		fault   Fault
	}{
		{"v0 IPv4", "1e083401 0a000202", 0, AddAddr{ID: 1, Addr: four}, NoFault},
		{"v0 IPv4, port", "1e0a3401 0a000202 157d", 0, AddAddr{ID: 1, Addr: four, HasPort: true, Port: 5501}, NoFault},
		{"v0 IPv6", "1e143602" + six16, 0, AddAddr{ID: 2, Addr: six}, NoFault},
		{"v0 IPv6, port", "1e163602" + six16 + "157d", 0, AddAddr{ID: 2, Addr: six, HasPort: true, Port: 5501}, NoFault},
		{"v0 IPv4 said to be IPv6", "1e083601 0a000202", 0, AddAddr{ID: 1, Addr: four}, BadLength},
		{"v1", "1e103001 0a000202 9a05ce3fc0177eb7", 1,
			AddAddr{Version: 1, ID: 1, Addr: four, HasHMAC: true, HMAC: 0x9a05ce3fc0177eb7}, NoFault},
		{"v1, port", "1e123001 0a000202 157d c46a9c231e949822", 1,
			AddAddr{Version: 1, ID: 1, Addr: four, HasPort: true, Port: 5501, HasHMAC: true, HMAC: 0xc46a9c231e949822}, NoFault},
		{"v1 IPv6", "1e1c3002" + six16 + "002566311774ff74", 1,
			AddAddr{Version: 1, ID: 2, Addr: six, HasHMAC: true, HMAC: 0x002566311774ff74}, NoFault},
		{"v1 IPv6, port", "1e1e3002" + six16 + "157d 002566311774ff74", 1,
			AddAddr{Version: 1, ID: 2, Addr: six, HasPort: true, Port: 5501, HasHMAC: true, HMAC: 0x002566311774ff74}, NoFault},
		{"v1 echo", "1e083101 0a000202", 1, AddAddr{Version: 1, Echo: true, ID: 1, Addr: four}, NoFault},
		{"v1 echo, port", "1e0a3101 0a000202 157d", 1,
			AddAddr{Version: 1, Echo: true, ID: 1, Addr: four, HasPort: true, Port: 5501}, NoFault},
		{"v1 echo IPv6", "1e143102" + six16, 1, AddAddr{Version: 1, Echo: true, ID: 2, Addr: six}, NoFault},
		{"v1 echo IPv6, port", "1e163102" + six16 + "157d", 1,
			AddAddr{Version: 1, Echo: true, ID: 2, Addr: six, HasPort: true, Port: 5501}, NoFault},
		{"v1 without an HMAC", "1e083001 0a000202", 1, AddAddr{Version: 1, ID: 1, Addr: four}, BadLength},
		{"v1 echo with an HMAC", "1e103101 0a000202 9a05ce3fc0177eb7", 1,
			AddAddr{Version: 1, Echo: true, ID: 1, Addr: four, HasHMAC: true, HMAC: 0x9a05ce3fc0177eb7}, BadLength},
		{"v0 option on a v1 connection", "1e083401 0a000202", 1, AddAddr{Version: 1, ID: 1, Addr: four}, BadLength},
		{"v1 option on a v0 connection", "1e103001 0a000202 9a05ce3fc0177eb7", 0, AddAddr{ID: 1}, BadLength},
		{"unknown version, nibble 4", "1e083401 0a000202", VersionUnknown, AddAddr{ID: 1, Addr: four}, NoFault},
		{"unknown version, nibble 6", "1e143602" + six16, VersionUnknown, AddAddr{ID: 2, Addr: six}, NoFault},
		{"unknown version, nibble 1", "1e083101 0a000202", VersionUnknown,
			AddAddr{Version: 1, Echo: true, ID: 1, Addr: four}, NoFault},
		{"unknown length", "1e0b3001 0a0002029a05ce", 1, AddAddr{Version: 1, ID: 1}, BadLength},
	} {
		got, f := ParseAddAddr(unhex(c.o), c.v)
		if got != c.want || f != c.fault {
			t.Errorf("%s: %+v (%v), want %+v (%v)", c.name, got, f, c.want, c.fault)
		}
	}
}

func TestAddAddrCut(t *testing.T) {
	whole := unhex("1e1e3002 fd000002000000000000000000000002 157d 002566311774ff74")
	for n := 3; n <= len(whole); n++ {
		a, _ := ParseAddAddr(whole[:n:n], 1)
		if (a.ID == 2) != (n >= 4) || a.Addr.IsValid() != (n >= 20) || a.HasPort != (n >= 22) || a.HasHMAC != (n >= 30) {
			t.Errorf("cut at %d: %+v", n, a)
		}
	}
}

func TestParseRemoveAddr(t *testing.T) {
	for _, c := range []struct {
		o     string
		ids   []byte
		fault Fault
	}{
		{"1e044007", []byte{7}, NoFault},
		{"1e064007 0900", []byte{7, 9, 0}, NoFault},
		{"1e0340", nil, BadLength},
		{"1e0740 0708", []byte{7, 8}, Cut},
	} {
		r, f := ParseRemoveAddr(unhex(c.o))
		if !bytes.Equal(r.IDs, c.ids) || f != c.fault {
			t.Errorf("%s: %v (%v), want %v (%v)", c.o, r.IDs, f, c.ids, c.fault)
		}
	}
}
