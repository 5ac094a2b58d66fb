package trace_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Packets without a time of their own (Simple Packet Blocks) take the one of the packet before, those at the beginning that of the first
// that has one: no duration reaches back to 1970.
func TestNoTime(t *testing.T) {
	file, err := dissecttest.Capture(`
0 C>S 0 S wscale=2 mp_capable
0.01 S>C 0 S. wscale=2 mp_capable
0.02 C>S 0 . mp_capable
0.03 C>S 0 P. len=100 mp_capable dlen=100
0.04 S>C 0 . dss ack8=101
0.05 S>C 0 P. len=50 dss dsn8=1 ssn=1 dlen=50
0.06 C>S 0 . dss ack8=51
`)
	if err != nil {
		t.Fatal(err)
	}
	for name, without := range map[string][]bool{
		"at the beginning": {true, true, false, false, false, false, false},
		"the first":        {true, false, false, false, false, false, false},
		"in between":       {false, true, false, true, true, false, true},
	} {
		tr, err := trace.Load(context.Background(), bytes.NewReader(simple(file, without)), trace.Options{})
		if err != nil {
			t.Fatal(name, err)
		}
		var r trace.Row
		for i := range without {
			if tr.Row(i, &r); r.NoTime != without[i] || r.RelTime < 0 || r.RelTime > 60e6 {
				t.Errorf("%s: packet %d: no time %v, at %d ns", name, i+1, r.NoTime, r.RelTime)
			}
		}
		for _, d := range tr.Streams[0].Toward {
			if d.Packets > 0 && (d.First < tr.Capture.First || d.Last > tr.Capture.Last) {
				t.Errorf("%s: a direction from %d to %d, the capture is from %d to %d", name, d.First, d.Last, tr.Capture.First, tr.Capture.Last)
			}
		}
	}
}

// simple makes Simple Packet Blocks of some of a pcapng file's Enhanced Packet Blocks.
func simple(file []byte, which []bool) []byte {
	le := binary.LittleEndian
	var out []byte
	for n := 0; len(file) >= 12; {
		size := le.Uint32(file[4:])
		block := file[:size]
		file = file[size:]
		if le.Uint32(block) == 6 {
			if n++; which[n-1] {
				length := le.Uint32(block[24:])
				data := block[28 : 28+(le.Uint32(block[20:])+3)&^3]
				head := le.AppendUint32(le.AppendUint32(le.AppendUint32(nil, 3), uint32(16+len(data))), length)
				block = le.AppendUint32(append(head, data...), uint32(16+len(data)))
			}
		}
		out = append(out, block...)
	}
	return out
}
