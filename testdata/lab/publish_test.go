package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const published = "../captures"

func reports(t *testing.T) []Report {
	t.Helper()
	files, err := filepath.Glob(published + "/*.json")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d reports in %s, %v", len(files), published, err)
	}
	var all []Report
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var r Report
		if err := json.Unmarshal(b, &r); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		all = append(all, r)
	}
	return all
}

// sides gives the captures of a report that are published, with what it says of them.
func sides(r *Report) map[string]Counts {
	m := map[string]Counts{}
	for side, c := range map[string]Counts{"client": r.Captures.Client, "server": r.Captures.Server} {
		file := filepath.Join(published, r.Name+"."+side+".pcapng")
		if _, err := os.Stat(file); err == nil {
			m[file] = c
		}
	}
	return m
}

func TestREADMEHasTheTableOfTheReports(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "captures"), 0o755); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(published + "/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := copyFile(f, filepath.Join(dir, "captures", filepath.Base(f))); err != nil {
			t.Fatal(err)
		}
	}
	copied := filepath.Join(dir, "README.md")
	if err := os.WriteFile(copied, readme, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := publishTable(filepath.Join(dir, "captures")); err != nil {
		t.Fatal(err)
	}
	again, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(readme) {
		t.Errorf("the README's table is not what the reports give:\n%s", again)
	}
	for _, r := range reports(t) {
		if !strings.Contains(string(readme), "**"+r.Name+"**") {
			t.Errorf("the README tells no story of %s", r.Name)
		}
	}
}

func TestREADMEWithoutMarksIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(file, []byte("# Nothing\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := replaceTable(file, "| a |\n"); err == nil || !strings.Contains(err.Error(), "table") {
		t.Errorf("error %v", err)
	}
}

func TestPublishedCapturesAreWhole(t *testing.T) {
	var size int64
	for _, r := range reports(t) {
		found := sides(&r)
		if len(found) == 0 {
			t.Errorf("%s: a report without captures", r.Name)
		}
		for file, c := range found {
			if got := len(readCapture(t, file)); got != c.Frames || got == 0 {
				t.Errorf("%s: %d frames, its report says %d", file, got, c.Frames)
			}
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			size += info.Size()
		}
	}
	if size > 6<<20 {
		t.Errorf("the captures have %d bytes, more than 6 MB", size)
	}
}

// TestPublishedFlowsArrived checks that what one application sent is what the other received, in
// every flow that neither side gave up.
func TestPublishedFlowsArrived(t *testing.T) {
	whole := 0
	for _, r := range reports(t) {
		for _, f := range r.App {
			// With one subflow, what MP_FAIL is about is delivered all the same (RFC 8684 §3.7).
			if f.Client.Error != "" || f.Server.Error != "" || len(r.Failed) > 0 || r.Name == "cause-bad-checksum" {
				continue
			}
			whole++
			checkFlow(t, r.Name, f)
		}
	}
	if whole < 10 {
		t.Errorf("only %d flows came to their end", whole)
	}
}

func checkFlow(t *testing.T, name string, f FlowReport) {
	t.Helper()
	c, s := f.Client, f.Server
	if c.Sent == 0 || c.Sent != s.Received || c.SentSHA256 != s.ReceivedSHA256 || s.Sent != c.Received || s.SentSHA256 != c.ReceivedSHA256 {
		t.Errorf("%s: flow %d: %+v and %+v", name, f.Flow, c, s)
	}
}

// TestTsharkCountsTheSame compares the reports with Wireshark's reading of the captures.
func TestTsharkCountsTheSame(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	for _, r := range reports(t) {
		for file, c := range sides(&r) {
			rows := tshark(t, file, "frame.number", "tcp.stream", "mptcp.stream")
			got := Counts{Kept: len(rows), TCPStreams: distinct(rows, 1), MPTCP: distinct(rows, 2)}
			want := Counts{Kept: c.Kept, TCPStreams: c.TCPStreams, MPTCP: c.MPTCP}
			if got != want {
				t.Errorf("%s: tshark counts %+v, the report says %+v", file, got, want)
			}
		}
	}
}

// tshark gives fields of every kept frame of a capture.
func tshark(t *testing.T, file string, fields ...string) [][]string {
	t.Helper()
	args := []string{"-r", file, "-Y", "mptcp or tcp and not icmp", "-T", "fields"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	out, err := exec.Command("tshark", args...).Output()
	if err != nil {
		t.Fatalf("tshark on %s: %v", file, err)
	}
	var rows [][]string
	for line := range strings.Lines(string(out)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows
}

// distinct counts the values of a column, without the empty one.
func distinct(rows [][]string, column int) int {
	m := map[string]bool{}
	for _, r := range rows {
		if r[column] != "" {
			m[r[column]] = true
		}
	}
	return len(m)
}
