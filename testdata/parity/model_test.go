package main

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

var (
	clientEnd = netip.MustParseAddrPort("10.0.0.1:1000")
	serverEnd = netip.MustParseAddrPort("10.0.0.2:80")
	other     = netip.MustParseAddrPort("10.0.1.1:1001")
)

// seg makes a segment; flags is any of S and A, the options are in hex.
func seg(id, stream uint32, src netip.AddrPort, flags string, seq, length uint32, options string) segment {
	b, err := hex.DecodeString(strings.ReplaceAll(options, " ", ""))
	if err != nil {
		panic(err)
	}
	return segment{
		id: id, stream: stream, src: src, seq: seq, rawSeq: 1000 + seq, rawAck: 1000, length: length, whole: true, options: b, area: len(b),
		syn: strings.Contains(flags, "S"), ack: strings.Contains(flags, "A"),
	}
}

// version1 is a connection of version 1 with the keys of a known-answer vector, and a join.
func version1() []segment {
	const clientKey, serverKey = "4f6fcc6b6b03b733", "0ffbb4464d646095"
	const first = "1e160181" + clientKey + serverKey + "012c" // 300 bytes
	ack := "1e0c2003" + fmt.Sprintf("%016x", uint64(8723998789961001387+301))
	return []segment{
		seg(1, 0, clientEnd, "S", 0, 0, "1e040181"),
		seg(2, 0, serverEnd, "SA", 0, 0, "1e0c0181"+serverKey),
		seg(3, 0, clientEnd, "A", 1, 0, "1e140181"+clientKey+serverKey),
		seg(4, 0, clientEnd, "A", 1, 100, first),
		seg(5, 0, clientEnd, "A", 101, 100, first),
		seg(6, 0, clientEnd, "A", 201, 100, first),
		seg(7, 1, other, "S", 0, 0, "1e0c1001 659d4bb0 f69c7828"),
		seg(8, 1, serverEnd, "SA", 0, 0, "1e101000529f6cbbd28690e5ec0ea625"),
		seg(9, 0, serverEnd, "A", 1, 0, ack),
		seg(10, 1, serverEnd, "A", 1, 0, ack),
	}
}

func TestModelOfVersion1(t *testing.T) {
	const clientIDSN, serverIDSN = "8723998789961001387", "15101198106486609860"
	segments := version1()
	as, right := predict(segments, allDefects), predict(segments, 0)
	for _, c := range []struct {
		packet    int
		column    string
		as, right string
	}{
		{1, "mptcpstream", "0", "0"},
		{1, "expected_token", "", ""},
		{2, "expected_token", "1704807344", "1704807344"},
		{2, "dsnraw64", serverIDSN, serverIDSN},
		{3, "expected_token", "454220088", "454220088"},
		{3, "dsn", "1", "1"},
		{4, "dsn", "1", "1"},
		{4, "related_mappings", "4", "6"}, // three times the same mapping, unless it starts anew in each
		{5, "related_mappings", "4,5", "6"},
		{6, "related_mappings", "6,4,5", "6"},
		{6, "dsn", "101", "201"},
		{7, "dsnraw64", serverIDSN, clientIDSN},
		{7, "mptcpstream", "0", "0"},
		{8, "dsnraw64", clientIDSN, serverIDSN},
		{9, "dack", "301", "301"},
		{10, "dack", "12069544757183943444", "301"},
	} {
		if got, _ := as[c.packet-1].column(c.column); got != c.as {
			t.Errorf("packet %d %s: %q as Wireshark, want %q", c.packet, c.column, got, c.as)
		}
		if got, _ := right[c.packet-1].column(c.column); got != c.right {
			t.Errorf("packet %d %s: %q without defects, want %q", c.packet, c.column, got, c.right)
		}
	}
}

func TestExplain(t *testing.T) {
	th := newTheories(version1())
	if causes, ok := th.explain(&column{name: "dsn"}, 5, "201", "101"); !ok || causes != implicitAtSegment|lastFound {
		t.Error(causes, ok)
	}
	if causes, ok := th.explain(&column{name: "dsnraw64"}, 6, "8723998789961001387", "15101198106486609860"); !ok || causes != joinSwap {
		t.Error(causes, ok)
	}
	for _, c := range []struct{ column, ours, theirs string }{
		{"dsn", "202", "101"}, // ours is wrong
		{"dsn", "201", "102"}, // tshark's is not what the model says
		{"tcpseq", "1", "2"},  // not the model's business
	} {
		if causes, ok := th.explain(&column{name: c.column}, 5, c.ours, c.theirs); ok {
			t.Errorf("%+v explained by %v", c, causes)
		}
	}
}

func TestDefectNames(t *testing.T) {
	for i, d := range defects {
		if d.is != 1<<i || d.name == "" || d.what == "" {
			t.Errorf("defect %d is %+v", i, d)
		}
	}
	if allDefects != 1<<len(defects)-1 {
		t.Errorf("%d defects have names", len(defects))
	}
}
