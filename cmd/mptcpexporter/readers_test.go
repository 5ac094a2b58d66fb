package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// Other people's readers read what we write; every cell must be that of the CSV, which is compared with tshark.

// readBack has a reader print a table as JSON: a list of rows, each a list of texts or null.
func readBack(t *testing.T, name string, args ...string) [][]*string {
	t.Helper()
	cmd := exec.Command(name, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, stderr.String())
	}
	var table [][]*string
	if err := json.Unmarshal(out, &table); err != nil {
		t.Fatalf("%v in %.200s", err, out)
	}
	return table
}

// python is Debian's, which has the modules that apt installs; the test is left out without one of them.
func python(t *testing.T, module string) string {
	t.Helper()
	const path = "/usr/bin/python3"
	if err := exec.Command(path, "-c", "import "+module).Run(); err != nil {
		t.Skipf("Python's %s is not installed: nothing is read back with it", module)
	}
	return path
}

// exportTo writes captures to a file of that name, by its extension.
func exportTo(t *testing.T, file string, args ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), file)
	if _, stderr, status := runProgram("", append(args, "-o", out)...); status != console.Fine {
		t.Fatalf("status %d: %s", status, stderr)
	}
	return out
}

// table is the CSV of a capture, without the heads.
func table(t *testing.T, args ...string) [][]string {
	t.Helper()
	stdout, stderr, status := runProgram("", append(args, "--format", "tsv")...)
	if status != console.Fine {
		t.Fatalf("status %d: %s", status, stderr)
	}
	var all [][]string
	for _, line := range strings.Split(strings.TrimSuffix(stdout, "\n"), "\n") {
		all = append(all, strings.Split(line, "\t"))
	}
	return all[1:]
}

// compare wants the same cells; change makes the CSV's text of a cell that of the reader.
func compare(t *testing.T, got [][]*string, want [][]string, change func(row, column int, text string) string) {
	t.Helper()
	if len(got) != len(want) || len(want) == 0 {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
	for r := range want {
		for c := range want[r] {
			text, cell := change(r, c, want[r][c]), ""
			if got[r][c] != nil {
				cell = *got[r][c]
			}
			if cell != text {
				t.Fatalf("row %d, column %d: %q, want %q", r+1, c+1, cell, text)
			}
		}
	}
}

func same(_, _ int, text string) string { return text }

// nanoseconds drops the point of times, which are whole numbers of nanoseconds in typed formats.
func nanosecondsOf(columns ...int) func(int, int, string) string {
	return func(_, c int, text string) string {
		if !slices.Contains(columns, c) || text == "" {
			return text
		}
		if text = strings.TrimLeft(strings.Replace(text, ".", "", 1), "0"); text == "" {
			return "0"
		}
		return text
	}
}

var samples = []string{"two-path-upload.client.pcapng", "handover.server.pcapng", "many-connections.client.pcapng", "signal-address.client.pcapng"}

func TestPythonReadsCSV(t *testing.T) {
	py := python(t, "csv")
	for _, name := range samples {
		file := exportTo(t, "a.csv", capture(name), "-d", ",")
		got := readBack(t, py, "-c", `import csv,json,sys; r=list(csv.reader(open(sys.argv[1],newline=""))); print(json.dumps(r[1:]))`, file)
		compare(t, got, table(t, capture(name)), same)
	}
}

func TestPandasReadsCSV(t *testing.T) {
	py := python(t, "pandas")
	file := exportTo(t, "a.csv", capture(samples[0]))
	got := readBack(t, py, "-c", `import pandas,json,sys
d=pandas.read_csv(sys.argv[1],sep="|",comment="#",dtype={"dsnraw64":"UInt64","dss_dsn":"UInt64","packetid":"UInt64","dsn":"UInt64"})
print(json.dumps([[str(x) if not pandas.isna(x) else None for x in r] for r in d[["packetid","dsnraw64","dss_dsn","dsn"]].itertuples(index=False)]))`, file)
	compare(t, got, table(t, capture(samples[0]), "--fields", "packetid,dsnraw64,dss_dsn,dsn"), same)
}

func TestPythonReadsSQLite(t *testing.T) {
	py := python(t, "sqlite3")
	const script = `import sqlite3,json,sys
c=sqlite3.connect(sys.argv[1]); assert c.execute("pragma integrity_check").fetchone()==("ok",)
print(json.dumps([[None if x is None else str(x) for x in r] for r in c.execute(sys.argv[2])]))`
	for _, name := range samples {
		file := exportTo(t, "a.sqlite", capture(name))
		want := table(t, capture(name), "--fields", "packetid,reltime,abstime,ipsrc,tcpstream,tcpflags=tcpflags,sendkey,dsnraw64,dsn,related_mappings,client_key")
		for _, row := range want {
			row[5] = "" // hexadecimal in text, a number there
		}
		got := readBack(t, py, "-c", script, file, "select packetid,reltime,abstime,ipsrc,tcpstream,null,sendkey,dsnraw64,dsn,related_mappings,client_key from packets order by packetid")
		compare(t, got, want, nanosecondsOf(1, 2))
		for csv, sql := range map[string]string{"streams": "tcp_streams", "connections": "mptcp_connections", "subflows": "subflows", "options": "options", "mappings": "mappings", "reinjections": "reinjections"} {
			stdout, _, _ := runProgram("", "--table", csv, "--format", "tsv", capture(name))
			rows := strings.Count(stdout, "\n") - 1
			if got := readBack(t, py, "-c", script, file, "select count(*) from "+sql); *got[0][0] != itoa(rows) {
				t.Errorf("%s: table %s has %s rows, want %d", name, sql, *got[0][0], rows)
			}
		}
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

// reader runs one of testdata/readers, if `make readers` has installed what it needs.
func reader(t *testing.T, script, module string, args ...string) [][]*string {
	t.Helper()
	folder := filepath.Join(coretest.Root(), "testdata", "readers")
	node, err := exec.LookPath("node")
	if _, missing := os.Stat(filepath.Join(folder, "node_modules", module)); err != nil || missing != nil {
		t.Skipf("%s is not installed (make readers): nothing is read back with it", module)
	}
	return readBack(t, node, append([]string{filepath.Join(folder, script)}, args...)...)
}

func duck(t *testing.T, query string) [][]*string {
	t.Helper()
	return reader(t, "duck.mjs", "@duckdb/node-api", query)
}

func TestJavaScriptReadsArrow(t *testing.T) {
	const fields = "packetid,reltime,abstime,interface,ipsrc,sport,tcpoptions,sendkey,subtype,dss_dsn,dsnraw64,dsn,related_mappings,reinjected_in,mptcpdest"
	for _, name := range samples {
		file := exportTo(t, "a.arrow", capture(name))
		compare(t, reader(t, "arrow.mjs", "apache-arrow", file, fields), table(t, capture(name), "--fields", fields), nanosecondsOf(1, 2))
	}
}

func TestDuckDBReadsParquet(t *testing.T) {
	const fields = "packetid,reltime,abstime,interface,ipsrc,tcpstream,sport,rwnd,tcpoptions,tcpseq,sendkey,recvtok,datafin,subtype,dss_dsn,dss_rawack,addrid,dsnraw64,dack,dsn,related_mappings,reinjection_of,reinjected_in,client_key,mptcpdest"
	for _, name := range samples {
		file := exportTo(t, "a.parquet", capture(name))
		got := duck(t, "select "+fields+" from '"+file+"' order by packetid")
		compare(t, got, table(t, capture(name), "--fields", fields), nanosecondsOf(1, 2))
		times := duck(t, "select count(*) from '"+file+"' where epoch_us(abstime_utc) <> abstime // 1000")
		if *times[0][0] != "0" {
			t.Errorf("%s: %s timestamps differ from the nanoseconds", name, *times[0][0])
		}
	}
}

func TestDuckDBReadsDataset(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "set")
	client, server := capture("two-path-upload.client.pcapng"), capture("two-path-upload.server.pcapng")
	for _, args := range [][]string{{client}, {"--append", server}} {
		if _, stderr, status := runProgram("", append(args, "--partition", "capture,mptcpstream", "-o", dir)...); status != console.Fine {
			t.Fatalf("status %d: %s", status, stderr)
		}
	}
	if _, stderr, status := runProgram("", "--append", server, "--partition", "capture,mptcpstream", "-o", dir); status != console.Failed || !strings.Contains(stderr, "there already") {
		t.Errorf("the same capture twice: status %d: %s", status, stderr)
	}
	for _, by := range []string{"capture", "mptcpstream,capture", "capture,mptcpstream,tcpstream"} {
		if _, stderr, status := runProgram("", "--append", server, "--partition", by, "-o", dir); status != console.Failed || !strings.Contains(stderr, "is partitioned by capture,mptcpstream, not by "+by) {
			t.Errorf("by %s: status %d: %s", by, status, stderr)
		}
	}
	if _, stderr, status := runProgram("", "--append", server, "--partition", "capture", "-o", filepath.Dir(client)); status != console.Failed || !strings.Contains(stderr, "is no dataset, and not empty") {
		t.Errorf("to another folder: status %d: %s", status, stderr)
	}
	got := duck(t, "select capture, count(*), max(mptcpstream) from read_parquet('"+dir+"/**/*.parquet', hive_partitioning=true) group by 1 order by 1")
	for i, file := range []string{client, server} {
		if rows := itoa(len(table(t, file))); *got[i][0] != filepath.Base(file) || *got[i][1] != rows || *got[i][2] != "0" {
			t.Errorf("%s: %s rows of connection %s, want %s", *got[i][0], *got[i][1], *got[i][2], rows)
		}
	}
	joined := duck(t, "with p as (select distinct capture, client_key, server_key from read_parquet('"+dir+"/**/*.parquet')) select count(*) from p a join p b using (client_key, server_key) where a.capture < b.capture")
	if *joined[0][0] != "1" {
		t.Errorf("%s connections are joined by their keys, want 1", *joined[0][0])
	}
}

// TestTsharkReadsPackets wants of the packets written the fields of those in the capture.
func TestTsharkReadsPackets(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed: pcapng is not read back with it")
	}
	name := capture("handover.client.pcapng")
	file := exportTo(t, "a.pcapng", name, "--tcp", "1")
	fields := func(file, filter string) []string {
		out, err := exec.Command("tshark", "-r", file, "-Y", filter, "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.len", "-e", "frame.cap_len",
			"-e", "frame.interface_name", "-e", "tcp.srcport", "-e", "tcp.seq_raw", "-e", "tcp.payload", "-e", "tcp.options").Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(string(out)), "\n")
	}
	got, want := fields(file, "tcp"), fields(name, "tcp.stream==1")
	if !slices.Equal(got, want) || len(want) < 10 {
		t.Errorf("%d packets written, %d in the capture, or they differ", len(got), len(want))
	}
	comments, err := exec.Command("tshark", "-r", file, "-T", "fields", "-e", "frame.comment").Output()
	if err != nil || strings.Count(string(comments), "mptcp connection 0, subflow 1 (tcp.stream 1), to ") != len(want) {
		t.Errorf("comments: %.200s %v", comments, err)
	}
}
