package mptcp_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// seeds are option areas: one for each family and form, and those that once were a problem somewhere.
var seeds = []struct{ name, area string }{
	{"capable v0", "1e0c0081 9c9eabd1e46a33b2"},
	{"capable v1 SYN", "1e040181"},
	{"capable v1 ACK", "1e140101 0102030405060708 1112131415161718"},
	{"capable v1 data", "1e160101 0102030405060708 1112131415161718 2000 0101"},
	{"capable v1 checksum", "1e180181 0102030405060708 1112131415161718 4000 49ad"},
	{"join SYN", "1e0c1105 13475690 5b3644b8"},
	{"join SYN/ACK", "1e101000 607eb6e5248cbf62 fb9d8a07"},
	{"join ACK", "1e181000 bd09183981fb0eb4cdde3fd62d8327741bf69b3e"},
	{"DSS ack", "0101080a 00000001 00000002 1e082001 00000003"},
	{"DSS all", "1e1c201f 0102030405060708 1112131415161718 21222324 0564 abcd"},
	{"DSS v0", "1e142005 c9dc1c61 b1712fb6 00000001 0001 9e91"},
	{"DSS infinite", "1e0e2004 00000002 00000003 0000 0101"},
	{"address v0 and DSS", "1e083401 0a000202 1e082001 00000003"},
	{"address v1", "1e103001 0a000202 9a05ce3fc0177eb7"},
	{"address v1 echo, port", "1e0a3101 0a000202 157d 0101"},
	{"address v1 IPv6, port", "1e1e3002 fd000002000000000000000000000002 157d 002566311774ff74 0101"},
	{"remove addresses", "1e054007 08 010101"},
	{"priority v1", "1e0351 01"},
	{"priority v0", "1e045105"},
	{"fail", "1e0c6000 0000000000000009"},
	{"fast close and reset", "1e0c7000 0102030405060708 1e048003"},
	{"experimental", "1e04f0ab"},
	{"tcpdump's mptcp-dss-oobr: DSS of 3 bytes", "1e032001"},
	{"a lone kind at the end", "0101011e"},
	{"length 0", "1e000000"},
	{"length past the end", "1eff2001"},
	{"address with an echo flag among reserved bits", "1e143730 30303030303030303030303030303030"},
}

// walkAll runs everything that reads an option over an area of that size, and gives its options.
func walkAll(area []byte, size int) []Option {
	var options []Option
	it := NewOptions(area, size)
	for it.Next() {
		options = append(options, it.Option())
	}
	for _, o := range options {
		for _, v := range []Version{0, 1, VersionUnknown} {
			for _, s := range assigned {
				fault(s, o, v)
			}
			Describe(o, v)
			if a, f := ParseAddAddr(o, v); f != WrongSubtype {
				a.Authenticate(1, 2)
			}
		}
	}
	return options
}

// FuzzOptions: no area makes anything panic; a shorter capture of an area gives the same options, the last one perhaps
// cut; and what gopacket's maintained fork decodes, we decode alike.
func FuzzOptions(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(unhex(s.area)), uint8(0))
		f.Add([]byte(unhex(s.area)), uint8(3))
	}
	f.Fuzz(func(t *testing.T, area []byte, missing uint8) {
		if len(area) > 40 {
			area = area[:40]
		}
		whole := walkAll(area, len(area))
		kept := area[:len(area)-min(int(missing), len(area))]
		checkPrefix(t, whole, walkAll(kept, len(area)))
		compareFork(t, area, whole)
	})
}

// checkPrefix fails unless the options of a cut capture are the first ones of the whole.
func checkPrefix(t *testing.T, whole, cut []Option) {
	t.Helper()
	if len(cut) > len(whole) {
		t.Fatalf("%d options in a cut area, %d in the whole", len(cut), len(whole))
	}
	for i, o := range cut {
		if !bytes.HasPrefix(whole[i], o) || len(o) < len(whole[i]) && (i != len(cut)-1 || !o.Cut()) {
			t.Errorf("option %d: %x of %x", i, []byte(o), []byte(whole[i]))
		}
	}
}

// compareFork decodes the area by gopacket's fork and compares what both accept. The fork stops at the first MPTCP option
// whose length it does not know; there ours goes on, so the comparison ends.
func compareFork(t *testing.T, area []byte, ours []Option) {
	t.Helper()
	if len(area)%4 != 0 {
		return
	}
	segment := make([]byte, 20, 60)
	segment[12] = byte(20+len(area)) / 4 << 4
	var tcp layers.TCP
	if err := tcp.DecodeFromBytes(append(segment, area...), gopacket.NilDecodeFeedback); err != nil {
		return
	}
	n := 0
	for i := range tcp.Options {
		theirs := &tcp.Options[i]
		if theirs.OptionType != layers.TCPOptionKindMultipathTCP {
			continue
		}
		if n >= len(ours) {
			t.Fatalf("fork has more options: %v", theirs)
		}
		if !bytes.Equal(ours[n][2:], theirs.OptionData) {
			t.Fatalf("option %d: %x, fork %x", n, []byte(ours[n]), theirs.OptionData)
		}
		compareOption(t, ours[n], theirs)
		n++
	}
}

func compareOption(t *testing.T, o Option, theirs *layers.TCPOption) {
	t.Helper()
	var same bool
	var mine any
	switch o.Subtype() {
	case SubCapable:
		c, f := ParseCapable(o)
		if f == BadLength { // the fork allows a key in the SYN's option of version 1 and the like, whatever the version
			return
		}
		mine, same = c, sameCapable(c, theirs.OptionMPTCPMpCapable)
	case SubJoin:
		j, _ := ParseJoin(o)
		mine, same = j, sameJoin(j, theirs.OptionMPTCPMpJoin)
	case SubDSS:
		d, _ := ParseDSS(o)
		mine, same = d, sameDSS(d, theirs.OptionMPTCPDss)
	case SubAddAddr:
		a, f := ParseAddAddr(o, VersionUnknown)
		if nibble := o[2] & 0x0f; f == BadLength || nibble > 1 && nibble != 4 && nibble != 6 { // the fork takes any nibble above 1 for an IP version
			return
		}
		mine, same = a, sameAddAddr(a, theirs.OptionMPTCPAddAddr)
	case SubRemoveAddr:
		r, _ := ParseRemoveAddr(o)
		mine, same = r, bytes.Equal(r.IDs, theirs.OptionMTCPRemAddr.AddrIDs)
	case SubPrio:
		p, _ := ParsePrio(o, 0)
		mine, same = p, p.Backup == theirs.OptionMPTCPMpPrio.Backup && p.AddrID == theirs.OptionMPTCPMpPrio.AddrID
	case SubFail:
		p, _ := ParseFail(o)
		mine, same = p, p.DSN == theirs.OptionMTCPMPFail.DSN
	case SubFastclose:
		p, _ := ParseFastclose(o)
		mine, same = p, uint64(p.Key) == number(theirs.OptionMTCPMPFastClose.ReceivKey)
	case SubReset:
		r, _ := ParseReset(o)
		mine, same = r, r.Transient == theirs.OptionMPTCPMPTcpRst.T && r.Reason == theirs.OptionMPTCPMPTcpRst.Reason
	default:
		return
	}
	if !same {
		t.Errorf("%x: %+v, fork %v", []byte(o), mine, theirs)
	}
}

// number is a big-endian number of 4 or 8 bytes, 0 if there is none.
func number(b []byte) uint64 {
	switch len(b) {
	case 8:
		return binary.BigEndian.Uint64(b)
	case 4:
		return uint64(binary.BigEndian.Uint32(b))
	}
	return 0
}

func sameCapable(c Capable, x *layers.MPCapable) bool {
	return uint8(c.Version) == x.Version && c.ChecksumRequired() == x.A && (c.Flags&FlagHMAC != 0) == x.H &&
		uint64(c.Sender) == number(x.SendKey) && uint64(c.Receiver) == number(x.ReceivKey) &&
		c.HasReceiver == (len(x.ReceivKey) == 8) && c.Length == x.DataLength && c.Checksum == x.Checksum
}

func sameJoin(j Join, x *layers.MPJoin) bool {
	hmac := j.HMAC160[:]
	if j.Form != JoinACK {
		hmac = nil
		if j.HasHMAC {
			hmac = binary.BigEndian.AppendUint64(nil, j.HMAC64)
		}
	}
	return j.Backup == x.Backup && j.AddrID == x.AddrID && j.Token == x.ReceivToken && j.Nonce == x.SendRandNum &&
		bytes.Equal(hmac, x.SendHMAC)
}

func sameDSS(d DSS, x *layers.Dss) bool {
	return d.DataFIN == x.F && d.HasMapping == x.M && d.HasAck == x.A && d.Ack == number(x.DataAck) && d.DSN == number(x.DSN) &&
		d.SSN == x.SSN && d.Length == x.DataLength && d.Checksum == x.Checksum &&
		(!d.HasAck || d.Ack8 == (len(x.DataAck) == 8)) && (!d.HasMapping || d.DSN8 == (len(x.DSN) == 8))
}

func sameAddAddr(a AddAddr, x *layers.AddAddr) bool {
	addr, _ := netip.AddrFromSlice(x.Address)
	hmac := x.SendHMAC
	if len(hmac) > 8 { // the fork does not end it with the option
		hmac = hmac[:8]
	}
	return a.ID == x.AddrID && a.Echo == x.E && a.Addr == addr && a.Port == x.Port && a.HMAC == number(hmac)
}
