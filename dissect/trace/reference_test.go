package trace_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// piece is the payload of a row, as its data sequence numbers.
type piece struct {
	row      uint32
	stream   uint32
	from, to uint64
}

// pieces lists the payload of each connection and direction.
func pieces(tr *trace.Trace) map[[2]uint32][]piece {
	m := map[[2]uint32][]piece{}
	var r trace.Row
	for i := range tr.Len() {
		if tr.Row(i, &r); r.Len > 0 && r.HasDSN && r.InConn && len(r.RelatedMappings) == 1 {
			k := [2]uint32{r.ConnID, uint32(r.ConnDest)}
			m[k] = append(m[k], piece{row: r.ID, stream: r.Stream, from: r.DSN, to: r.DSN + uint64(r.Len)})
		}
	}
	return m
}

// checkReference compares reinjections and byte counts with what comparing every segment with every other gives.
func checkReference(t *testing.T, tr *trace.Trace) {
	t.Helper()
	for k, list := range pieces(tr) {
		slices.SortFunc(list, func(a, b piece) int { return int(a.row) - int(b.row) })
		var unique uint64
		for i, p := range list {
			var of, in []uint32
			for j, q := range list {
				if q.stream == p.stream || q.from >= p.to || p.from >= q.to {
					continue
				}
				if j < i {
					of = append(of, q.row)
				} else if j > i {
					in = append(in, q.row)
				}
			}
			var r trace.Row
			tr.Row(int(p.row)-1, &r)
			if !slices.Equal(r.ReinjectionOf, of) || !slices.Equal(r.ReinjectedIn, in) {
				t.Errorf("packet %d: reinjection of %v in %v, want %v, %v", p.row, r.ReinjectionOf, r.ReinjectedIn, of, in)
			}
		}
		sorted := slices.Clone(list)
		slices.SortFunc(sorted, func(a, b piece) int {
			if a.from < b.from {
				return -1
			}
			return 1
		})
		var end uint64
		for _, p := range sorted {
			if from := max(p.from, end); from < p.to {
				unique += p.to - from
				end = p.to
			}
		}
		if c := tr.ConnByID(k[0]); c.Toward[k[1]].Unique != unique {
			t.Errorf("connection %d to %v: %d unique bytes, want %d", c.ID, stream.Dest(k[1]), c.Toward[k[1]].Unique, unique)
		}
	}
}

// TestReference runs the comparison on real captures.
func TestReference(t *testing.T) {
	dir := corpus.Dir(t)
	for _, name := range []string{"public/pymptcpanalyzer/client_2.pcap", "public/pymptcpanalyzer/server_2.pcap",
		"linux-v1/v1_asymmetric_paths.pcap", "linux-v1/v1_link_failure_reinject.pcap", "linux-v1/v1_many_connections.pcap"} {
		t.Run(filepath.Base(name), func(t *testing.T) { checkReference(t, load(t, filepath.Join(dir, name))) })
	}
}

// TestReferenceRandom runs it on scripts of random segments: some retransmitted, some sent again elsewhere and cut
// differently, some before their mapping.
func TestReferenceRandom(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			tr := fromScript(t, randomScript(rand.New(rand.NewPCG(seed, 1))))
			checkReference(t, tr)
			for _, c := range tr.Conns {
				if n := c.Toward[stream.Server]; n.Unmapped != 0 || n.Unique == 0 {
					t.Errorf("%d bytes not mapped, %d mapped", n.Unmapped, n.Unique)
				}
			}
		})
	}
}

// randomScript sends pieces of 4000 bytes on three subflows, in any order, again and again.
func randomScript(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("0 C>S 0 S mp_capable\n0.01 S>C 0 S. mp_capable\n0.02 C>S 0 . mp_capable\n")
	for flow := 1; flow <= 2; flow++ {
		fmt.Fprintf(&b, "0.1 C>S %d S mp_join id=%d\n0.1 S>C %d S. mp_join\n0.1 C>S %d . mp_join\n", flow, flow, flow, flow)
	}
	ssn := [3]int{1, 1, 1}
	for i := range 60 {
		at := fmt.Sprintf("1.%03d", i)
		flow, dsn, n := r.IntN(3), 1+r.IntN(4000), 2+r.IntN(300)
		segment := fmt.Sprintf("C>S %d .", flow)
		option := fmt.Sprintf("dss dsn8=%d ssn=%d dlen=%d ack8=1", dsn, ssn[flow], n)
		first := 1 + r.IntN(n-1)
		switch r.IntN(4) {
		case 0: // two segments, the mapping on both
			fmt.Fprintf(&b, "%s %s len=%d %s\n%s %s len=%d %s\n", at, segment, first, option, at, segment, n-first, option)
		case 1: // the mapping on the second only
			fmt.Fprintf(&b, "%s %s len=%d dss ack8=1\n%s %s len=%d %s\n", at, segment, first, at, segment, n-first, option)
		case 2: // retransmitted
			fmt.Fprintf(&b, "%s %s len=%d %s\n%s %s seq=%d len=%d %s\n", at, segment, n, option, at, segment, ssn[flow], n, option)
		default:
			fmt.Fprintf(&b, "%s %s len=%d %s\n", at, segment, n, option)
		}
		ssn[flow] += n
	}
	return b.String()
}
