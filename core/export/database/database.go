// Package database writes tables as an SQLite database, and imports delimited text into one. It is for native programs:
//
//	job, err := export.NewJob(q, append(export.Formats(), database.Format()))
//
// The tables are those of export.Tables, streams and connections as tcp_streams and mptcp_connections, with keys and indexes.
// Whole numbers are integers, but those of 64 bits (keys, data sequence numbers) are decimal text, because
// SQLite would turn the large ones into floats; times are integers of nanoseconds; lists are text with commas.
//
// The database is made in a temporary file and copied to the output when it is whole. Where the system can do so, the file
// has no name: nothing is left if the program is killed.
package database

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// Format is SQLite.
func Format() export.Format {
	return export.Format{Name: "sqlite", Extensions: []string{".sqlite", ".sqlite3", ".db"}, Doc: "SQLite database of all tables", Many: true, Open: open}
}

// layout is what a database says of a table beside its fields.
type layout struct {
	name    string     // where it is not the table's own
	key     []string   // the columns that tell its rows apart
	indexes [][]string // the columns that rows are looked for by
}

// layouts are the tables' own, by their names; a table that is not there has neither key nor index.
var layouts = map[string]layout{
	"packets": {key: []string{"capture", "packetid"}, indexes: [][]string{{"capture", "tcpstream"}, {"capture", "mptcpstream"}, {"abstime"}}},
	"streams": {name: "tcp_streams", key: []string{"capture", "tcpstream"}},
	"connections": {name: "mptcp_connections", key: []string{"capture", "mptcpstream"},
		indexes: [][]string{{"client_key"}, {"server_key"}}},
	"subflows":     {key: []string{"capture", "mptcpstream", "subflow"}, indexes: [][]string{{"capture", "tcpstream"}}},
	"options":      {key: []string{"capture", "packetid", "place"}, indexes: [][]string{{"name"}}},
	"mappings":     {indexes: [][]string{{"capture", "packetid"}}},
	"reinjections": {key: []string{"capture", "packetid", "reinjection_of"}},
}

func tableName(table string) string { return cmp.Or(layouts[table].name, table) }

// encoder fills a database in a temporary file.
type encoder struct {
	out    io.Writer
	file   *os.File
	named  bool // the file could not be removed while it is open, or was not yet
	db     *sql.DB
	tx     *sql.Tx
	sheets []sheet
}

type sheet struct {
	fields []export.Selected
	insert *sql.Stmt
	values []any
	name   string
	text   []byte
}

func open(w io.Writer, o export.Output) (_ export.Encoder, err error) {
	e := &encoder{out: w}
	defer func() {
		if err != nil {
			e.drop()
		}
		if err != nil && o.Base != "" {
			err = fmt.Errorf("%s: %w", o.Base, err)
		}
	}()
	if err := e.begin(o.Base); err != nil {
		return nil, err
	}
	for _, s := range o.Sheets {
		if err := e.create(s); err != nil {
			return nil, fmt.Errorf("table %s: %w", tableName(s.Table.Name), err)
		}
	}
	return e, e.note(o.Meta)
}

// begin makes the temporary file, a copy of base if there is one, and opens it as a database.
func (e *encoder) begin(base string) (err error) {
	if e.file, err = os.CreateTemp("", "mptcpanalyzer.*.sqlite"); err != nil {
		return err
	}
	e.named = true
	if base != "" {
		if err := fill(e.file, base); err != nil {
			return err
		}
	}
	if e.db, err = connect(e.file.Name()); err != nil {
		return err
	}
	e.named = os.Remove(e.file.Name()) != nil
	e.tx, err = e.db.Begin()
	return err
}

// connect opens a file of our own: nobody else reads it, and it is of no use if it does not become whole. The one connection
// is open when it returns, so that the name is not needed again.
func connect(file string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", file)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	for _, pragma := range []string{"journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "temp_store=MEMORY", "page_size=8192", "cache_size=-32000"} {
		if _, err := db.Exec("PRAGMA " + pragma); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

// fill copies a file into another.
func fill(f *os.File, from string) error {
	old, err := os.Open(from)
	if err != nil {
		return err
	}
	defer old.Close()
	_, err = io.Copy(f, old)
	return err
}

// create makes a table with its key and indexes, unless it is there, and prepares its insertion.
func (e *encoder) create(s export.Sheet) error {
	own, name := layouts[s.Table.Name], tableName(s.Table.Name)
	var heads, columns, marks []string
	has := map[string]string{} // head by field
	for _, f := range s.Fields {
		heads = append(heads, quote(f.Head))
		columns = append(columns, quote(f.Head)+" "+kind(f.Field))
		marks = append(marks, "?")
		has[f.Name] = f.Head
	}
	if key := named(has, own.key); key != "" {
		columns = append(columns, "PRIMARY KEY ("+key+")")
	}
	there, err := e.columnsOf(name)
	if err != nil {
		return err
	}
	if len(there) > 0 && !slices.EqualFunc(there, s.Fields, func(name string, f export.Selected) bool { return name == f.Head }) {
		return errors.New("has other columns: it is not added to")
	}
	statements := []string{"CREATE TABLE IF NOT EXISTS " + name + " (" + strings.Join(columns, ", ") + ")"}
	for _, index := range own.indexes {
		if list := named(has, index); list != "" {
			statements = append(statements, "CREATE INDEX IF NOT EXISTS "+name+"_"+index[len(index)-1]+" ON "+name+" ("+list+")")
		}
	}
	for _, statement := range statements {
		if _, err := e.tx.Exec(statement); err != nil {
			return err
		}
	}
	insert, err := e.tx.Prepare("INSERT INTO " + name + " (" + strings.Join(heads, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")")
	if err != nil {
		return err
	}
	e.sheets = append(e.sheets, sheet{fields: s.Fields, insert: insert, values: make([]any, len(s.Fields)), name: name})
	return nil
}

// columnsOf lists the columns of a table.
func (e *encoder) columnsOf(table string) (names []string, err error) {
	rows, err := e.tx.Query("SELECT name FROM pragma_table_info(?)", table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// named lists the heads of fields, empty unless all of them are there.
func named(has map[string]string, fields []string) string {
	var list []string
	for _, f := range fields {
		if has[f] == "" {
			return ""
		}
		list = append(list, quote(has[f]))
	}
	return strings.Join(list, ", ")
}

// quote makes an identifier of any word.
func quote(word string) string { return `"` + strings.ReplaceAll(word, `"`, `""`) + `"` }

// kind is the type of a field's column.
func kind(f *export.Field) string {
	if f.Type == export.Text || f.Type == export.List || f.Type == export.Unsigned && f.Bits == 64 {
		return "TEXT"
	}
	return "INTEGER"
}

// note writes what the database tells of itself.
func (e *encoder) note(meta map[string]string) error {
	if _, err := e.tx.Exec("CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT)"); err != nil {
		return err
	}
	var names []string
	for name := range meta {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if _, err := e.tx.Exec("INSERT OR REPLACE INTO about VALUES (?, ?)", name, meta[name]); err != nil {
			return err
		}
	}
	return nil
}

// Add inserts a record.
func (e *encoder) Add(number int, r *export.Record) error {
	s := &e.sheets[number]
	shape := r.Shape(false)
	for i := range s.fields {
		f := &s.fields[i]
		if s.values[i] = nil; f.Role(&shape) == export.Absent {
			continue
		}
		if kind(f.Field) == "TEXT" {
			if s.text = f.Text(s.text[:0], r); len(s.text) > 0 {
				s.values[i] = string(s.text)
			}
		} else if v, ok := f.Number(r); ok {
			s.values[i] = int64(v)
		}
	}
	if _, err := s.insert.Exec(s.values...); err != nil {
		if strings.Contains(err.Error(), "UNIQUE") {
			return fmt.Errorf("table %s has rows of a capture %q already", s.name, r.Capture.Name)
		}
		e.drop()
		return e.wrong(fmt.Errorf("table %s: %w", s.name, err))
	}
	return nil
}

// wrong names the folder that the database is made in, which is not that of the output.
func (e *encoder) wrong(err error) error {
	return fmt.Errorf("work file in %s: %w", filepath.Dir(e.file.Name()), err)
}

// Close finishes the database and copies it to the output.
func (e *encoder) Close() error {
	defer e.drop()
	if err := errors.Join(e.tx.Commit(), e.db.Close()); err != nil {
		return e.wrong(err)
	}
	if _, err := e.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(e.out, e.file)
	return err
}

// Abandon drops what was written.
func (e *encoder) Abandon() { e.drop() }

func (e *encoder) drop() {
	if e.db != nil {
		_ = e.db.Close() // the file goes
	}
	if e.file != nil {
		_ = e.file.Close()
	}
	if e.named {
		e.named = os.Remove(e.file.Name()) != nil // it is of no use any more
	}
}
