package trace_test

import (
	"context"
	"slices"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// TestStreamRowsLong holds that a trace whose rows were dealt from both ends lists each row once, under its stream, in order.
func TestStreamRowsLong(t *testing.T) {
	const n = 300_000 // more than trace.besideFrom blocks
	tr, err := trace.Load(context.Background(), newGenerator().reader(n, func() {}), trace.Options{})
	if err != nil || tr.Len() != n {
		t.Fatal(tr.Len(), err)
	}
	want := make([][]uint32, len(tr.Streams))
	for row := range uint32(n) {
		id := tr.StreamOf(row)
		want[id] = append(want[id], row)
	}
	if len(want) < 2 {
		t.Fatalf("%d streams", len(want))
	}
	for id := range want {
		if !slices.Equal(tr.StreamRows(uint32(id)), want[id]) {
			t.Errorf("stream %d: the rows differ", id)
		}
	}
}
