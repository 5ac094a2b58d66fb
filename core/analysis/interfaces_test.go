package analysis_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// TestInterfaces holds that packets count on the interface that captured them, also where a stream's packets are from several.
func TestInterfaces(t *testing.T) {
	file, err := dissecttest.Capture("0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n" +
		"0.03 C>S 0 P. len=50 dss ack8=1 dsn8=1 ssn=1\n0.04 C>S 0 P. len=30 dss ack8=1 dsn8=51 ssn=51\n")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := trace.Load(t.Context(), bytes.NewReader(twoInterfaces(file)), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows := cells(analysis.Interfaces(tr))
	if len(rows) != 2 {
		t.Fatalf("%d interfaces", len(rows))
	}
	for i, want := range [][3]string{{"1", "3", "30"}, {"1", "2", "50"}} {
		if got := [3]string{rows[i]["streams"], rows[i]["packets"], rows[i]["bytes"]}; got != want {
			t.Errorf("interface %d: streams, packets, bytes %v, want %v", i, got, want)
		}
	}
}

// twoInterfaces describes a pcapng file's interface twice, and says that the second one captured every other packet.
func twoInterfaces(file []byte) []byte {
	const describes, packet = 1, 6
	var out []byte
	packets := uint32(0)
	for len(file) > 0 {
		size := binary.LittleEndian.Uint32(file[4:])
		block := bytes.Clone(file[:size])
		file = file[size:]
		switch binary.LittleEndian.Uint32(block) {
		case describes:
			out = append(out, block...)
		case packet:
			binary.LittleEndian.PutUint32(block[8:], packets%2)
			packets++
		}
		out = append(out, block...)
	}
	return out
}
