package trace_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// A first fragment has the numbers that any segment has, but no length; an Issue tells, once for each stream's segments.
func TestFirstFragment(t *testing.T) {
	const window = 31337
	file, err := dissecttest.Capture("link raw\n0 C>S 0 S wscale=7 mp_capable\n0.01 S>C 0 S. wscale=7 mp_capable\n" +
		"0.02 C>S 0 . mp_capable\n0.03 C>S 0 P. len=100 win=31337 mp_capable dlen=100\n0.04 C>S 0 P. len=50 dss ack8=1\n")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(file, binary.BigEndian.AppendUint16(nil, window))
	const ip, flags = 14 + 20, 6 // from the window back to the IP header, and on to its flags
	if at < ip || file[at-ip] != 0x45 {
		t.Fatalf("no IP header before the window at %d", at)
	}
	file[at-ip+flags] |= 0x20 // more fragments
	tr, err := trace.Load(context.Background(), bytes.NewReader(file), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var r trace.Row
	tr.Row(3, &r)
	if r.Seq != 1 || r.Ack != 1 || !r.NoLen || r.Window != window<<7 || r.Analysis != 0 {
		t.Errorf("seq %d, ack %d, no length %v, window %d, flags %v", r.Seq, r.Ack, r.NoLen, r.Window, r.Analysis.Names())
	}
	if len(tr.Issues) != 1 || tr.Issues[0].Packet != 4 || tr.Issues[0].Layer != "ip" || tr.Issues[0].Severity != trace.Warning {
		t.Errorf("issues %+v", tr.Issues)
	}
}

// A header that claims less than 20 bytes is told of, and says nothing of windows or gaps: what stands there may be anything.
func TestShortHeader(t *testing.T) {
	file, err := dissecttest.Capture("link raw\n0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n" +
		"0.02 C>S 0 . mp_capable\n0.03 C>S 0 P. len=100 win=31337 mp_capable dlen=100\n")
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(file, binary.BigEndian.AppendUint16(nil, 31337))
	file[at-2], file[at], file[at+1] = 0x40, 0, 0 // 16 bytes, and a window of zero
	tr, err := trace.Load(context.Background(), bytes.NewReader(file), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var r trace.Row
	if tr.Row(3, &r); r.Analysis != 0 || r.Len != 0 || r.Window != 0 {
		t.Errorf("flags %v, %d bytes, window %d", r.Analysis.Names(), r.Len, r.Window)
	}
	if len(tr.Issues) != 1 || tr.Issues[0].Packet != 4 || tr.Issues[0].Layer != "tcp" {
		t.Errorf("issues %+v", tr.Issues)
	}
}
