package database_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // reads what was written

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/database"
)

// open opens a database that was written.
func open(t *testing.T, content []byte) *sql.DB {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.sqlite")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// query is what a query gives in its first row, as texts, missing ones as "NULL".
func query(t *testing.T, db *sql.DB, q string) string {
	t.Helper()
	rows, err := db.Query(q)
	if err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil || !rows.Next() {
		t.Fatalf("%s: no row: %v %v", q, err, rows.Err())
	}
	cells, to := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range cells {
		to[i] = &cells[i]
	}
	if err := rows.Scan(to...); err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, c := range cells {
		if !c.Valid {
			c.String = "NULL"
		}
		words = append(words, c.String)
	}
	return strings.Join(words, "|")
}

// TestValues wants numbers of 64 bits as text, to the last digit, the others as integers, missing ones as NULL.
func TestValues(t *testing.T) {
	fields := []export.Field{
		{Name: "capture", Type: export.Text, Append: func(dst []byte, _ *export.Record) []byte { return append(dst, `it's "quoted"`...) }},
		{Name: "key", Bits: 64, Number: func(*export.Record) (uint64, bool) { return math.MaxUint64, true }},
		{Name: "number", Bits: 32, Number: func(*export.Record) (uint64, bool) { return math.MaxUint32, true }},
		{Name: "at", Type: export.Duration, Number: func(*export.Record) (uint64, bool) { before := int64(-5); return uint64(before), true }},
		{Name: "flag", Type: export.Bool, Number: func(*export.Record) (uint64, bool) { return 1, true }},
		{Name: "missing", Bits: 64, Number: func(*export.Record) (uint64, bool) { return 0, false }},
		{Name: "list", Type: export.List, Bits: 32, List: func(dst []uint64, _ *export.Record) []uint64 { return append(dst, 3, 30) }},
		{Name: `a "b" c`, Type: export.Text, Append: func(dst []byte, _ *export.Record) []byte { return dst }},
	}
	var chosen []export.Selected
	for i := range fields {
		chosen = append(chosen, export.Selected{Field: &fields[i], Head: fields[i].Name})
	}
	var out bytes.Buffer
	e, err := database.Format().Open(&out, export.Output{Sheets: []export.Sheet{{Table: &export.Table{Name: "made"}, Fields: chosen}}, Meta: map[string]string{"version": "1"}})
	if err == nil {
		err = e.Add(0, &export.Record{})
	}
	if err == nil {
		err = e.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, out.Bytes())
	const want = `it's "quoted"|18446744073709551615|4294967295|-5|1|NULL|3,30|NULL`
	if got := query(t, db, "select * from made"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	const types = "text|text|integer|integer|integer|null"
	if got := query(t, db, `select typeof(capture), typeof("key"), typeof(number), typeof("at"), typeof(flag), typeof(missing) from made`); got != types {
		t.Errorf("%s, want %s", got, types)
	}
	if got := query(t, db, "select value from about where name = 'version'"); got != "1" {
		t.Errorf("version %s", got)
	}
}

// written is a capture as a database, added to base if there is one.
func written(t *testing.T, name, base string) ([]byte, error) {
	t.Helper()
	job, err := export.NewJob(export.Request{Format: "sqlite"}, []export.Format{database.Format()})
	if err != nil {
		t.Fatal(err)
	}
	job.Output.Base = base
	var out bytes.Buffer
	w, err := job.Open(&out)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Trace(context.Background(), name, coretest.Trace(t, name), nil); err != nil {
		w.Abandon()
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// TestTables wants all tables, their rows joined by keys, and indexes; a second capture is added, the same one refused.
func TestTables(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	const first, second = "two-path-upload.client.pcapng", "two-path-upload.server.pcapng"
	content, err := written(t, first, "")
	if err == nil {
		content = mustAdd(t, content, second)
	}
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, content)
	for q, want := range map[string]string{
		"pragma integrity_check":                                                                                                    "ok",
		"select count(*) from sqlite_master where type = 'table'":                                                                   strconv.Itoa(len(export.Tables()) + 1), // and about
		"select count(*), count(distinct capture) from packets":                                                                     "4627|2",
		"select count(distinct client_key) from mptcp_connections":                                                                  "1",
		"select count(*) from packets p left join tcp_streams s using (capture, tcpstream) where s.capture is null":                 "0",
		"select count(*) from options o left join packets p using (capture, packetid) where p.capture is null":                      "0",
		"select count(*) from packets p where tcplen > 0 and not exists (select 1 from subflows s where s.tcpstream = p.tcpstream)": "0",
		"select sum(bytes_to_server) = (select sum(tcplen) from packets where tcpdest = 'Server') from tcp_streams":                 "1",
	} {
		if got := query(t, db, q); got != want {
			t.Errorf("%s: %s, want %s", q, got, want)
		}
	}
	base := filepath.Join(t.TempDir(), "base.sqlite")
	if err := os.WriteFile(base, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := written(t, first, base); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("the same capture again: %v", err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v %v", left, err)
	}
}

// mustAdd adds a capture to a database.
func mustAdd(t *testing.T, content []byte, name string) []byte {
	t.Helper()
	base := filepath.Join(t.TempDir(), "base.sqlite")
	if err := os.WriteFile(base, content, 0o600); err != nil {
		t.Fatal(err)
	}
	more, err := written(t, name, base)
	if err != nil {
		t.Fatal(err)
	}
	return more
}

// TestImport wants delimited text back as it was, and says what is wrong with other text.
func TestImport(t *testing.T) {
	var out bytes.Buffer
	rows, err := database.Import(context.Background(), &out, strings.NewReader("\uFEFF\"a\"|b c\n1|x\n|\"y|\"\"z\"\n"), '|', "a table")
	if err != nil || rows != 2 {
		t.Fatalf("%d rows: %v", rows, err)
	}
	db := open(t, out.Bytes())
	if got := query(t, db, `select group_concat(a || ':' || "b c", ';') from "a table"`); got != `1:x;:y|"z` {
		t.Errorf("%s", got)
	}
	for text, want := range map[string]string{"": "is empty", "a|a\n": "duplicate column", "a|b\n1\n": "wrong number of fields"} {
		if _, err := database.Import(context.Background(), &out, strings.NewReader(text), '|', "t"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if _, err := database.Import(stopped, &out, strings.NewReader("a\n1\n"), '|', "t"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v after the end of the context", err)
	}
}
