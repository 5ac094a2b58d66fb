package main

import (
	"encoding/csv"
	"math"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// readTables is a script for Python that prints some columns of a file of ours as JSON.
const readTables = `import csv,json,sqlite3,sys
name,table,columns=sys.argv[1],sys.argv[2],sys.argv[3].split(",")
def text(v):
    return None if v is None or v=="" else ",".join(map(text,v)) if isinstance(v,list) else str(int(v)) if isinstance(v,bool) else str(v)
if name.endswith(".csv"):
    rows=[[r[c] for c in columns] for r in csv.DictReader(open(name,newline=""),delimiter="|")]
elif name.endswith(".jsonl"):
    rows=[[r.get(c) for c in columns] for r in map(json.loads,open(name))]
else:
    rows=sqlite3.connect(name).execute("select %s from %s order by rowid"%(",".join('"%s"'%c for c in columns),table))
print(json.dumps([[text(v) for v in r] for r in rows]))`

// typedReader reads a table of a typed format back, or skips the test where the reader is not installed.
type typedReader func(t *testing.T, file string, table *export.Table, columns string) [][]*string

func typedReaders() map[string]typedReader {
	byPython := func(t *testing.T, file string, table *export.Table, columns string) [][]*string {
		name := map[string]string{"streams": "tcp_streams", "connections": "mptcp_connections"}[table.Name]
		if name == "" {
			name = table.Name
		}
		return readBack(t, python(t, "sqlite3"), "-c", readTables, file, name, columns)
	}
	return map[string]typedReader{
		"csv": byPython, "jsonl": byPython, "sqlite": byPython,
		"parquet": func(t *testing.T, file string, _ *export.Table, columns string) [][]*string {
			return duck(t, `select "`+strings.ReplaceAll(columns, ",", `","`)+`" from '`+file+`'`)
		},
		"arrow": func(t *testing.T, file string, _ *export.Table, columns string) [][]*string {
			return reader(t, "arrow.mjs", "apache-arrow", file, columns)
		},
	}
}

// TestEveryTableReadBack has other people's readers read every column of every table in every format.
func TestEveryTableReadBack(t *testing.T) {
	for _, name := range []string{"handover.client.pcapng", "cause-join-forged-ack.server.pcapng"} {
		for _, table := range export.Tables() {
			var columns []string
			for _, f := range table.Fields {
				columns = append(columns, f.Name)
			}
			args := []string{capture(name), "--table", table.Name, "--fields", strings.Join(columns, ",")}
			text, stderr, status := runProgram("", append(args, "--format", "tsv")...)
			lines := csv.NewReader(strings.NewReader(text))
			lines.Comma = '\t'
			want, err := lines.ReadAll()
			if status != console.Fine || err != nil {
				t.Fatalf("%s: status %d: %s %v", name, status, stderr, err)
			}
			if table.Name == "packets" && !slices.ContainsFunc(want[1:], large(columns, "dsnraw64")) {
				t.Errorf("%s has no number above 2^63", name)
			}
			for format, read := range typedReaders() {
				t.Run(strings.Join([]string{name, table.Name, format}, "/"), func(t *testing.T) {
					file := exportTo(t, "a."+format, args...)
					if len(want) == 1 {
						return // no rows: that the file is written is enough
					}
					compare(t, read(t, file, table, strings.Join(columns, ",")), want[1:], func(_, c int, text string) string {
						if format == "csv" {
							return text
						}
						return typedText(&table.Fields[c], text)
					})
				})
			}
		}
	}
}

// large says of a row whether a column's number needs all 64 bits.
func large(columns []string, name string) func(row []string) bool {
	column := slices.Index(columns, name)
	return func(row []string) bool {
		v, err := strconv.ParseUint(row[column], 10, 64)
		return err == nil && v > math.MaxInt64
	}
}

// TestSeveralCapturesReadBack wants every row and packet of an output of two captures to tell of its own.
func TestSeveralCapturesReadBack(t *testing.T) {
	names := []string{"two-path-upload.client.pcapng", "two-path-upload.server.pcapng"}
	inputs, count := []string{capture(names[0]), capture(names[1])}, "select capture, count(*), count(distinct ipsrc), min(packetid), max(packetid) from "
	var want [][]string
	for i, input := range inputs {
		rows := itoa(len(table(t, input)))
		want = append(want, []string{names[i], rows, "3", "1", rows})
	}
	const tail = " group by capture order by capture"
	t.Run("parquet", func(t *testing.T) {
		compare(t, duck(t, count+"'"+exportTo(t, "a.parquet", inputs...)+"'"+tail), want, same)
	})
	t.Run("sqlite", func(t *testing.T) {
		const script = `import sqlite3,json,sys
print(json.dumps([[str(x) for x in r] for r in sqlite3.connect(sys.argv[1]).execute(sys.argv[2])]))`
		compare(t, readBack(t, python(t, "sqlite3"), "-c", script, exportTo(t, "a.sqlite", inputs...), count+"packets"+tail), want, same)
	})
	t.Run("pcapng", func(t *testing.T) {
		file := exportTo(t, "a.pcapng", inputs...)
		got := rows(tsharkFields(t, file, "tcp", "tcp.seq_raw", "frame.interface_name", "frame.interface_id"))
		var packets [][]string
		interfaces := map[string]string{} // of which capture, by number
		for i, input := range inputs {
			for _, row := range rows(tsharkFields(t, input, "mptcp or tcp and not icmp", "tcp.seq_raw", "frame.interface_name")) {
				if packets = append(packets, row); len(packets) > len(got) || !slices.Equal(got[len(packets)-1][:2], row) {
					t.Fatalf("packet %d is not that of %s", len(packets), names[i])
				}
				id := got[len(packets)-1][2]
				if of := interfaces[id]; of != "" && of != input {
					t.Fatalf("packet %d shares its interface with packets of %s", len(packets), of)
				}
				interfaces[id] = input
			}
		}
		if len(packets) != len(got) {
			t.Errorf("%d packets, want %d", len(got), len(packets))
		}
	})
}

// TestMasterAsWireshark wants packets to be of the initial subflow where Wireshark says so. Of connections whose MP_CAPABLE
// is not answered it says nothing.
func TestMasterAsWireshark(t *testing.T) {
	for _, name := range []string{"late-start.client.pcapng", "two-path-upload.server.pcapng", "signal-address.client.pcapng"} {
		want := rows(tsharkFields(t, capture(name), "mptcp or tcp and not icmp", "mptcp.master"))
		got := table(t, capture(name), "--fields", "master")
		if len(got) != len(want) {
			t.Fatalf("%s: %d packets, want %d", name, len(got), len(want))
		}
		for i := range want {
			if got[i][0] != want[i][0] {
				t.Fatalf("%s: packet %d: %q, tshark says %q", name, i+1, got[i][0], want[i][0])
			}
		}
	}
}

// tsharkFields has tshark print fields of a capture, with | between.
func tsharkFields(t *testing.T, file, filter string, fields ...string) string {
	t.Helper()
	path, err := exec.LookPath("tshark")
	if err != nil {
		t.Skip("tshark is not installed: pcapng is not read back with it")
	}
	args := []string{"-2", "-r", file, "-Y", filter, "-T", "fields", "-E", "separator=|"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	out, err := exec.Command(path, args...).Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	return string(out)
}

// typedText makes the CSV's text of a value that of a typed format.
func typedText(f *export.Field, text string) string {
	switch {
	case text == "":
		return ""
	case f.Type == export.Time || f.Type == export.Duration:
		return nanosecondsOf(0)(0, 0, text)
	case strings.HasPrefix(text, "0x") && f.Type == export.Unsigned:
		v, _ := strconv.ParseUint(text, 0, 64)
		return strconv.FormatUint(v, 10)
	}
	return text
}
