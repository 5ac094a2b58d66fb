package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

func runProgram(stdin string, args ...string) (stdout, stderr string, status int) {
	var out, err bytes.Buffer
	status = run(args, strings.NewReader(stdin), &out, &err)
	return out.String(), err.String(), status
}

// duo is a topology in the form of 2016, and list the same in that of the first examples.
const (
	duo  = `{"name": "duo", "sender": {"snd_buffer": 40}, "subflows": {"a": {"cwnd": 20, "mss": 1, "var": 10, "fowd": 19, "bowd": 20}, "b b": {"cwnd": 20, "mss": 1, "var": 10, "fowd": 20, "bowd": 20}}}`
	list = `{"sender": {"snd_buffer": 40}, "subflows": [{"name": "x", "cwnd": 10, "mss": 1, "f": 10, "b": 10}]}`
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestOneShot(t *testing.T) {
	file := write(t, "a b's.json", duo)
	for want, args := range map[string][]string{
		"Send buffer 40":                   {file, "print"},
		"timeout: throughput":              {file, "buffer", "--rto"},
		"A receive buffer of 40":           {file, "optbuffer"},
		"At best 1600":                     {file, "optcwnd"},
		"At best 1577":                     {file, "optcwnd", "--sfmin", "b b", "0.55"},
		"Overhead of the options":          {file, "overhead"},
		"\\begin{tabular}":                 {file, "overhead", "tex"},
		"every 1560 ms":                    {file, "cycle"},
		"the first window of a being lost": {file, "optbuffer", "--withstand-rto", "a"},
		"Nothing can be sent":              {file, "optcwnd", "--sfmin", "a=0.7", "--sfmax", "a", "0.2"},
		`\fB\-\-sfmin NAME=RATIO…\fR`:      {"--manual"},
		"The server advertised 64.5 kB at first, at most 530": {"from-capture", filepath.Join(coretest.Captures(), "two-path-upload.client.pcapng"), "0"},
		"every subflow send whenever it may, over 3085.38 ms": {"from-capture", filepath.Join(coretest.Captures(), "two-path-upload.client.pcapng"), "0", "optbuffer"},
		"subflow1": {"from-capture", filepath.Join(coretest.Captures(), "two-path-upload.client.pcapng"), "0", "print"},
	} {
		if stdout, stderr, status := runProgram("", args...); status != console.Fine || !strings.Contains(stdout, want) {
			t.Errorf("%v: status %d: %s%s\nwant %s", args[1:], status, stdout, stderr, want)
		}
	}
}

func TestScript(t *testing.T) {
	first, second := write(t, "duo.json", duo), write(t, "list.json", list)
	script := write(t, "s", "# a script\ncycle\nload_topology "+second+"\ncycle\nq\nnonsense\n")
	want := "The subflows are in step again every 1560 ms.\n\nThe subflows are in step again every 20 ms.\n"
	if stdout, stderr, status := runProgram("", "-b", script, first); status != console.Fine || stdout != want {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	if stdout, stderr, status := runProgram("load_from_file " + second + "\ncycle\n"); status != console.Fine || !strings.Contains(stdout, "every 20 ms") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	if _, stderr, status := runProgram("cycle\n"); status != console.Failed || !strings.Contains(stderr, "load_topology FILE") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

func TestFiles(t *testing.T) {
	file, dir := write(t, "duo.json", duo), t.TempDir()
	lp, answer := filepath.Join(dir, "p.lp"), filepath.Join(dir, "a.json")
	if _, stderr, status := runProgram("", file, "optcwnd", "-o", lp, "-j", answer); status != console.Fine {
		t.Fatalf("status %d: %s", status, stderr)
	}
	text, err := os.ReadFile(lp)
	if err != nil || !strings.HasPrefix(string(text), "\\ best congestion windows of duo\nMaximize\n") {
		t.Errorf("%s %v", text, err)
	}
	var a struct {
		Status   string
		Rcv_next int64
		Subflows []struct {
			Name string
			Rx   int64
		}
	}
	b, err := os.ReadFile(answer)
	if err == nil {
		err = json.Unmarshal(b, &a)
	}
	if err != nil || a.Status != "Optimal" || a.Rcv_next != 1600 || len(a.Subflows) != 2 || a.Subflows[0].Rx+a.Subflows[1].Rx != 1600 {
		t.Errorf("%s %v", b, err)
	}
}

func TestMistakes(t *testing.T) {
	file := write(t, "duo.json", duo)
	for want, args := range map[string][]string{
		"no such file":                       {"nosuch.json", "print"},
		"nosuch2.json: no such file":         {"nosuch2.json"},
		"is no ACTION":                       {file, "optbufer"},
		"line 2: is no JSON":                 {write(t, "x.json", "{\n{"), "print"},
		`there are no "subflows"`:            {write(t, "y.json", "{}"), "print"},
		"no delay is given":                  {write(t, "z.json", `{"subflows": [{"mss": 1, "cwnd": 1}]}`), "print"},
		"no segment size is given":           {write(t, "v.json", `{"subflows": [{"fowd": 1, "cwnd": 1}]}`), "print"},
		"fowd -1 is out of range":            {write(t, "u.json", `{"subflows": [{"fowd": -1, "mss": 1}]}`), "print"},
		`has no congestion window`:           {write(t, "w.json", `{"subflows": [{"fowd": 1, "mss": 1}]}`), "optbuffer"},
		"Infeasible":                         {file, "optcwnd", "--sfmincwnd", "a", "50"},
		"to be at least 50":                  {file, "optcwnd", "--sfmincwnd", "a", "50"},
		`there is no subflow "c"`:            {file, "optcwnd", "--sfmin", "c", "0.5"},
		"is not between 0 and 1":             {file, "optcwnd", "--sfmin", "a", "2"},
		"is not NAME=RATIO":                  {file, "optcwnd", "--sfmin", "a", "x"},
		"choose a shorter --duration":        {file, "optbuffer", "--duration", "99999999"},
		"gives no send buffer":               {write(t, "t.json", `{"subflows": [{"fowd": 1, "mss": 1, "cwnd": 1}]}`), "optcwnd"},
		"from-capture: which capture?":       {"from-capture"},
		"unknown flag: --nosuch":             {"--nosuch"},
		"is no number of milliseconds":       {file, "optbuffer", "--duration", "x"},
		"two subflows are called \"s\"":      {write(t, "r.json", `{"subflows": [{"name": "s", "fowd": 1, "mss": 1}, {"name": "s", "fowd": 1, "mss": 1}]}`), "print"},
		"cwnd 1.5 is no whole number":        {write(t, "q.json", `{"subflows": [{"cwnd": 1.5, "fowd": 1, "mss": 1}]}`), "print"},
		"either a command or a script":       {"-b", file, file, "print"},
		"there is no connection 9":           {"from-capture", filepath.Join(coretest.Captures(), "two-path-upload.client.pcapng"), "9"},
		"have no cycle of less than a centu": {write(t, "p.json", `{"subflows": [{"fowd": 999.983, "mss": 1, "cwnd": 1}, {"fowd": 999.979, "mss": 1, "cwnd": 1}, {"fowd": 999.961, "mss": 1, "cwnd": 1}]}`), "optbuffer"},
	} {
		if _, stderr, status := runProgram("", args...); status == console.Fine || !strings.Contains(stderr, want) {
			t.Errorf("%v: status %d: %s\nwant %s", args, status, stderr, want)
		}
	}
}
