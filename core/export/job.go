package export

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/mask"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Request says in words what is to be written. The zero value is the packets in the original's 38 columns, as CSV.
type Request struct {
	Tables    []string // "packets" if empty
	Format    string   // name of a format; "csv" if empty
	Fields    []string // names, "head=name", or groups; for one table only
	Layout    string   // for packets, in place of Fields
	Absolute  bool     // TCP sequence numbers as they stand in the packets
	Delimiter byte     // between the columns of delimited text; 0 for the format's own
	Meta      map[string]string
	Select    Select
	// Mask, if set, replaces what tells who spoke in the rows before they are written.
	Mask *mask.Mask
	// Verdicts, if set, concludes on the connections of a loaded capture, by their place in Trace.Conns; a capture that is
	// streamed is told by what the dissection saw.
	Verdicts func(t *trace.Trace) func(index int) Verdict
	// Issues, if set, lists what is suspicious in a loaded capture; of one that is streamed what the dissection reports is told.
	Issues func(t *trace.Trace) []Issue
}

// Verdict is what became of a connection.
type Verdict struct {
	Key    string // stable name
	Why    string // why it is plain TCP, empty if it is not
	Packet uint32 // id of the packet that shows it, 0 for none
}

// Select says which packets are kept. The zero value keeps all. Tables of streams, connections, subflows and issues keep those
// that MPTCP and TCP name.
type Select struct {
	Where   func(c *trace.Context, r *trace.Row) bool
	MPTCP   []uint32 // mptcp.stream, any of them
	TCP     []uint32 // tcp.stream, any of them
	Dest    stream.Dest
	DropSYN bool
	From    int64 // ns since the first frame of the capture, which others may be older than; valid iff HasFrom
	HasFrom bool
	To      int64 // the same, valid iff HasTo; From and To are kept themselves
	HasTo   bool
}

// Job is a request that was understood. It may be run several times, once at a time.
type Job struct {
	Format Format
	Output Output
	sel    Select
	mask   *mask.Mask
	judge  func(t *trace.Trace) func(index int) Verdict
	issues func(t *trace.Trace) []Issue
}

// NewJob understands a request; its errors name what is wrong and what would be right.
func NewJob(q Request, formats []Format) (*Job, error) {
	if q.Format == "" {
		q.Format = "csv"
	}
	format, err := FormatByName(q.Format, formats)
	if err != nil {
		return nil, err
	}
	j := &Job{Format: format, sel: q.Select, mask: q.Mask, judge: q.Verdicts, issues: q.Issues, Output: Output{Delimiter: q.Delimiter, Meta: q.Meta}}
	names := q.Tables
	if len(names) == 0 {
		if names = []string{"packets"}; format.Many {
			names = TableNames()
		}
	}
	if len(names) > 1 && !format.Many {
		return nil, fmt.Errorf("a file of format %s holds one table, not %d (%s)", format.Name, len(names), strings.Join(names, ", "))
	}
	if len(names) > 1 && (len(q.Fields) > 0 || q.Layout != "") {
		return nil, errors.New("fields are chosen of one table: name it (--table)")
	}
	for _, name := range names {
		t, err := TableByName(name)
		if err != nil {
			return nil, err
		}
		fields, err := q.fields(t, format)
		if err != nil {
			return nil, err
		}
		j.Output.Sheets = append(j.Output.Sheets, Sheet{Table: t, Fields: fields})
	}
	return j, nil
}

// Writes says whether a table of that name is written.
func (j *Job) Writes(table string) bool {
	return slices.ContainsFunc(j.Output.Sheets, func(s Sheet) bool { return s.Table.Name == table })
}

// fields is the choice of a table's fields.
func (q *Request) fields(t *Table, format Format) ([]Selected, error) {
	var chosen []Selected
	layout := q.Layout
	if layout == "" && t.Name == "packets" && (format.Name == "csv" || format.Name == "tsv") {
		layout = "mptcpanalyzer"
	}
	switch {
	case q.Layout != "" && len(q.Fields) > 0:
		return nil, errors.New("either a layout or fields, not both")
	case q.Layout != "" && t.Name != "packets":
		return nil, fmt.Errorf("layout %s is one of the packets, not of table %s", q.Layout, t.Name)
	case layout == "" || len(q.Fields) > 0:
		words := q.Fields
		if len(words) == 0 {
			words = t.usual()
		}
		picked, err := t.Pick(words)
		if err != nil {
			return nil, err
		}
		chosen = picked
	default:
		l, err := layoutByName(layout)
		if err != nil {
			return nil, err
		}
		if chosen, err = l.selected(t); err != nil {
			return nil, err
		}
	}
	if q.Absolute {
		absolute(t, chosen)
	}
	return chosen, nil
}

// absolute puts raw TCP numbers in the place of relative ones, under their heads.
func absolute(t *Table, chosen []Selected) {
	for i := range chosen {
		if name := chosen[i].Name; name == "tcpseq" || name == "tcpack" {
			chosen[i].Field = t.field(name + "_raw")
		}
	}
}

// everything says that no packet is left out.
func (s *Select) everything() bool {
	return s.Where == nil && s.MPTCP == nil && s.TCP == nil && s.Dest == stream.DestUnknown && !s.DropSYN && !s.HasFrom && !s.HasTo
}

// keeps says whether a row is wanted.
func (s *Select) keeps(c *trace.Context, r *trace.Row) bool {
	switch {
	case s.MPTCP != nil && (!r.InConn || !slices.Contains(s.MPTCP, r.ConnID)),
		s.TCP != nil && !slices.Contains(s.TCP, r.Stream),
		s.DropSYN && r.Flags&stream.SYN != 0,
		s.HasFrom && r.RelTime < s.From,
		s.HasTo && r.RelTime > s.To,
		s.Dest != stream.DestUnknown && s.Dest != toward(r):
		return false
	}
	return s.Where == nil || s.Where(c, r)
}

// toward is the end that a row travels to: of its connection, or else of its stream.
func toward(r *trace.Row) stream.Dest {
	if r.InConn {
		return r.ConnDest
	}
	return r.Dest
}
