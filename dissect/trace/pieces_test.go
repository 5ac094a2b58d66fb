package trace_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// The packets of TestManyPieces: how many mappings and payloads of how many bytes, and what may come of them.
const (
	manyMappings = 2000
	manyPayloads = 100
	mostPieces   = 20 * (manyMappings + manyPayloads)
)

// TestManyPieces holds that payload which lies in very many mappings costs a bounded number of pieces, that an issue says so, and that
// each of its bytes is accounted for: where mappings come first, where they come last, and where no initial sequence number is
// certain until the end.
func TestManyPieces(t *testing.T) {
	mapping := func(i int) string {
		return fmt.Sprintf("C>S 0 P. seq=%d len=1 dss dsn8=%d ssn=%[1]d dlen=1 ack8=1", 1001+i, 1001+3*i)
	}
	payload := func(int) string { return fmt.Sprintf("C>S 0 P. seq=1001 len=%d dss ack8=1", manyMappings) }
	wide := func(i int) string {
		return fmt.Sprintf("C>S 0 P. seq=%d len=1 dss dsn8=%d ssn=%d dlen=3000 ack8=1", 2001+i, 1+4000*i, 1+i)
	}
	for _, c := range []struct {
		name    string
		packets []string
		bytes   uint64
	}{
		{"mappings first", slices.Concat([]string{certain}, times(manyMappings, mapping), times(manyPayloads, payload)),
			1000 + manyMappings + manyPayloads*manyMappings},
		{"mappings last", slices.Concat([]string{certain}, times(manyPayloads, payload), times(manyMappings, mapping)),
			1000 + manyMappings + manyPayloads*manyMappings},
		{"certain at last", slices.Concat(times(400, wide), times(50, payload), []string{certain}),
			1000 + 400 + 50*manyMappings},
	} {
		t.Run(c.name, func(t *testing.T) { checkManyPieces(t, script(c.packets), c.bytes) })
	}
}

// certain is a packet that makes the initial sequence number certain.
const certain = "C>S 0 P. seq=1 len=1000 dss dsn8=1 ssn=1 dlen=1000 ack8=1"

func checkManyPieces(t *testing.T, script string, bytes uint64) {
	tr := fromScript(t, script)
	pieces := 0
	for row := range uint32(tr.Capture.Kept) {
		pieces += len(tr.Pieces(row, nil))
	}
	if pieces > mostPieces {
		t.Errorf("%d pieces, more than %d", pieces, mostPieces)
	}
	if !slices.ContainsFunc(tr.Issues, func(i trace.Issue) bool { return strings.Contains(i.What, "so many mappings") }) {
		t.Errorf("no word about it in %d issues", len(tr.Issues))
	}
	d := tr.Conns[0].Toward[stream.Server]
	if sum := d.Unique + d.Reinjected + d.Retransmitted + d.Unmapped; sum != bytes {
		t.Errorf("%d bytes in %+v, want %d", sum, d, bytes)
	}
}

func times(n int, packet func(int) string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = packet(i)
	}
	return list
}

// script gives packets times.
func script(packets []string) string {
	var b strings.Builder
	for i, p := range packets {
		fmt.Fprintf(&b, "%d.%06d %s\n", i/1000, i%1000*1000, p)
	}
	return b.String()
}

// TestPieces holds which mapping maps which bytes: behind a hole, where a later one contradicts an earlier one in the middle, and where
// the mapping comes late.
func TestPieces(t *testing.T) {
	tr := fromScript(t, `
0 C>S 0 S mp_capable
0.01 S>C 0 S. mp_capable
0.02 C>S 0 . mp_capable
0.025 C>S 0 . seq=401 len=10 dss dsn8=401 ssn=401 dlen=10 ack8=1
0.03 C>S 0 . seq=1 len=100
0.04 C>S 0 . seq=51 len=20 dss dsn8=51 ssn=51 dlen=20 ack8=1
0.05 C>S 0 . seq=201 len=100 dss dsn8=201 ssn=201 dlen=100 ack8=1
0.06 C>S 0 . seq=221 len=30 dss dsn8=501 ssn=221 dlen=30 ack8=1
0.07 C>S 0 . seq=201 len=100
`)
	base := tr.Conns[0].Client.IDSN
	for packet, want := range map[uint32][]trace.Piece{
		5: {{At: 50, Len: 20, DSN: base + 51, SSN: 51}},
		6: {{Len: 20, DSN: base + 51, SSN: 51}},
		7: {{Len: 100, DSN: base + 201, SSN: 201}},
		8: {{Len: 30, DSN: base + 501, SSN: 221}},
		9: {{Len: 20, DSN: base + 201, SSN: 201}, {At: 20, Len: 30, DSN: base + 501, SSN: 221}, {At: 50, Len: 50, DSN: base + 251, SSN: 251}},
	} {
		if got := tr.Pieces(packet-1, nil); !slices.Equal(got, want) {
			t.Errorf("packet %d: %v, want %v", packet, got, want)
		}
	}
}
