package export_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// TestOlderThanTheFirst keeps packets whose time is before that of the first frame, unless a bound leaves them out.
func TestOlderThanTheFirst(t *testing.T) {
	file, err := dissecttest.Capture("1 C>S 0 S mp_capable\n0.5 S>C 0 S. mp_capable\n1.25 C>S 0 . mp_capable\n")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := trace.Load(context.Background(), bytes.NewReader(file), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		sel  export.Select
		want []string
	}{
		"all":              {export.Select{}, []string{"1", "2", "3"}},
		"by another wish":  {export.Select{TCP: []uint32{0}}, []string{"1", "2", "3"}},
		"from the first":   {export.Select{HasFrom: true}, []string{"1", "3"}},
		"from before it":   {export.Select{From: -5e8, HasFrom: true}, []string{"1", "2", "3"}},
		"from behind it":   {export.Select{From: 1, HasFrom: true}, []string{"3"}},
		"up to the first":  {export.Select{HasTo: true}, []string{"1", "2"}},
		"only before it":   {export.Select{To: -1, HasTo: true}, []string{"2"}},
		"nothing so early": {export.Select{To: -5e8 - 1, HasTo: true}, nil},
	} {
		var got []string
		for _, row := range read(t, write(t, tr, export.Request{Select: test.sel, Fields: []string{"packetid"}}), '|')[1:] {
			got = append(got, row[0])
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: packets %q, want %q", name, got, test.want)
		}
	}
}
