// Package sheet reads a table of packets as if it were a capture: an export of this program, or of one of its earlier
// generations, where the capture itself is gone.
//
//	if sheet.Looks(first) {
//		c, err := sheet.Read(r)
//		t, err := trace.Load(ctx, c, trace.Options{Start: &c.Start})
//	}
//
// Each row becomes a packet with headers and without payload, so that a trace is made of it in the ordinary way: what the
// table says is in it, and what follows from that is computed anew. Known are the columns of package trace by their names,
// by Wireshark's fields, and by the names of the Haskell generation (layout.go), in any order, separated by | , ; or a tab.
//
// What a table does not tell stays open: nonces and HMACs of joins, announced addresses and reset reasons are as if the
// capture had cut them, never made up. Raw sequence numbers are unknown: the relative ones are told from a number that
// depends on the addresses only. Priorities (MP_PRIO) are left out, as no column has their flag.
//
// It refuses tables without the columns that a packet needs, and rows whose numbers are none, with the line.
package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Capture is a table turned into a capture file, to be read once. Start is the time of the first frame of the capture that
// the table was made of, in ns since the epoch: its packets may begin later.
type Capture struct {
	io.Reader
	Start int64
}

// Looks says whether a file that begins so is a table of packets. The first line must be there whole.
func Looks(first []byte) bool {
	line, _, found := bytes.Cut(first, []byte("\n"))
	if !found || bytes.IndexByte(line, 0) >= 0 {
		return false
	}
	head := strings.TrimSpace(string(line))
	columns := columnsOf(strings.Split(head, string(delimiterOf(head))))
	return columns["tcpstream"] != 0 && columns["ipsrc"] != 0
}

// delimiterOf is the character between the columns of a head.
func delimiterOf(head string) rune {
	best, most := '|', 0
	for _, d := range "|,;\t" {
		if n := strings.Count(head, string(d)); n > most {
			best, most = d, n
		}
	}
	return best
}

// needed are the columns that a packet cannot do without.
var needed = [...]string{"ipsrc", "ipdst", "sport", "dport", "tcpstream", "tcpflags", "tcpseq", "tcplen"}

// Read reads a whole table.
func Read(r io.Reader) (*Capture, error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	all = bytes.TrimPrefix(all, []byte("\xef\xbb\xbf"))
	head, _, _ := strings.Cut(string(all), "\n")
	in := csv.NewReader(bytes.NewReader(all))
	in.Comma, in.Comment, in.FieldsPerRecord, in.LazyQuotes = delimiterOf(head), '#', -1, true
	names, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("the table has no line of column names: %w", err)
	}
	columns := columnsOf(names)
	var lacking []string
	for _, name := range needed {
		if columns[name] == 0 {
			lacking = append(lacking, name)
		}
	}
	if columns["abstime"] == 0 && columns["reltime"] == 0 {
		lacking = append(lacking, "abstime")
	}
	if len(lacking) > 0 {
		return nil, fmt.Errorf("the table has no column %s", strings.Join(lacking, ", "))
	}
	var rows []*row
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("the table: %w", err) // which has the line
		}
		p, err := parse(columns, cells)
		if err != nil {
			line, _ := in.FieldPos(0)
			return nil, fmt.Errorf("line %d of the table: %w", line, err)
		}
		rows = append(rows, p)
	}
	return write(rows), nil
}
