package analysis

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// TestSweep holds that going once through all packets finds what each connection's packets by themselves tell.
func TestSweep(t *testing.T) {
	names, err := filepath.Glob("../../testdata/captures/*.pcapng")
	if err != nil || len(names) == 0 {
		t.Fatal("no captures", err)
	}
	most := 0
	for _, name := range names {
		tr := coretest.Trace(t, name)
		most = max(most, len(tr.Conns))
		for i, e := range sweep(tr, indexOptions(tr)) {
			alone := examine(tr, &tr.Conns[i])
			if got, want := e.findings(), alone.findings(); !reflect.DeepEqual(got, want) {
				t.Errorf("%s, connection %d: swept %+v, alone %+v", filepath.Base(name), i, got, want)
			}
			if !reflect.DeepEqual(e.lives, alone.lives) || !reflect.DeepEqual(e.failed.all, alone.failed.all) {
				t.Errorf("%s, connection %d: lives or failed checks differ", filepath.Base(name), i)
			}
		}
	}
	if most < 2 {
		t.Error("no capture has several connections")
	}
}
