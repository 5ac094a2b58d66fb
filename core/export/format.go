package export

import (
	"fmt"
	"io"
	"path"
	"strings"
)

// Format is a way to write tables. Those here are plain text; others are made by the packages that know them.
type Format struct {
	Name       string   // "csv"
	Extensions []string // ".csv"
	Doc        string
	Many       bool // holds several tables
	Frames     bool // writes packets, not tables: its records have their frames
	// Open starts an output. What it returns is closed only when all went well.
	Open func(w io.Writer, o Output) (Encoder, error)
}

// Output is what a format is asked to write.
type Output struct {
	Sheets    []Sheet
	Delimiter byte              // between the columns of delimited text; 0 for the format's own
	Meta      map[string]string // what a format notes that can: program, version, capture
	Base      string            // a file of the same format that is added to, or empty; only of formats that can
}

// Delimiter reads what stands between the columns of delimited text: one character, that no number and no address has; \t is
// a tab.
func Delimiter(word string) (byte, error) {
	if word == `\t` {
		return '\t', nil
	}
	if len(word) != 1 || word[0] < ' ' && word[0] != '\t' || word[0] >= 0x7f || strings.ContainsAny(word, `".:-_`) || isAlphanumeric(word[0]) {
		return 0, fmt.Errorf(`%q: one character is wanted, no letter, digit or quote, and none of . : - _; \t is a tab`, word)
	}
	return word[0], nil
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// Sheet is a table with the fields chosen of it.
type Sheet struct {
	Table  *Table
	Fields []Selected
}

// Encoder writes records. Add takes them in any order of sheets, each sheet's in order. Of what Record.Numbers do not tell it
// asks a record only after Record.Whole, or Record.Shape of another table than that of the packets.
type Encoder interface {
	Add(sheet int, r *Record) error
	// Close writes what is left. It does not close the writer.
	Close() error
}

// Formats lists the formats that need no library.
func Formats() []Format {
	return []Format{
		{Name: "csv", Extensions: []string{".csv"}, Doc: "delimited text, quoted as RFC 4180 says", Open: openDelimited('|')},
		{Name: "tsv", Extensions: []string{".tsv", ".tab"}, Doc: "text with tabs between the columns", Open: openDelimited('\t')},
		{Name: "jsonl", Extensions: []string{".jsonl", ".ndjson"}, Doc: "JSON Lines: an object a row, 64-bit numbers as strings", Open: openJSON},
	}
}

// FormatByName finds a format by its name among those that there are.
func FormatByName(name string, formats []Format) (Format, error) {
	var names []string
	for _, f := range formats {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("unknown format %q: %s", name, suggestion(name, names))
}

// FormatByFile finds a format by the extension of a file's name; ok is false if none has it.
func FormatByFile(name string, formats []Format) (format Format, ok bool) {
	extension := strings.ToLower(path.Ext(strings.ReplaceAll(name, `\`, "/")))
	for _, f := range formats {
		for _, e := range f.Extensions {
			if e == extension {
				return f, true
			}
		}
	}
	return Format{}, false
}
