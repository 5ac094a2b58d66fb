package main

import (
	"encoding/hex"
	"strings"
	"testing"
)

// TestOuters lists the IPv4 headers before a segment's own, however many tunnels there are.
func TestOuters(t *testing.T) {
	const (
		mac   = "020000000001" + "020000000002"
		tcp   = "138804d2" + "0000000100000000" + "5002ffff" + "00000000"
		own   = "450000280001000040060000" + "0a000001" + "0a000002" + tcp
		own6  = "6000000000140640" + "fd000000000000000000000000000001" + "fd000000000000000000000000000002" + tcp
		outer = "45000000000100004011000001020304050607081234" + "12b50000000008000000000005" + "00"
	)
	ip4 := func(protocol, last, rest string) string {
		return "450000000001000040" + protocol + "0000" + "0102030" + last + "0506070" + last + rest
	}
	ip6 := func(next, rest string) string {
		return "60000000" + "0000" + next + "40" + strings.Repeat("fd", 16) + strings.Repeat("fe", 16) + rest
	}
	for _, c := range []struct {
		name, frame string
		v6          bool
		src         string
	}{
		{"none", mac + "0800" + own, false, ""},
		{"VXLAN", mac + "0800" + outer + mac + "0800" + own, false, "1.2.3.4"},
		{"IP in IP twice", mac + "0800" + ip4("04", "1", ip4("04", "2", own)), false, "1.2.3.1,1.2.3.2"},
		{"IPv6 in GRE with a key", mac + "81000005" + "0800" + ip4("2f", "1", "200086dd00000007"+own6), true, "1.2.3.1"},
		{"IPv4 in IPv6", mac + "86dd" + ip6("04", own), false, ""},
		{"VXLAN in IPv6 in GRE", mac + "0800" + ip4("2f", "1", "000086dd"+ip6("04", outer+mac+"0800"+own)), false, "1.2.3.1,1.2.3.4"},
		{"PPP in GRE with numbers", mac + "0800" + ip4("2f", "1", "3081880b"+"002a0007"+"00000001"+"00000002"+"0021"+own), false, "1.2.3.1"},
		{"GRE with a route", mac + "0800" + ip4("2f", "1", "40000800"+"00000000"+"080000040a000007"+"00000000"+own), false, "1.2.3.1"},
		{"EtherIP", mac + "0800" + ip4("61", "1", "3000"+mac+"0800"+own), false, "1.2.3.1"},
		{"MPLS in IP, a pseudowire", mac + "0800" + ip4("89", "1", "00002140"+"00000000"+mac+"0800"+own), false, "1.2.3.1"},
		{"MPLS in UDP, a pseudowire without control word", mac + "0800" + ip4("11", "1", "123419eb00000000"+"00002140"+mac+"0800"+own), false, "1.2.3.1"},
		{"IP in IP behind an atomic fragment", mac + "86dd" + ip6("2c", "0400000000000001"+ip4("04", "1", own)), false, "1.2.3.1"},
		{"a tunnel that is not known", mac + "0800" + ip4("11", "1", "123417c1"+own), false, "1.2.3.1"},
	} {
		frame, err := hex.DecodeString(c.frame)
		if err != nil {
			t.Fatal(c.name, err)
		}
		if src, _ := outers(1, frame, c.v6); src != c.src {
			t.Errorf("%s: %q, want %q", c.name, src, c.src)
		}
		for n := range frame {
			outers(1, frame[:n], c.v6) // whatever is cut
		}
	}
}
