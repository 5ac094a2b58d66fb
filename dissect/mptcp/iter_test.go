package mptcp_test

import (
	"encoding/hex"
	"strings"
	"testing"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		name, area string
		size       int // 0: all of the area is there
		want       string
		fault      Fault
	}{
		{"empty", "", 0, "", NoFault},
		{"only padding", "01010101", 0, "", NoFault},
		{"one behind timestamps", "0101080a 00000001 00000002 1e082001 00000003", 0, "1e08200100000003", NoFault},
		{"two", "1e083401 0a000202 1e082001 00000003", 0, "1e0834010a000202 1e08200100000003", NoFault},
		{"fast close and reset", "1e0c7000 0102030405060708 1e048003", 0, "1e0c70000102030405060708 1e048003", NoFault},
		{"behind the end mark", "1e035100 1e035000", 0, "1e0351", NoFault},
		{"no subtype", "1e02 1e0351 010101", 0, "1e0351", NoFault},
		{"length 0", "1e0351 1e00 1e0350", 0, "1e0351", BadLength},
		{"length 1", "1e0351 1e01 1e0350", 0, "1e0351", BadLength},
		{"length 0 of another option", "0800 1e0351", 0, "", BadLength},
		{"past the area", "1e0351 1e0450", 0, "1e0351", BadLength},
		{"another option past the area", "0814 1e0351", 0, "", BadLength},
		{"no length", "1e0351 1e", 0, "1e0351", BadLength},
		{"cut between options", "1e0351", 8, "1e0351", Cut},
		{"cut before the length", "1e0351 1e", 8, "1e0351", Cut},
		{"cut before the subtype", "1e0351 1e05", 8, "1e0351", Cut},
		{"cut behind the subtype", "1e0351 1e0550", 8, "1e0351 1e0550", Cut},
		{"cut in another option", "1e0351 fd05", 8, "1e0351", Cut},
		{"cut, and past the area", "1e0351 1e0650", 8, "1e0351", BadLength},
		{"cut behind the end mark", "1e035100", 8, "1e0351", NoFault},
		{"thirteen", strings.Repeat("1e0351", 13), 0, strings.TrimSpace(strings.Repeat("1e0351 ", 13)), NoFault},
	} {
		var got []string
		it := NewOptions(unhex(c.area), c.size)
		for it.Next() {
			got = append(got, hex.EncodeToString(it.Option()))
		}
		if strings.Join(got, " ") != c.want || it.Fault() != c.fault {
			t.Errorf("%s: %v, %q; want %v, %q", c.name, got, it.Fault(), c.want, c.fault)
		}
		if it.Next() {
			t.Errorf("%s: goes on after its end", c.name)
		}
	}
}

// A copy remembers its place.
func TestOptionsCopy(t *testing.T) {
	it := NewOptions(unhex("1e0351 1e0350"), 0)
	it.Next()
	saved := it
	it.Next()
	if !saved.Next() || hex.EncodeToString(saved.Option()) != "1e0350" || hex.EncodeToString(it.Option()) != "1e0350" {
		t.Error("a copied iterator does not go on from where it was")
	}
}
