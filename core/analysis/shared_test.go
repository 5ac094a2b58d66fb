package analysis_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// TestSharedStream holds that each row of a stream that is several subflows, one after the other, counts in one connection, and that
// none is told to have changed its keys.
func TestSharedStream(t *testing.T) {
	tr := situation(t, "tuple-reused-again")
	seen := 0
	for i := range tr.Conns {
		c := &tr.Conns[i]
		rows := tr.ConnRows(c.ID)
		seen += len(rows)
		var packets, bytes uint64
		first := tr.Time(rows[0])
		for _, row := range rows {
			if tr.ConnOf(row) != i {
				t.Errorf("connection %d: row %d is of connection %d", c.ID, row, tr.ConnOf(row))
			}
			packets++
			bytes += uint64(tr.PayloadLen(row))
		}
		if n := min(c.Toward[1].First, c.Toward[2].First); n != first {
			t.Errorf("connection %d begins at %d, its first row is of %d", c.ID, n, first)
		}
		if p, b := c.Toward[1].Packets+c.Toward[2].Packets, c.Toward[1].Bytes+c.Toward[2].Bytes; p != packets || b != bytes {
			t.Errorf("connection %d: %d packets, %d bytes, its rows have %d and %d", c.ID, p, b, packets, bytes)
		}
		var listed uint64
		for ordinal := range c.Subflows {
			s := tr.SubflowStream(c, ordinal)
			listed += s.Toward[1].Packets + s.Toward[2].Packets
		}
		if listed != packets {
			t.Errorf("connection %d: its subflows have %d packets, want %d", c.ID, listed, packets)
		}
	}
	if seen != tr.Len() {
		t.Errorf("connections have %d rows, want %d", seen, tr.Len())
	}
	var all []*conn.Conn
	for i := range tr.Conns {
		all = append(all, &tr.Conns[i])
	}
	list, _ := analysis.Issues(tr, all, true, 100)
	issues := cells(list)
	if i := slices.IndexFunc(issues, func(r map[string]string) bool { return r["mptcpstream"] != "2" && r["severity"] == "error" }); i >= 0 {
		t.Errorf("an issue of a connection whose keys nobody changed: %v", issues[i])
	}
}

// TestSharedStreamTold holds that the list of streams says which ones were several subflows, and that numbers that are new to a subflow
// are no retransmissions of the one before it.
func TestSharedStreamTold(t *testing.T) {
	tr := situation(t, "tuple-reused-synack")
	want := "Stream 0 was a subflow of connections 0 and 1, one after the other: its row is of all its packets."
	if got := analysis.SharedStreams(tr); len(got) != 1 || got[0] != want {
		t.Errorf("%q, want %q", got, want)
	}
	list, _ := analysis.Issues(tr, []*conn.Conn{&tr.Conns[0], &tr.Conns[1]}, true, 0)
	for _, issue := range cells(list) {
		if issue["layer"] == "tcp" {
			t.Errorf("a capture without retransmissions: %v", issue)
		}
	}
	if got := analysis.SharedStreams(situation(t, "v1-handshake")); got != nil {
		t.Errorf("no stream is shared: %q", got)
	}
}

// situation loads a script of testdata/packets.
func situation(t *testing.T, name string) *trace.Trace {
	t.Helper()
	b, err := os.ReadFile("../../testdata/packets/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	file, err := dissecttest.Capture(string(txtar.Parse(b).Files[0].Data))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := trace.Load(t.Context(), bytes.NewReader(file), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// TestAloneOfSharedStream holds what is told of each subflow of a stream by itself.
func TestAloneOfSharedStream(t *testing.T) {
	tr, _ := fromScript(t, sharedPlain)
	type told struct{ syn, synACK, fin, rst bool }
	want := []told{{syn: true, synACK: true, fin: true}, {synACK: true, rst: true}}
	if len(tr.Conns) != len(want) {
		t.Fatalf("%d connections", len(tr.Conns))
	}
	for i := range tr.Conns {
		s := tr.SubflowStream(&tr.Conns[i], 0)
		if got := (told{s.SYN, s.SYNACK, s.FIN, s.RST}); got != want[i] {
			t.Errorf("connection %d: %+v, want %+v", i, got, want[i])
		}
		if d := tr.Digest().SubflowStream(&tr.Conns[i].Subflows[0]); *d != *s {
			t.Errorf("connection %d: the digest tells %+v, the trace %+v", i, d, s)
		}
	}
	if s := &tr.Streams[0]; !s.SYN || !s.FIN || !s.RST || s.Toward[stream.Server].Bytes != 50 {
		t.Errorf("the whole stream: %+v", s)
	}
}

// sharedPlain are two connections on one stream; the second falls back.
const sharedPlain = `0 C>S 0 S mp_capable
0.01 S>C 0 S. mp_capable
0.02 C>S 0 . mp_capable
0.03 C>S 0 P. len=20 mp_capable dlen=20
0.04 C>S 0 F.
key C 0x77
key S 0x88
60 S>C 0 S. seq=0xa0000000 mp_capable
60.01 C>S 0 . seq=0x40000001 ack=0xa0000001 mp_capable
60.02 C>S 0 P. seq=0x40000001 len=30
60.03 S>C 0 P. seq=0xa0000001 len=40
60.04 S>C 0 R. seq=0xa0000029
`

// TestFollowSharedStream holds that each connection's bytes are its own where they share a stream, by data sequence numbers and, after
// a fallback, by those of TCP.
func TestFollowSharedStream(t *testing.T) {
	plain, _ := fromScript(t, sharedPlain)
	for name, tr := range map[string]*trace.Trace{"mapped": situation(t, "tuple-reused-again"), "plain": plain} {
		for i := range tr.Conns {
			c := &tr.Conns[i]
			for _, to := range []stream.Dest{stream.Client, stream.Server} {
				b := analysis.NewConnStream(tr, c, to, nil, nil)
				for row := range uint32(tr.Len()) {
					if err := b.Add(row, make([]byte, tr.PayloadLen(row))); err != nil {
						t.Fatal(err)
					}
				}
				if err := b.Finish(); err != nil || b.Bytes != c.Toward[to].Unique || len(b.Holes) > 0 {
					t.Errorf("%s: connection %d towards %v: %d bytes of %d, holes %v, %v", name, c.ID, to, b.Bytes, c.Toward[to].Unique, b.Holes, err)
				}
			}
		}
		if last := tr.Conns[len(tr.Conns)-1].Toward; last[stream.Server].Bytes == 0 {
			t.Errorf("%s: nothing was sent", name)
		}
	}
}
