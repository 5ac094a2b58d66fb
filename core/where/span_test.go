package where

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// timesApart is a pcap file of SYNs at these times, in s since the epoch.
func timesApart(seconds ...uint32) []byte {
	le := binary.LittleEndian
	b := []byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0} // raw IP
	packet := []byte{
		0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 192, 0, 2, 1,
		0x10, 0, 0x13, 0x89, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xff, 0xff, 0, 0, 0, 0,
	}
	for _, s := range seconds {
		for _, v := range []uint32{s, 500_000, uint32(len(packet)), uint32(len(packet))} {
			b = le.AppendUint32(b, v)
		}
		b = append(b, packet...)
	}
	return b
}

// Packets outside of the time that is asked for are passed over, and nothing else is: also where times go back, come before
// the first one, or lie years apart.
func TestSpan(t *testing.T) {
	tr, err := trace.Load(t.Context(), bytes.NewReader(timesApart(1000, 1001, 999, 1003, 0, 4_000_000_000, 1003, 1002)), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		source  string
		bounded bool
		want    []uint32
	}{
		{"reltime >= 1 && reltime <= 3.000000000", true, []uint32{1, 3, 6, 7}},
		{"reltime > 1 and tcplen == 0 and frame.time_relative < 3", true, []uint32{7}},
		{"1 < reltime <= 3", true, []uint32{3, 6, 7}},
		{"3 == reltime", true, []uint32{3, 6}},
		{"reltime <= -1", true, []uint32{2, 4}},
		{"-1 <= reltime and 0 > reltime", true, []uint32{2}},
		{"reltime > 9000000000", true, []uint32{}},
		{"reltime < -9223372036", true, []uint32{}},
		{"reltime >= 1.0000000001 && reltime < 3e0", true, []uint32{7}},
		{"reltime > 99999999999", false, []uint32{}},
		{"reltime > 2 || reltime < 1", false, []uint32{0, 2, 3, 4, 5, 6}},
		{"not (reltime > 0)", false, []uint32{0, 2, 4}},
		{"reltime != 0", false, []uint32{1, 2, 3, 4, 5, 6, 7}},
		{"tcplen < 1 && reltime != nil", false, []uint32{0, 1, 2, 3, 4, 5, 6, 7}},
	} {
		p, err := Compile(c.source)
		if err != nil {
			t.Fatalf("%s: %v", c.source, err)
		}
		if got := p.span.bounded(); got != c.bounded {
			t.Errorf("%s: packets are passed over: %t", c.source, got)
		}
		if got, err := p.Rows(t.Context(), tr, nil); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s finds %d, want %d: %v", c.source, got, c.want, err)
		}
		var row trace.Row
		for id := range uint32(tr.Len()) {
			if tr.Row(int(id), &row); p.Match(&trace.Context{}, &row) != slices.Contains(c.want, id) {
				t.Errorf("%s: row %d at %d ns is told wrongly", c.source, id, row.RelTime)
			}
		}
	}
}
