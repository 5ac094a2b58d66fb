package trace_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

var update = flag.Bool("update", false, "write what comes out into the files of testdata/packets")

// TestPackets runs each situation of testdata/packets: a packet script, and what is to come out of it.
func TestPackets(t *testing.T) {
	names, err := filepath.Glob("../../testdata/packets/*.txtar")
	if err != nil || len(names) < 12 {
		t.Fatalf("%d situations, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			tr := fromScript(t, string(a.Files[0].Data))
			changed := false
			for i := range a.Files[1:] {
				f := &a.Files[1+i]
				got := render(t, tr, f.Name)
				if bytes.Equal(f.Data, []byte(got)) {
					continue
				}
				if *update {
					f.Data, changed = []byte(got), true
					continue
				}
				t.Errorf("%s:\n%swant:\n%s", f.Name, got, f.Data)
			}
			if changed {
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// fromScript loads a packet script, in one piece and byte by byte, which must give the same.
func fromScript(t *testing.T, script string) *trace.Trace {
	t.Helper()
	file, err := dissecttest.Capture(script)
	if err != nil {
		t.Fatal(err)
	}
	l := trace.NewLoader(trace.Options{})
	for i := range file {
		if err := l.Feed(file[i : i+1]); err != nil {
			t.Fatal(err)
		}
	}
	slow, err := l.Finish()
	if err != nil {
		t.Fatal(err)
	}
	tr, err := trace.Load(context.Background(), bytes.NewReader(file), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"rows", "conns", "issues"} {
		if a, b := render(t, tr, part), render(t, slow, part); a != b {
			t.Errorf("fed byte by byte, %s are\n%sin one piece\n%s", part, b, a)
		}
	}
	return tr
}

func render(t *testing.T, tr *trace.Trace, name string) string {
	t.Helper()
	words := strings.Fields(name)
	var b strings.Builder
	switch words[0] {
	case "rows":
		writeRows(t, &b, tr, words[1:])
	case "conns":
		for i := range tr.Conns {
			writeConn(&b, &tr.Conns[i])
		}
	case "analysis":
		writeAnalysis(&b, tr)
	case "issues":
		for _, i := range tr.Issues {
			fmt.Fprintf(&b, "packet %d, %s: %s (%d)\n", i.Packet, i.Layer, i.What, i.Count)
		}
	default:
		t.Fatalf("nothing is called %q", name)
	}
	return b.String()
}

// writeRows writes columns of all rows, all of them if none is named.
func writeRows(t *testing.T, b *strings.Builder, tr *trace.Trace, names []string) {
	var columns []trace.Column
	for _, name := range names {
		c := trace.ColumnByName(name)
		if c == nil {
			t.Fatalf("no column %q", name)
		}
		columns = append(columns, *c)
	}
	if len(names) == 0 {
		columns = trace.Columns()
	}
	ctx := &trace.Context{Interfaces: tr.Interfaces}
	var r trace.Row
	for i := range tr.Len() {
		tr.Row(i, &r)
		for k := range columns {
			if k > 0 {
				b.WriteByte(' ')
			}
			text := columns[k].Append(nil, ctx, &r)
			if len(text) == 0 {
				text = []byte("-")
			}
			b.Write(text)
		}
		b.WriteByte('\n')
	}
}

// writeAnalysis writes the TCP analysis flags of the rows that have some.
func writeAnalysis(b *strings.Builder, tr *trace.Trace) {
	var r trace.Row
	for i := range tr.Len() {
		if tr.Row(i, &r); r.Analysis != 0 {
			fmt.Fprintf(b, "%d %s\n", r.ID, strings.Join(r.Analysis.Names(), " "))
		}
	}
}

func writeConn(b *strings.Builder, c *conn.Conn) {
	fmt.Fprintf(b, "connection %d", c.ID)
	if len(c.Aliases) > 0 {
		fmt.Fprintf(b, " also %v", c.Aliases)
	}
	fmt.Fprintf(b, " %v", c.Version)
	for _, d := range []stream.Dest{stream.Client, stream.Server} {
		if e := c.End(d); e.HasKey {
			fmt.Fprintf(b, " %v %v token %08x", d, e.Key, e.Token)
		} else if e.HasToken {
			fmt.Fprintf(b, " %v token %08x", d, e.Token)
		}
	}
	if c.Checksum {
		b.WriteString(" checksums")
	}
	if c.Fastclose != 0 {
		fmt.Fprintf(b, " fastclose %d", c.Fastclose)
	}
	b.WriteByte('\n')
	if c.Fallback.Cause != conn.NoFallback {
		fmt.Fprintf(b, "  fallback: %v, packet %d\n", c.Fallback.Cause, c.Fallback.Packet)
	}
	for i := range c.Subflows {
		writeSubflow(b, &c.Subflows[i])
	}
	for _, d := range []stream.Dest{stream.Server, stream.Client} {
		n := &c.Toward[d]
		fmt.Fprintf(b, "  to %v: %d packets, %d bytes, %d unique, %d reinjected, %d retransmitted, %d unmapped, fin %v\n", d,
			n.Packets, n.Bytes, n.Unique, n.Reinjected, n.Retransmitted, n.Unmapped, n.FIN)
	}
	for _, a := range c.Addresses {
		if a.Removed {
			fmt.Fprintf(b, "  packet %d: %v removes address %d\n", a.Packet, a.From, a.AddrID)
			continue
		}
		fmt.Fprintf(b, "  packet %d: %v has address %d %v, echo %v, hmac %v early %v\n", a.Packet, a.From, a.AddrID, a.Addr,
			a.Echo, a.HMAC, a.Early)
	}
	if c.Verified != (conn.Tally{}) {
		fmt.Fprintf(b, "  verified: %+v\n", c.Verified)
	}
}

func writeSubflow(b *strings.Builder, s *conn.Subflow) {
	fmt.Fprintf(b, "  subflow: stream %d, id %d, to %v", s.Stream, s.ID, s.Dest)
	if s.Master {
		b.WriteString(", master")
	}
	if s.HasAddrIDs {
		fmt.Fprintf(b, ", addresses %d %d", s.ClientAddrID, s.ServerAddrID)
	}
	if s.Backup {
		b.WriteString(", backup")
	}
	if s.Established {
		b.WriteString(", up")
	}
	if s.ResetReason >= 0 {
		fmt.Fprintf(b, ", reset for %d", s.ResetReason)
	}
	if s.SYNACKHMAC != conn.NotSeen || s.ACKHMAC != conn.NotSeen {
		fmt.Fprintf(b, ", SYN/ACK %v%v, ACK %v%v", s.SYNACKHMAC, why(s.SYNACKWhy), s.ACKHMAC, why(s.ACKWhy))
	}
	b.WriteByte('\n')
}

func why(r conn.Reason) string {
	if r == conn.NoReason {
		return ""
	}
	return " (" + r.String() + ")"
}
