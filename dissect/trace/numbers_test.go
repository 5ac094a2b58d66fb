package trace_test

import (
	"strconv"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// checkNumbers compares the numbers of a row with its columns, one by one, and with those that a pass reads.
func checkNumbers(t *testing.T, name string, tr *trace.Trace, pass *numberPass, r *trace.Row) {
	t.Helper()
	n := trace.Numbers{Has: 1<<64 - 1, Many: 1<<64 - 1}
	r.Numbers(&n)
	checkPass(t, name, pass, r, &n)
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

// numberPass is a pass, and how many rows it read of how many.
type numberPass struct {
	*trace.NumberPass
	read, of int
}

// checkPass compares the numbers of a row with those that a pass reads, if it does.
func checkPass(t *testing.T, name string, pass *numberPass, r *trace.Row, want *trace.Numbers) {
	t.Helper()
	pass.of++
	got := trace.Numbers{Has: 1<<64 - 1, Many: 1<<64 - 1, Carried: 1<<16 - 1, Lone: true}
	if !pass.At(r.ID-1, &got) {
		return
	}
	pass.read++
	for i := range got.At {
		if want.Has>>i&1 == 0 {
			got.At[i] = want.At[i]
		}
	}
	if got != *want {
		t.Errorf("%s: frame %d: a pass reads %+v, the row has %+v", name, r.Frame, got, *want)
	}
}
