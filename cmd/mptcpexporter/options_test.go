package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
)

func TestMisuse(t *testing.T) {
	sample := capture("fallback.client.pcapng")
	for message, args := range map[string][]string{
		"either --relative or --absolute":            {"--relative", "--absolute", sample},
		"either --one-pass or --two-pass":            {"--one-pass", "--two-pass", sample},
		"standard input cannot be read twice":        {"--two-pass", "-"},
		"outputs are not packed":                     {"-o", "a.csv.gz", sample},
		`unknown format "cvs": did you mean csv?`:    {"--format", "cvs", sample},
		`unknown table "packet": did you mean`:       {"--table", "packet", sample},
		`did you mean tcplen?`:                       {"--where", "tcplne > 0", sample},
		"--dest Sever: Client or Server":             {"--dest", "Sever", sample},
		`--from: "x" is no time in seconds`:          {"--from", "x", sample},
		`--to: "1m" is no time in seconds`:           {"--to", "1m", sample},
		"--to 1 s is before --from 2 s":              {"--from", "2", "--to", "1", sample},
		"--mptcp a: a number is needed":              {"--mptcp", "a", sample},
		"a dataset is of format parquet, not csv":    {"--partition", "capture", "-o", "x", "--format", "csv", sample},
		"--partition needs a folder":                 {"--partition", "capture", sample},
		"--append needs an output file":              {"--append", sample},
		"cannot be added to":                         {"--append", "-o", "x.parquet", sample},
		"--key is the key of --anonymize":            {"--key", "x", sample},
		"standard input stands alone":                {"-", sample},
		"@nosuch: no such file":                      {"@nosuch"},
		"nosuch.json: no such file":                  {"--fields", "nosuch.json", sample},
		"pcap2csv takes a capture":                   {"pcap2csv"},
		"format jsonl has no delimiter":              {"--format", "jsonl", "-d", ",", sample},
		"fields are chosen of one table":             {"--format", "sqlite", "--fields", "dsn", sample},
		"either --split or --merge":                  {"--split", "--merge", sample},
		"would both be written to":                   {"--split", sample, sample},
		"either a layout or fields, not both":        {"--layout", "seed", "--fields", "dsn", sample},
		"-j 0: one capture at a time":                {"-j", "0", sample},
		`"dss" is a group of fields of the packets`:  {"--table", "issues", "--fields", "dss", sample},
		"a file of format parquet holds one table":   {"--table", "issues,packets", "--format", "parquet", sample},
		`unknown layout "sed": did you mean seed?`:   {"--layout", "sed", sample},
		"unknown flag: --wher":                       {"--wher", "x", sample},
		`delimiter "ab": one character is wanted`:    {"-d", "ab", sample},
		`delimiter "1": one character is wanted`:     {"-d", "1", sample},
		"csv2sql takes an input":                     {"csv2sql"},
		`"a" would be the head of two columns`:       {"--fields", "a=packetid,a=tcplen", sample},
		"did you mean pcap2csv?":                     {"pcap2cvs", sample},
		"csv2sql takes a whole table as it is":       {"csv2sql", "--anonymize", "x.csv"},
		"the output " + sample + " is the capture":   {sample, "-o", sample},
		`unknown field "x" of table connections: th`: {"--table", "connections", "--fields", "x", sample},
	} {
		if _, stderr, status := runProgram("", args...); status != console.Usage || !strings.Contains(stderr, message) {
			t.Errorf("%v: status %d: %s\nwant: %s", args, status, stderr, message)
		}
	}
}

// TestWarnings wants it to be said where an option does not do what its words promise.
func TestWarnings(t *testing.T) {
	file := capture(samples[0])
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"-o", filepath.Join(t.TempDir(), "a.parqet")}, "warning: no format has the extension .parqet"},
		{[]string{"-o", filepath.Join(t.TempDir(), "a.txt")}, ""},
		{[]string{"-o", filepath.Join(t.TempDir(), "a.dat"), "--format", "tsv"}, ""},
		{[]string{"--table", "streams", "--where", "tcplen > 0", "--from", "0"}, "warning: table streams tells of the whole capture, whatever packets --where, --from may choose"},
		{[]string{"--table", "streams", "--tcp", "0"}, ""},
		{[]string{"--table", "mappings", "--where", "tcplen > 0"}, ""},
	} {
		_, stderr, status := runProgram("", append(test.args, "--quiet", file)...)
		if status != console.Fine || !strings.HasPrefix(stderr, test.want) || test.want == "" && stderr != "" {
			t.Errorf("%v: status %d: %q, want %q", test.args, status, stderr, test.want)
		}
	}
}

// TestWhereIsMarked wants the wrong word underlined.
func TestWhereIsMarked(t *testing.T) {
	_, stderr, _ := runProgram("", "--where", "dsn > 0 and tcplne > 0", capture(samples[0]))
	if !strings.Contains(stderr, "\n  dsn > 0 and tcplne > 0\n              ^^^^^^\n") {
		t.Error(stderr)
	}
	if _, stderr, _ = runProgram("", "--where", "dsn > 0\nand tcplne > 0", capture(samples[0])); strings.Contains(stderr, "^") || strings.Contains(stderr, "\n\n") {
		t.Errorf("of two lines: %q", stderr)
	}
}

func TestSubcommands(t *testing.T) {
	sample, dir := capture(samples[0]), t.TempDir()
	t.Chdir(dir)
	fields := filepath.Join(dir, "f.json")
	if err := os.WriteFile(fields, []byte(`{"id": "frame.number", "dataack": "mptcp.ack", "seq": "tcpseq"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("args.cfg", []byte("# as ns3.cfg was\npcap2sql\n"+sample+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, args := range map[string][]string{
		"two-path-upload.client.csv":    {"pcap2csv", sample, fields, "-f", "mptcp and not icmp", "--relative", "--tshark", "/usr/bin/tshark"},
		"x.csv":                         {"pcap2csv", sample, "--output", "x.csv"},
		"two-path-upload.client.sqlite": {"@args.cfg"},
		"y.sqlite":                      {"csv2sql", "x.csv", "y.sqlite"},
	} {
		if file == "y.sqlite" {
			runProgram("", "pcap2csv", sample, "--output", "x.csv")
		}
		if _, stderr, status := runProgram("", args...); status != console.Fine {
			t.Fatalf("%v: status %d: %s", args, status, stderr)
		}
		if info, err := os.Stat(file); err != nil || info.Size() == 0 {
			t.Errorf("%v: %v", args, err)
		}
	}
	text, err := os.ReadFile("two-path-upload.client.csv")
	if err != nil || !strings.HasPrefix(string(text), "id|dataack|seq\n1||0\n") {
		t.Errorf("%.60s %v", text, err)
	}
}

// TestFieldFiles takes the file of fields that the original came with, and refuses what is none.
func TestFieldFiles(t *testing.T) {
	sample, file := capture("fallback.client.pcapng"), filepath.Join(t.TempDir(), "f.json")
	for content, want := range map[string]string{
		`{"packetid": "frame.number", "time": "frame.time", "ipsrc": "_ws.col.Source", "ipdst": "_ws.col.Destination", "dataack": "mptcp.dss.ack", "rawdataack": "mptcp.rawdataack"}`: "packetid|time|ipsrc|ipdst|dataack|rawdataack\n1|1795313774.760176865|10.0.1.1|10.0.1.2||\n",
		`["packetid", "flags=tcpflags"]`:    "packetid|flags\n1|0x0002\n",
		"\uFEFF[\"tcplen\"]":                "tcplen\n0\n",
		`{"a": "packetid", "b": 1}`:         "1 is no text",
		`{"a": "packetid"`:                  "ends in the middle",
		``:                                  "ends in the middle",
		`{"a": "packetid"} {}`:              "more stands behind the fields",
		`{}`:                                "names no field",
		`"packetid"`:                        "an object of heads and fields is needed",
		`{"a": "packetid", "a": "tcplen"}`:  `"a" would be the head of two columns`,
		`{"a": "packetid", "b": "packtid"}`: `did you mean packetid?`,
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, status := runProgram("", "--fields", file, sample)
		if good := strings.HasPrefix(stdout, want) && status == console.Fine; !good && (status != console.Usage || !strings.Contains(stderr, want)) {
			t.Errorf("%s: status %d: %.100s%s", content, status, stdout, stderr)
		}
	}
}

func TestSplit(t *testing.T) {
	dir := t.TempDir()
	args := []string{"--split", "-j", "2", "-o", dir, "--format", "tsv"}
	for _, s := range samples {
		args = append(args, capture(s))
	}
	if _, stderr, status := runProgram("", args...); status != console.Fine {
		t.Fatalf("status %d: %s", status, stderr)
	}
	for _, s := range samples {
		got, err := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(s, ".pcapng")+".tsv"))
		want, _, _ := runProgram("", "--format", "tsv", capture(s))
		if err != nil || string(got) != want {
			t.Errorf("%s: %d bytes, want %d: %v", s, len(got), len(want), err)
		}
	}
}

func TestAppend(t *testing.T) {
	for _, name := range []string{"a.csv", "a.jsonl", "a.sqlite"} {
		out := filepath.Join(t.TempDir(), name)
		for i, s := range samples[:2] {
			if _, stderr, status := runProgram("", "--append", "-o", out, capture(s)); status != console.Fine {
				t.Fatalf("%s %d: status %d: %s", name, i, status, stderr)
			}
		}
		got, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		if name == "a.sqlite" {
			if _, stderr, status := runProgram("", "--append", "-o", out, capture(samples[0])); status != console.Failed || !strings.Contains(stderr, "already") {
				t.Errorf("the same capture twice: status %d: %s", status, stderr)
			}
			continue
		}
		first, _, _ := runProgram("", "--format", name[2:], capture(samples[0]))
		second, _, _ := runProgram("", "--format", name[2:], capture(samples[1]))
		if name == "a.csv" {
			_, second, _ = strings.Cut(second, "\n")
		}
		if string(got) != first+second {
			t.Errorf("%s: %d bytes, want %d", name, len(got), len(first+second))
		}
	}
	base := exportTo(t, "a.sqlite", capture(samples[0]), "--table", "streams")
	if _, stderr, status := runProgram("", "--append", "-o", base, "--table", "streams", "--fields", "tcpstream", capture(samples[0])); status != console.Failed || !strings.Contains(stderr, "a.sqlite: table tcp_streams: has other columns") {
		t.Errorf("status %d: %s", status, stderr)
	}
	empty := filepath.Join(t.TempDir(), "empty.csv")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, status := runProgram("", "--append", "-o", empty, capture(samples[0])); status != console.Fine {
		t.Errorf("to an empty file: status %d: %s", status, stderr)
	}
	out := exportTo(t, "b.csv", capture(samples[0]), "--fields", "packetid")
	if _, stderr, status := runProgram("", "--append", "-o", out, capture(samples[1])); status != console.Failed || !strings.Contains(stderr, "other columns") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// TestStrict wants a capture with issues to fail, and one without to pass.
func TestStrict(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "a.csv")
	if _, stderr, status := runProgram("", "--strict", "-o", out, capture("checksum-failure.server.pcapng")); status != console.Failed || !strings.Contains(stderr, "wrong DSS checksum") {
		t.Errorf("status %d: %s", status, stderr)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	// What only the analysis knows of counts, from a pipe too; nothing is written before.
	file, err := os.ReadFile(capture("fallback.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"-", capture("fallback.client.pcapng")} {
		if text, stderr, status := runProgram(string(file), "--strict", name); status != console.Failed || text != "" || !strings.Contains(stderr, "2 issues, the gravest at packet 2: cannot tell: ") {
			t.Errorf("status %d, %d bytes: %s", status, len(text), stderr)
		}
	}
	if _, stderr, status := runProgram(string(file), "--strict", "--one-pass", "-o", out, "-"); status != console.Fine {
		t.Errorf("one pass: status %d: %s", status, stderr)
	}
	if _, stderr, status := runProgram("", "--strict", "-o", out, capture("cause-no-joins.client.pcapng")); status != console.Fine {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// TestIssueTable wants the issues of a connection, counted in the summary, and of an anonymized capture nothing but their kinds.
func TestIssueTable(t *testing.T) {
	name := capture("cause-key-changed.server.pcapng")
	text, stderr, status := runProgram("", "--table", "issues", "--format", "tsv", "--fields", "severity,mptcpstream,tcpstream,what,count", name)
	if rows := strings.Count(text, "\n") - 1; status != console.Fine || rows < 4 || !strings.Contains(stderr, counted(uint64(rows), "issue")) || !strings.Contains(text, "IDSN: expected 10152529729148664635") {
		t.Errorf("status %d: %s%s", status, text, stderr)
	}
	if chosen, _, _ := runProgram("", "--table", "issues", "--format", "tsv", "--fields", "severity,mptcpstream,tcpstream,what,count", "--mptcp", "0", name); chosen != text {
		t.Errorf("of the connection: %s", chosen)
	}
	if chosen, _, _ := runProgram("", "--table", "issues", "--fields", "what", "--tcp", "1", name); strings.Count(chosen, "join reset") != 1 || strings.Contains(chosen, "IDSN") {
		t.Errorf("of a stream: %s", chosen)
	}
	masked, stderr, status := runProgram("", "--anonymize", "--table", "issues", "--fields", "what", name)
	if status != console.Fine || strings.ContainsAny(masked, "0123456789") || !strings.Contains(masked, "IDSN\n") {
		t.Errorf("anonymized: status %d: %s%s", status, masked, stderr)
	}
}

// TestMerge wants two halves of a capture to be what the whole is.
func TestMerge(t *testing.T) {
	dir := t.TempDir()
	var parts []string
	for i, where := range []string{"packetid <= 1000", "packetid > 1000"} {
		part := filepath.Join(dir, []string{"1.pcapng", "2.pcapng"}[i])
		if _, stderr, status := runProgram("", "--where", where, "-o", part, capture(samples[0])); status != console.Fine {
			t.Fatalf("status %d: %s", status, stderr)
		}
		parts = append(parts, part)
	}
	const fields = "abstime,tcpstream,mptcpstream,tcpseq,dsn,dack,related_mappings,reinjection_of,reinjected_in"
	want, _, _ := runProgram("", "--fields", fields, capture(samples[0]))
	got, stderr, status := runProgram("", "--merge", "--fields", fields, parts[1], parts[0])
	if status != console.Fine || got != want {
		t.Errorf("status %d, %d bytes, want %d: %s", status, len(got), len(want), stderr)
	}
}

// TestMergeBlames wants the part that is no capture named.
func TestMergeBlames(t *testing.T) {
	junk := filepath.Join(t.TempDir(), "junk.pcap")
	if err := os.WriteFile(junk, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, stderr, status := runProgram("", "--merge", capture(samples[0]), junk); status != console.Failed || !strings.HasPrefix(stderr, "mptcpexporter: "+junk+": not a capture: looks like text") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// TestAbsent wants connections and streams that are not there to be an error, before anything is written.
func TestAbsent(t *testing.T) {
	one, nine, plain := capture("handover.client.pcapng"), capture("many-connections.client.pcapng"), filepath.Join(t.TempDir(), "plain.pcapng")
	if _, stderr, status := runProgram("", "--where", "mptcpstream == nil", "-o", plain, nine); status != console.Fine {
		t.Fatal(stderr)
	}
	out := filepath.Join(t.TempDir(), "a.csv")
	for _, c := range []struct {
		args   []string
		status int
		told   string
	}{
		{[]string{"--mptcp", "99", one}, console.Failed, "handover.client.pcapng: there is no MPTCP connection 99: the only one is 0\n"},
		{[]string{"--mptcp", "99", nine}, console.Failed, "there is no MPTCP connection 99: the ids are 0 to 7\n"},
		{[]string{"--tcp", "0,17", nine, "--format", "pcapng"}, console.Failed, "there is no TCP stream 17: the ids are 0 to 16\n"},
		{[]string{"--table", "streams", "--tcp", "4294967295", one}, console.Failed, "there is no TCP stream 4294967295: the ids are 0 to 1\n"},
		{[]string{"--mptcp", "0", plain}, console.Failed, "the capture has no MPTCP\n"},
		{[]string{"--one-pass", "--mptcp", "9", "-o", out, nine}, console.Failed, "there is no MPTCP connection 9: the ids are 0 to 7\n"},
		{[]string{"--mptcp", "9", "-o", out, one, nine}, console.Failed, "there is no MPTCP connection 9"},
		{[]string{"--mptcp", "7", "--fields", "packetid", one, nine}, console.Fine, "warning: " + one + ": there is no MPTCP connection 7: the only one is 0\n"},
	} {
		stdout, stderr, status := runProgram("", c.args...)
		if status != c.status || !strings.Contains(stderr, c.told) || status != console.Fine && stdout != "" && !slices.Contains(c.args, "--one-pass") {
			t.Errorf("%v: status %d, %d bytes: %s", c.args, status, len(stdout), stderr)
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a file was written")
	}
	content, err := os.ReadFile(one)
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr, status := runProgram(string(content), "--mptcp", "1", "-")
	if status != console.Fine || strings.Count(stdout, "\n") != 1 || !strings.Contains(stderr, "warning: standard input: there is no MPTCP connection 1: the only one is 0\n") {
		t.Errorf("from a pipe: status %d: %s", status, stderr)
	}
}

// TestConfiguration wants the delimiter of the configuration where the command line names none.
func TestConfiguration(t *testing.T) {
	sample, file := capture("fallback.client.pcapng"), filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte("[mptcpanalyzer]\ndelimiter = ;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"packetid;interface":  {"-c", file, sample},
		"packetid,interface":  {"-c", file, "-d", ",", sample},
		"packetid\tinterface": {"-c", file, "--format", "tsv", sample},
	} {
		if stdout, stderr, status := runProgram("", args...); status != console.Fine || !strings.HasPrefix(stdout, want) {
			t.Errorf("%v: status %d: %.40q %s", args, status, stdout, stderr)
		}
	}
	if _, stderr, status := runProgram("", "-c", "nosuch", sample); status != console.Failed || !strings.Contains(stderr, "nosuch") {
		t.Errorf("a configuration that is missing: status %d: %s", status, stderr)
	}
}
