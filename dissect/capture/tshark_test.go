package capture

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// tsharkOutput is what tshark printed: a line a frame, and its complaint.
type tsharkOutput struct {
	lines []string
	fault string // "", "short" or "damaged"
}

// runTshark lists fields of every frame of a file; it skips the test where tshark is not installed.
func runTshark(t *testing.T, file string, fields ...string) tsharkOutput {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	args := []string{"-r", file, "-T", "fields"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	var out, complaint bytes.Buffer
	cmd := exec.Command("tshark", args...)
	cmd.Env = append(cmd.Environ(), "WIRESHARK_CONFIG_DIR="+t.TempDir())
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	o := tsharkOutput{}
	if out.Len() > 0 {
		o.lines = strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	}
	switch text := complaint.String(); {
	case strings.Contains(text, "cut short"):
		o.fault = "short"
	case strings.Contains(text, "damaged or corrupt"):
		o.fault = "damaged"
	case err != nil:
		t.Fatalf("tshark: %v: %s", err, text)
	}
	return o
}
