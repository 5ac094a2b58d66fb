package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// captures are some of ours that differ.
var captures = []string{"two-path-upload.client.pcapng", "handover.server.pcapng", "fallback.client.pcapng", "ipv6-checksum.client.pcapng",
	"late-start.client.pcapng", "signal-address.client.pcapng", "fastclose.client.pcapng", "many-connections.client.pcapng"}

// write writes a loaded capture, once under each name.
func write(t *testing.T, tr *trace.Trace, q export.Request, names ...string) string {
	t.Helper()
	job, err := export.NewJob(q, export.Formats())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := job.Open(&out)
	if err != nil {
		t.Fatal(err)
	}
	if names == nil {
		names = []string{"a.pcapng"}
	}
	for _, name := range names {
		if err := w.Trace(context.Background(), name, tr, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// read parses delimited text.
func read(t *testing.T, text string, delimiter rune) [][]string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = delimiter
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestPacketsAreTheColumns wants every cell to be the text that the trace's column gives, by whatever short way the
// writer took to it.
func TestPacketsAreTheColumns(t *testing.T) {
	for _, name := range captures {
		tr := coretest.Trace(t, name)
		rows := read(t, write(t, tr, export.Request{Delimiter: ','}), ',')
		columns := trace.Columns()
		if len(rows) != tr.Len()+1 {
			t.Fatalf("%s: %d rows of %d", name, len(rows)-1, tr.Len())
		}
		var row trace.Row
		c := &trace.Context{Interfaces: tr.Interfaces}
		for i := range tr.Len() {
			tr.Row(i, &row)
			for k, head := range rows[0] {
				column := columns[slices.IndexFunc(columns, func(c trace.Column) bool { return c.Name == head })]
				if want := string(column.Append(nil, c, &row)); rows[i+1][k] != want {
					t.Fatalf("%s: packet %d: %s is %q, want %q", name, i+1, head, rows[i+1][k], want)
				}
			}
		}
	}
}

// TestSeveralCaptures wants every row to tell of its own capture, though the captures have the same streams.
func TestSeveralCaptures(t *testing.T) {
	tr := coretest.Trace(t, captures[0])
	fields, names := []string{"capture", "packetid", "ipsrc", "interface", "tcpstream"}, []string{"first.pcap", "second.pcap"}
	for _, format := range []string{"csv", "jsonl"} {
		out := write(t, tr, export.Request{Format: format, Fields: fields}, names...)
		for _, name := range names {
			if n := strings.Count(out, name); n != tr.Len() {
				t.Errorf("%s: %d rows of %s, want %d", format, n, name, tr.Len())
			}
		}
	}
}

// TestStreamedAsLoaded wants the same from a capture that is read as from one that was loaded.
func TestStreamedAsLoaded(t *testing.T) {
	for _, name := range captures {
		for _, table := range export.TableNames() {
			q := export.Request{Tables: []string{table}, Fields: []string{"all"}, Format: "jsonl"}
			loaded := write(t, coretest.Trace(t, name), q)
			job, err := export.NewJob(q, export.Formats())
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			w, err := job.Open(&out)
			if err != nil {
				t.Fatal(err)
			}
			f, err := os.Open(filepath.Join(coretest.Captures(), name))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := w.Scan(context.Background(), "a.pcapng", f, trace.Options{}); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			if out.String() != loaded {
				t.Errorf("%s: table %s differs: %d bytes streamed, %d loaded", name, table, out.Len(), len(loaded))
			}
		}
	}
}

func TestLayouts(t *testing.T) {
	tr := coretest.Trace(t, captures[0])
	for layout, want := range map[string]struct {
		columns     int
		first, last string
	}{
		"mptcpanalyzer": {38, "packetid", "reinjected_in"},
		"wireshark":     {38, "frame.number", "mptcp.reinjected_in"},
		"seed":          {31, "frame.number", "mptcp.dsn"},
		"haskell":       {31, "absTime", "tsval"},
	} {
		rows := read(t, write(t, tr, export.Request{Layout: layout}), '|')
		head := rows[0]
		if len(head) != want.columns || head[0] != want.first || head[len(head)-1] != want.last {
			t.Errorf("%s: %d columns from %s to %s", layout, len(head), head[0], head[len(head)-1])
		}
		if layout == "haskell" && !slices.IsSorted(head[:27]) {
			t.Errorf("haskell: the heads are not in order: %v", head)
		}
		if layout == "seed" && rows[1][slices.Index(head, "tcp.flags")] != "2" {
			t.Errorf("seed: the flags of a SYN are %q", rows[1][slices.Index(head, "tcp.flags")])
		}
	}
}

// TestTimeDelta adds up the times between packets.
func TestTimeDelta(t *testing.T) {
	tr := coretest.Trace(t, captures[0])
	rows := read(t, write(t, tr, export.Request{Fields: []string{"time_delta", "reltime"}}), '|')[1:]
	sum := nanoseconds(t, rows[0][1])
	for i, row := range rows {
		if sum += nanoseconds(t, row[0]); sum != nanoseconds(t, row[1]) {
			t.Fatalf("packet %d: %d ns after the first, not %s s", i+1, sum, row[1])
		}
	}
}

func nanoseconds(t *testing.T, s string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(strings.Replace(s, ".", "", 1), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSelect(t *testing.T) {
	tr := coretest.Trace(t, "many-connections.client.pcapng")
	count := func(keep func(r *trace.Row) bool) (n int) {
		var row trace.Row
		for i := range tr.Len() {
			if tr.Row(i, &row); keep(&row) {
				n++
			}
		}
		return n
	}
	for name, test := range map[string]struct {
		sel  export.Select
		keep func(r *trace.Row) bool
	}{
		"all":   {export.Select{}, func(*trace.Row) bool { return true }},
		"mptcp": {export.Select{MPTCP: []uint32{1, 3}}, func(r *trace.Row) bool { return r.InConn && (r.ConnID == 1 || r.ConnID == 3) }},
		"tcp":   {export.Select{TCP: []uint32{2}}, func(r *trace.Row) bool { return r.Stream == 2 }},
		"dest": {export.Select{Dest: stream.Server}, func(r *trace.Row) bool {
			return r.ConnDest == stream.Server && r.InConn || !r.InConn && r.Dest == stream.Server
		}},
		"no SYN": {export.Select{DropSYN: true}, func(r *trace.Row) bool { return r.Flags&stream.SYN == 0 }},
		"times":  {export.Select{From: 2e7, HasFrom: true, To: 5e7, HasTo: true}, func(r *trace.Row) bool { return r.RelTime >= 2e7 && r.RelTime <= 5e7 }},
		"where":  {export.Select{Where: func(_ *trace.Context, r *trace.Row) bool { return r.Len > 0 }}, func(r *trace.Row) bool { return r.Len > 0 }},
	} {
		want := count(test.keep)
		got := len(read(t, write(t, tr, export.Request{Select: test.sel}), '|')) - 1
		if got != want || want == 0 {
			t.Errorf("%s: %d rows, want %d", name, got, want)
		}
	}
}

// TestAbsolute takes the raw numbers apart from the initial one of the SYN.
func TestAbsolute(t *testing.T) {
	tr := coretest.Trace(t, captures[0])
	q := export.Request{Fields: []string{"tcpstream", "tcpdest", "tcpseq"}}
	relative := read(t, write(t, tr, q), '|')[1:]
	q.Absolute = true
	absolute := read(t, write(t, tr, q), '|')[1:]
	first := map[string]uint32{}
	for i := range relative {
		key := relative[i][0] + relative[i][1]
		r, _ := strconv.ParseUint(relative[i][2], 10, 32)
		a, _ := strconv.ParseUint(absolute[i][2], 10, 32)
		if _, seen := first[key]; !seen {
			first[key] = uint32(a - r)
		}
		if uint32(a)-uint32(r) != first[key] {
			t.Fatalf("packet %d: raw %d, relative %d", i+1, a, r)
		}
	}
	if len(first) != 4 {
		t.Errorf("%d directions", len(first))
	}
}

// TestJSON wants of JSON Lines the values of CSV.
func TestJSON(t *testing.T) {
	tr := coretest.Trace(t, captures[0])
	fields := []string{"packetid", "sendkey", "related_mappings", "interface", "mptcpdest", "master", "reltime"}
	rows := read(t, write(t, tr, export.Request{Fields: fields}), '|')[1:]
	for i, line := range strings.Split(strings.TrimSpace(write(t, tr, export.Request{Fields: fields, Format: "jsonl"})), "\n") {
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		var object map[string]any
		if err := d.Decode(&object); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		for k, field := range fields {
			if got := plain(object[field], field); got != rows[i][k] {
				t.Fatalf("line %d: %s is %s, CSV has %s", i+1, field, got, rows[i][k])
			}
		}
	}
}

// plain is the CSV form of a JSON value.
func plain(v any, field string) string {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "1"
		}
		return "0"
	case string:
		if field == "reltime" {
			v = strings.Repeat("0", max(0, 10-len(v))) + v
			return v[:len(v)-9] + "." + v[len(v)-9:]
		}
		return v
	case []any:
		var list []string
		for _, n := range v {
			list = append(list, n.(json.Number).String())
		}
		return strings.Join(list, ",")
	}
	return ""
}

func TestMistakes(t *testing.T) {
	for message, q := range map[string]export.Request{
		`unknown table "packet": did you mean packets?`:        {Tables: []string{"packet"}},
		`unknown format "cvs": did you mean csv?`:              {Format: "cvs"},
		`unknown layout "wirshark": did you mean wireshark?`:   {Layout: "wirshark"},
		`unknown field "dns" of table packets: did you mean`:   {Fields: []string{"dns"}},
		`either a layout or fields`:                            {Layout: "seed", Fields: []string{"dsn"}},
		`layout seed is one of the packets`:                    {Layout: "seed", Tables: []string{"streams"}},
		`a file of format csv holds one table, not 2`:          {Tables: []string{"streams", "packets"}},
		`"dss" is a group of fields of the packets`:            {Fields: []string{"dss"}, Tables: []string{"streams"}},
		`unknown field "x" of table issues: there are capture`: {Fields: []string{"x"}, Tables: []string{"issues"}},
	} {
		if _, err := export.NewJob(q, export.Formats()); err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("%v, want %s", err, message)
		}
	}
}

// TestFormatByFile finds formats by names of files.
func TestFormatByFile(t *testing.T) {
	for name, want := range map[string]string{"a.csv": "csv", "b.C/x.TSV": "tsv", `c:\d.ndjson`: "jsonl", "e.txt": "", "csv": ""} {
		f, ok := export.FormatByFile(name, export.Formats())
		if f.Name != want || ok != (want != "") {
			t.Errorf("%s: %q", name, f.Name)
		}
	}
}
