package analysis_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// lateData is an upload whose DATA_FIN, alone and with 32 bits of its number, comes before the last data, on the other subflow.
const lateData = `0 C>S 0 S mp_capable flags=0x81
0.01 S>C 0 S. mp_capable flags=0x81
0.02 C>S 0 . mp_capable
0.03 C>S 0 P. len=100 dss ack4=1 dsn4=1 ssn=1 csum=auto
0.04 S>C 0 . dss ack8=101
0.05 C>S 1 S mp_join id=1
0.06 S>C 1 S. mp_join id=1
0.07 C>S 1 . mp_join
0.08 C>S 0 . dss ack4=1 dsn4=5001 ssn=0 dlen=1 fin csum=auto
0.09 C>S 1 P. len=100 dss ack4=1 dsn4=101 ssn=1 csum=bad
0.10 C>S 0 . dss ack4=1 dsn4=5001 ssn=0 dlen=1 fin csum=0x1234
`

// TestPacketChecksum holds that packet says of checksums what verify says, of a DATA_FIN without payload too.
func TestPacketChecksum(t *testing.T) {
	tr, file := fromScript(t, lateData)
	if n := tr.Conns[0].Verified.Checksum; n.Verified != 2 || n.Failed != 2 {
		t.Fatalf("%+v", n)
	}
	want := map[uint32]string{4: "checksum verified", 9: "checksum verified", 10: "checksum failed: expected", 11: "checksum failed: expected"}
	for f, err := range tr.Walk(t.Context(), bytes.NewReader(file)) {
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range cells(analysis.Packet(tr, f.Row, f)) {
			if row["field"] == "DSS" && !strings.HasPrefix(row["check"], want[uint32(f.Number)]) {
				t.Errorf("frame %d: %q, want %q", f.Number, row["check"], want[uint32(f.Number)])
			}
		}
	}
	if i := slices.IndexFunc(tr.Conns[0].BadChecksums, func(b conn.BadChecksum) bool { return b.Packet == 11 && b.Found == 0x1234 }); i < 0 {
		t.Errorf("%+v", tr.Conns[0].BadChecksums)
	}
}

// TestDataFINPlace holds that charts put a DATA_FIN behind the data that it ends, though some of that is sent later.
func TestDataFINPlace(t *testing.T) {
	for name, script := range map[string]string{
		"32 bits": lateData, "64 bits": strings.ReplaceAll(lateData, "dsn4=5001", "dsn8=5001"),
		"without the keys": lateData[strings.Index(lateData, "0.03"):],
	} {
		tr, _ := fromScript(t, script)
		s := &analysis.Scope{Trace: tr, Conn: &tr.Conns[0], Window: analysis.Always(), Dest: stream.Server}
		want := 5001.0
		if !tr.Conns[0].Handshake {
			want = 5000 // counted from the first byte
		}
		c, err := analysis.TimeSequence(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if at := placeOf(c, "DATA_FIN"); !slices.Equal(at, []float64{want}) {
			t.Errorf("%s: time-sequence graph: at %v, want %v", name, at, want)
		}
		if c, err = analysis.Mappings(t.Context(), s, false); err != nil {
			t.Fatal(err)
		}
		if at := placeOf(c, "DATA_FIN alone"); !slices.Equal(at, []float64{want, want}) {
			t.Errorf("%s: mappings: at %v, want %v twice", name, at, want)
		}
	}
}

// placeOf is where marks of that label stand.
func placeOf(c *display.Chart, label string) (at []float64) {
	for i := range c.Series {
		s := &c.Series[i]
		for k, l := range s.Labels {
			if l == label {
				at = append(at, s.Y[k])
			}
		}
	}
	return at
}

// TestMappingDSN holds that the upper half of a number is taken from what is known, and not guessed.
func TestMappingDSN(t *testing.T) {
	tr, _ := fromScript(t, strings.ReplaceAll(lateData[strings.Index(lateData, "0.03"):], "ack8", "ack4"))
	var r trace.Row
	tr.Row(0, &r)
	if n, ok := tr.MappingDSN(0, &r.DSS); ok {
		t.Errorf("%d, whose upper half was not captured", n)
	}
}

// TestNothingToDraw holds that a connection that carried nothing gives no chart of the dots of its SYNs.
func TestNothingToDraw(t *testing.T) {
	tr, _ := fromScript(t, "0 C>S 0 S mp_capable\n0.01 S>C 0 S.\n")
	s := &analysis.Scope{Trace: tr, Conn: &tr.Conns[0], Window: analysis.Always()}
	c, err := analysis.Attribute(t.Context(), s, []*trace.Column{trace.ColumnByName("dsn")})
	if err != nil || len(c.Series) > 0 || len(c.Notes) != 1 {
		t.Errorf("%d series, notes %q: %v", len(c.Series), c.Notes, err)
	}
}
