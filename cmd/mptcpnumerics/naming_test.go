package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// TestNaming holds that errors are told in the words that were typed.
func TestNaming(t *testing.T) {
	capture := filepath.Join(coretest.Captures(), "two-path-upload.client.pcapng")
	line := "  mptcpnumerics from-capture " + capture + " 9 buffer\n"
	under := "  " + strings.Repeat(" ", len("mptcpnumerics from-capture "+capture+" ")) + "^\n"
	_, stderr, status := runProgram("", "from-capture", capture, "9", "buffer")
	if want := "error: mptcpnumerics: there is no connection 9: the only one is 0\n" + line + under + "usage: mptcpnumerics from-capture CAPTURE "; status == console.Fine || !strings.HasPrefix(stderr, want) {
		t.Errorf("status %d: %s\nwant %s", status, stderr, want)
	}
	_, stderr, _ = runProgram("", "nosuch.json")
	if want := "error: mptcpnumerics: nosuch.json: no such file\n  mptcpnumerics nosuch.json\n                ^^^^^^^^^^^\n"; stderr != want {
		t.Errorf("%s\nwant %s", stderr, want)
	}
	file := write(t, "duo.json", duo)
	for _, args := range [][]string{{"help"}, {file, "help"}} {
		stdout, stderr, status := runProgram("", args...)
		if status != console.Fine || !strings.Contains(stdout, "    mptcpnumerics TOPOLOGY ") || !strings.Contains(stdout, "  mptcpnumerics from-capture CAPTURE 0 ") || strings.Contains(stdout, "  numerics ") {
			t.Errorf("%v: status %d: %s%s", args, status, stdout, stderr)
		}
	}
	if stdout, _, _ := runProgram("help\n", file); !strings.Contains(stdout, "    mptcpnumerics TOPOLOGY ") {
		t.Errorf("the interpreter's help: %s", stdout)
	}
}
