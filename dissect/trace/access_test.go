package trace_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// TestAccess compares single columns with whole rows.
func TestAccess(t *testing.T) {
	for name, file := range situations(t) {
		tr, err := trace.Load(context.Background(), bytes.NewReader(file), trace.Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkAccess(t, name, tr)
	}
}

func TestAccessCorpus(t *testing.T) {
	dir := corpus.Dir(t)
	for _, name := range []string{"public/pymptcpanalyzer/server_2.pcap", "linux-v1/v1_link_failure_reinject.pcap",
		"public/mptcp-nids-evasion-tests/SQL_Injection_scenario3_r4_eth1.pcapng", "synthetic/v0_dsn32_wrap.pcap"} {
		checkAccess(t, name, load(t, filepath.Join(dir, name)))
	}
}

// checkDirections compares the lists of the streams' directions with what each row says.
func checkDirections(t *testing.T, name string, tr *trace.Trace) {
	t.Helper()
	for id := range tr.Streams {
		var want [3][]uint32
		for _, row := range tr.StreamRows(uint32(id)) {
			to := tr.Dest(row)
			want[to] = append(want[to], row)
		}
		toClient, toServer := tr.Directions(uint32(id))
		if !slices.Equal(toClient, want[stream.Client]) || !slices.Equal(toServer, want[stream.Server]) {
			t.Errorf("%s: stream %d: %v, %v, want %v", name, id, toClient, toServer, want)
		}
	}
}

func checkAccess(t *testing.T, name string, tr *trace.Trace) {
	t.Helper()
	checkDirections(t, name, tr)
	var r trace.Row
	var special []uint32
	pass, numbers := tr.NewPass(), &numberPass{NumberPass: tr.NewNumberPass()}
	for i := range tr.Len() {
		row := uint32(i)
		tr.Row(i, &r)
		checkBrief(t, name, tr, row, &r)
		checkGlance(t, name, tr, pass, row, &r)
		checkNumbers(t, name, tr, numbers, &r)
		checkSingles(t, name, tr, row, &r)
		seq, ack := tr.SeqAck(row)
		dest := stream.DestUnknown
		if r.InConn {
			dest = r.ConnDest
		}
		if tr.Time(row) != r.Time || tr.StreamOf(row) != r.Stream || tr.Flags(row) != r.Flags ||
			tr.PayloadLen(row) != r.Len || tr.Analysis(row) != r.Analysis || tr.Dest(row) != r.Dest ||
			seq != r.Seq || ack != r.Ack || tr.Window(row) != r.Window || tr.ConnDest(row) != dest {
			t.Errorf("%s: packet %d: columns differ from the row %+v", name, r.ID, r)
		}
		if dsn, ok := tr.DSN(row); ok != (r.HasDSN && r.Len > 0) || ok && dsn != r.DSN {
			t.Errorf("%s: packet %d: DSN %d %v, the row has %d %v", name, r.ID, dsn, ok, r.DSN, r.HasDSN)
		}
		if dack, ok := tr.DACK(row); ok != r.HasDACK || ok && dack != r.DACK {
			t.Errorf("%s: packet %d: data ack %d %v, the row has %d %v", name, r.ID, dack, ok, r.DACK, r.HasDACK)
		}
		if idsn, ok := tr.IDSN(row); r.HasRelDSN && (!ok || r.DSN-idsn != r.RelDSN) {
			t.Errorf("%s: packet %d: IDSN %d", name, r.ID, idsn)
		}
		if slices.ContainsFunc(r.Options, func(o mptcp.Option) bool { return o.Subtype() != mptcp.SubDSS }) {
			special = append(special, row)
		}
	}
	if numbers.of > 1000 && numbers.read < numbers.of/2 {
		t.Errorf("%s: a pass reads the numbers of %d rows of %d", name, numbers.read, numbers.of)
	}
	rows := tr.OptionRows()
	for _, row := range special {
		if _, found := slices.BinarySearch(rows, row); !found {
			t.Errorf("%s: row %d is not among the rows with options", name, row)
		}
	}
}

// checkSingles compares the columns that say what else is known of a row with the whole row.
func checkSingles(t *testing.T, name string, tr *trace.Trace, row uint32, r *trace.Row) {
	t.Helper()
	src, dst := tr.Ends(row)
	if tr.FrameOf(row) != r.Frame || tr.InterfaceOf(row) != r.Interface || src != r.Src || dst != r.Dst || tr.IsV6(row) != r.Src.Addr().Is6() ||
		tr.OptionKinds(row) != string(r.OptionKinds) || tr.HasMPTCP(row) != r.HasMPTCP || r.InConn && tr.OrdinalOf(row) != r.Ordinal {
		t.Errorf("%s: packet %d: columns differ from the row %+v", name, r.ID, r)
	}
	if fin := r.HasDSS && r.DSS.DataFIN; tr.DataFIN(row) != fin {
		t.Errorf("%s: packet %d: DATA_FIN %v, the options say %v: %x", name, r.ID, tr.DataFIN(row), fin, r.Options)
	}
	stated := uint32(0)
	for _, o := range r.Options {
		stated += uint32(o.Stated())
	}
	if n := tr.MPTCPLen(row); n != stated {
		t.Errorf("%s: packet %d: %d bytes of MPTCP options, the row has %d", name, r.ID, n, stated)
	}
}

// TestMerged splits a capture in two and puts it together again.
func TestMerged(t *testing.T) {
	file := situations(t)["reinjection"]
	var odd, even []byte
	at, k := 0, 0
	for at < len(file) {
		n := int(file[at+4]) | int(file[at+5])<<8
		block := file[at : at+n]
		at += n
		if file[at-n] != 6 { // no packet: the section and its interface
			odd, even = append(odd, block...), append(even, block...)
			continue
		}
		if k++; k%2 == 1 {
			odd = append(odd, block...)
		} else {
			even = append(even, block...)
		}
	}
	want, err := trace.Load(context.Background(), bytes.NewReader(file), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := trace.LoadMerged(context.Background(), []io.Reader{bytes.NewReader(odd), bytes.NewReader(even)}, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const columns = "rows packetid abstime tcpstream tcpseq dsn reinjection_of"
	if a, b := render(t, got, columns), render(t, want, columns); a != b {
		t.Errorf("merged\n%s\nwant\n%s", a, b)
	}
}

// TestWire compares what segments had on the wire with their rows, and sees that IP identifications give prints.
func TestWire(t *testing.T) {
	file, err := os.Open("../../testdata/captures/two-path-upload.server.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	tr, err := trace.Load(context.Background(), file, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var row trace.Row
	prints := map[uint8]int{}
	for i := range tr.Len() {
		tr.Row(i, &row)
		w := tr.Wire(uint32(i))
		prints[w.Print]++
		if w.Time != row.Time || w.Len != row.Len || w.Flags != row.Flags || w.HasTS != row.HasTS || w.TSVal != row.TSVal || w.TSEcr != row.TSEcr {
			t.Fatalf("row %d: %+v, want %+v", i, w, row)
		}
		st := &tr.Streams[row.Stream]
		isn := st.ClientISN
		if row.Dest == stream.Client {
			isn = st.ServerISN
		}
		if w.Seq != isn+row.Seq {
			t.Fatalf("row %d: sequence number %d, want %d+%d", i, w.Seq, isn, row.Seq)
		}
	}
	if len(prints) < 200 {
		t.Errorf("%d different prints among %d rows", len(prints), tr.Len())
	}
}

// checkBrief compares what a row tells in brief, and what it says of its options, with the whole row.
func checkBrief(t *testing.T, name string, tr *trace.Trace, row uint32, r *trace.Row) {
	t.Helper()
	want := trace.Brief{ID: r.ID, Frame: r.Frame, Time: r.Time, Stream: r.Stream, Seq: r.Seq, Ack: r.Ack, Len: r.Len, Window: r.Window,
		Flags: r.Flags, NoLen: r.NoLen, Dest: r.Dest, ConnDest: r.ConnDest, Analysis: r.Analysis, HasDACK: r.HasDACK}
	if r.HasDACK {
		want.DACK = r.DACK
	}
	if !r.InConn {
		want.ConnDest = stream.DestUnknown
	}
	var got trace.Brief
	if tr.Brief(row, &got); got != want {
		t.Errorf("%s: frame %d in brief: %+v, want %+v", name, r.Frame, got, want)
	}
	more := len(r.Options) > 1 || len(r.Options) == 1 && r.Options[0].Subtype() != mptcp.SubDSS || r.HasDSS && (r.DSS.DataFIN || r.DSS.Infinite())
	if more && !tr.Eventful(row) {
		t.Errorf("%s: frame %d is not eventful: %v, %+v", name, r.Frame, r.Options, r.DSS)
	}
}

// checkGlance compares what a pass reads, and what is read without one, with the row.
func checkGlance(t *testing.T, name string, tr *trace.Trace, pass *trace.Pass, row uint32, r *trace.Row) {
	t.Helper()
	want := trace.Glance{Time: r.Time, Stream: r.Stream, Len: r.Len, Flags: r.Flags, Dest: r.Dest, HasMPTCP: r.HasMPTCP,
		DataFIN: tr.DataFIN(row), HasDSN: r.HasDSN && r.Len > 0, HasDACK: r.HasDACK}
	if r.InConn {
		want.ConnDest = r.ConnDest
	}
	if want.HasDSN {
		want.DSN = r.DSN
	}
	if want.HasDACK {
		want.DACK = r.DACK
	}
	var g, alone trace.Glance
	pass.At(row, &g)
	tr.Glance(row, &alone)
	if g != want || alone != want {
		t.Errorf("%s: packet %d: the pass has %+v, a glance %+v, the row %+v", name, r.ID, g, alone, want)
	}
}
