package analysis_test

import (
	"bytes"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// TestConnectionsApart holds that the bytes of a connection are its own, where others go on at the same time.
func TestConnectionsApart(t *testing.T) {
	const script = "flow 0 10.0.0.1:40000 10.0.0.2:5001\nflow 1 10.0.0.1:40001 10.0.0.2:5001\n" +
		"0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n" +
		"0.03 C>S 0 P. data=6161 dss ack8=1 dsn8=1 ssn=1\n0.04 S>C 0 P. data=6262 dss ack8=3 dsn8=1 ssn=1\n" +
		"key C 0x0909090909090909\nkey S 0x1919191919191919\n" +
		"0.05 C>S 1 S mp_capable\n0.06 S>C 1 S. mp_capable\n0.07 C>S 1 . mp_capable\n" +
		"0.08 C>S 1 P. data=6363 dss ack8=1 dsn8=1 ssn=1\n0.09 S>C 1 P. data=6464 dss ack8=3 dsn8=1 ssn=1\n"
	tr, file := fromScript(t, script)
	if len(tr.Conns) != 2 {
		t.Fatalf("%d connections", len(tr.Conns))
	}
	for i, want := range []map[stream.Dest]string{{stream.Server: "aa", stream.Client: "bb"}, {stream.Server: "cc", stream.Client: "dd"}} {
		for dest, want := range want {
			var got []byte
			s := analysis.NewConnStream(tr, &tr.Conns[i], dest, func(p []byte) error { got = append(got, p...); return nil }, nil)
			for f, err := range tr.Walk(t.Context(), bytes.NewReader(file)) {
				if err != nil {
					t.Fatal(err)
				}
				if !f.Kept {
					continue
				}
				if err := s.Add(f.Row, f.Packet.Payload()); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Finish(); err != nil {
				t.Fatal(err)
			}
			if string(got) != want || s.Missing() != 0 {
				t.Errorf("connection %d towards %s: %q and %d missing, want %q", i, dest, got, s.Missing(), want)
			}
		}
	}
}
