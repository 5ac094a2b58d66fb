package export_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/mask"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// TestMappingsWithoutPayload wants the 64-bit numbers of DATA_FINs that stand alone, where they are known; masked ones are as far from
// the initial number.
func TestMappingsWithoutPayload(t *testing.T) {
	const script = `
0 C>S 0 S mp_capable
0.01 S>C 0 S. mp_capable
0.02 C>S 0 . mp_capable
0.03 C>S 0 P. len=100 dss dsn4=1 ssn=1 ack8=1
0.04 C>S 0 . dss dsn4=101 ssn=0 dlen=1 fin ack8=1
0.05 S>C 0 . dss dsn8=1 ssn=0 dlen=1 fin ack8=102
0.06 C>S 0 . dss dsn4=101 ssn=0 dlen=1 fin ack8=2 mp_prio backup
1 C>S 1 S mp_join id=2 token=0x77
1.01 S>C 1 S. mp_join
1.02 C>S 1 . mp_join
1.03 C>S 1 . dss dsn4=1 ssn=0 dlen=1 fin ack4=1
`
	want := []string{
		"4|17699430019826020211|1|1", "5|17699430019826020311|101|0", "6|6006656914258689167|1|0", "7|17699430019826020311|101|0", "11|||0",
	}
	file, err := dissecttest.Capture(script)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := trace.Load(context.Background(), bytes.NewReader(file), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	q := export.Request{Tables: []string{"mappings"}, Fields: []string{"packetid", "dsnraw64", "dsn", "dss_ssn"}}
	lines := func() []string { return strings.Split(strings.TrimSpace(write(t, tr, q)), "\n")[1:] }
	if got := lines(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if q.Mask, err = mask.New(bytes.Repeat([]byte{7}, 32)); err != nil {
		t.Fatal(err)
	}
	for i, line := range lines() {
		got, open := strings.Split(line, "|"), strings.Split(want[i], "|")
		if got[2] != open[2] || (got[1] == "") != (open[1] == "") || got[1] != "" && got[1] == open[1] {
			t.Errorf("masked: %q, open %q", line, want[i])
		}
	}
}
