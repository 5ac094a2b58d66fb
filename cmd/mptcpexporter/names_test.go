package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
)

func TestCaptureNames(t *testing.T) {
	for _, c := range []struct{ inputs, want []string }{
		{[]string{"a.pcap", "runs/b.pcap"}, []string{"a.pcap", "b.pcap"}},
		{[]string{"runs/1/a.pcap", "runs/2/a.pcap", "b.pcap"}, []string{"1/a.pcap", "2/a.pcap", "b.pcap"}},
		{[]string{"x/1/a.pcap", "y/1/a.pcap"}, []string{"x/1/a.pcap", "y/1/a.pcap"}},
		{[]string{"a.pcap", "/old/a.pcap"}, []string{"a.pcap", "old/a.pcap"}},
		{[]string{"a.pcap", "a.pcap"}, []string{"a.pcap", "a.pcap"}},
		{[]string{"-"}, []string{"-"}},
	} {
		if got := captureNames(c.inputs); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.inputs, got, c.want)
		}
	}
}

// Files of one name in several folders stay apart: in a database, and in the folders of a dataset.
func TestSameNameInTwoFolders(t *testing.T) {
	dir := t.TempDir()
	var inputs []string
	for i, run := range []string{"one", "two"} {
		file := filepath.Join(dir, run, "client.pcapng")
		whole, err := os.ReadFile(capture(samples[i]))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, whole, 0o666); err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, file)
	}
	base := filepath.Join(dir, "all.sqlite")
	set := filepath.Join(dir, "set")
	for _, args := range [][]string{{"-o", base}, {"--partition", "capture", "-o", set}} {
		if _, stderr, status := runProgram("", append(args, inputs...)...); status != console.Fine {
			t.Fatalf("%q: status %d: %s", args, status, stderr)
		}
	}
	if parts, _ := filepath.Glob(filepath.Join(set, "capture=*")); len(parts) != 2 || filepath.Base(parts[0]) != "capture=one%2Fclient.pcapng" {
		t.Errorf("folders %q", parts)
	}
	db, err := sql.Open("sqlite", base)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var count int
	if err := db.QueryRow("SELECT count(DISTINCT capture) FROM packets").Scan(&count); err != nil || count != 2 {
		t.Errorf("%d captures: %v", count, err)
	}
}
