package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A small capture of our own, from end to end.
func TestParity(t *testing.T) {
	ts, err := newTshark()
	if err != nil {
		if _, missing := exec.LookPath("tshark"); missing != nil {
			t.Skip("tshark is not installed")
		}
		t.Fatal(err)
	}
	defer ts.close()
	r := newReport(ts.version, options{show: 5})
	if err := r.file(ts, filepath.Join("..", "captures", "fallback.client.pcapng")); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if !r.print(&out) {
		t.Error(out.String())
	}
	for _, n := range r.tallies {
		if n.compared == 0 || n.equal+n.explained != n.compared {
			t.Errorf("%+v", n)
		}
	}
	if !strings.Contains(out.String(), "no option, no analysis") {
		t.Errorf("the report does not name the cause:\n%s", out.String())
	}
}
