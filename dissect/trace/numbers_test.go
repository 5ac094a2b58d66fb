package trace_test

import (
	"strconv"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// checkNumbers compares the numbers of a row with its columns, one by one.
func checkNumbers(t *testing.T, name string, tr *trace.Trace, r *trace.Row) {
	t.Helper()
	n := trace.Numbers{Has: 1<<64 - 1, Many: 1<<64 - 1}
	r.Numbers(&n)
	if stray := (n.Has | n.Many) &^ trace.Numbered; stray != 0 || n.Has&n.Many != 0 {
		t.Fatalf("%s: frame %d: numbers at %b, several at %b", name, r.Frame, n.Has, n.Many)
	}
	for i, c := range trace.Columns() {
		if trace.Numbered>>i&1 == 0 || c.Values != nil && !r.Lone() {
			continue
		}
		has, many := n.Has>>i&1 != 0, n.Many>>i&1 != 0
		text := string(c.Append(nil, &trace.Context{Interfaces: tr.Interfaces}, r))
		if c.Uint != nil {
			if want, ok := c.Uint(nil, r); ok != has || ok && n.At[i] != want {
				t.Errorf("%s: frame %d: %s is %d, %v; want %d, %v", name, r.Frame, c.Name, n.At[i], has, want, ok)
			}
			continue
		}
		if (text == "") == (has || many) || has && text != strconv.FormatUint(n.At[i], 10) {
			t.Errorf("%s: frame %d: %s is %d, %v, %v; want %q", name, r.Frame, c.Name, n.At[i], has, many, text)
		}
	}
}
