package core

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// dumpedFirst is how many packets dump shows unless told.
const dumpedFirst = 10

var dumpCommand = Command{
	Name:    "dump",
	Summary: "show columns of packets",
	Help: `One row a packet, with the columns that are named, by the names of the export (help columns lists them). Without names those
that tell most; frame is a packet's number in the file, as Wireshark counts. The first ten packets are shown, or as many as -n
says; for machines all of them.`,
	Examples: []Example{
		{"dump", "the first packets"},
		{"dump packetid dsn dack -n 20", "these columns of twenty packets"},
		{"dump --where tcplen > 0 && dsn == nil", "packets with data that no mapping covers"},
		{"dump packetid ipsrc -n 0 --csv", "two columns of all packets, for another program"},
	},
	Params: listing(
		Param{Name: "COLUMN", Kind: Column, Repeat: true, Doc: "a column of the packets"},
		Param{Name: "-n", Kind: Text, Value: "COUNT", Doc: "how many packets; 0 is all"},
		packetsWhere,
	),
	Run: runDump,
}

// dumpedColumns are shown when none is named.
var dumpedColumns = []string{"packetid", "reltime", "ipsrc", "sport", "ipdst", "dport", "tcpstream", "tcpflags", "tcpseq", "tcplen", "subtype", "dsn", "dack"}

func runDump(ctx context.Context, c *Call) error {
	l, err := c.Loaded()
	if err != nil {
		return err
	}
	columns, err := c.columns("COLUMN", dumpedColumns)
	if err != nil {
		return err
	}
	most, err := c.most()
	if err != nil {
		return err
	}
	rows, matched, err := c.dumped(ctx, l, most)
	if err != nil {
		return err
	}
	t := packetTable(l.Trace, columns, rows, c.Has("--json"))
	if len(rows) < matched {
		t.All = c.LineWithout("-n")
		if whereAt := strings.Index(t.All, " --where"); whereAt >= 0 {
			t.All = t.All[:whereAt] + " -n 0" + t.All[whereAt:]
		} else {
			t.All += " -n 0"
		}
		t.Title = fmt.Sprintf("First %s of %s packets", display.Whole(len(rows)), display.Whole(matched))
	}
	return c.stamped(l, t)
}

// columns are the packet columns that the words of a parameter name.
func (c *Call) columns(param string, otherwise []string) ([]*trace.Column, error) {
	named := c.args[param]
	var found []*trace.Column
	for _, w := range named {
		column := dumpedColumn(w.text)
		if column == nil {
			e := c.Misused(param, "unknown column %q", w.text)
			e.Start, e.End = w.start, w.end
			e.Suggestion = "help columns lists them"
			if n := nearest(w.text, columnNames()); n != "" {
				e.Suggestion = fmt.Sprintf("did you mean %s? (help columns lists them)", n)
			}
			return nil, e
		}
		found = append(found, column)
	}
	if len(named) == 0 {
		for _, name := range otherwise {
			found = append(found, trace.ColumnByName(name))
		}
	}
	return found, nil
}

// frameColumn is the number that Wireshark and the charts give a packet, which dump shows beside the columns of the trace.
func frameColumn() *trace.Column {
	frame := func(_ *trace.Context, r *trace.Row) (uint64, bool) { return uint64(r.Frame), true }
	return &trace.Column{
		Name: "frame", Field: "frame.number", Doc: "number of the frame in the file, from 1", Uint: frame,
		Append: func(dst []byte, _ *trace.Context, r *trace.Row) []byte {
			return strconv.AppendUint(dst, uint64(r.Frame), 10)
		},
	}
}

// dumpedColumn is the column with that name, nil if there is none.
func dumpedColumn(name string) *trace.Column {
	if name == "frame" {
		return frameColumn()
	}
	return trace.ColumnByName(name)
}

// shownColumns are all columns that dump shows and --where asks of.
func shownColumns() []*trace.Column {
	columns := []*trace.Column{frameColumn()}
	all := trace.Columns()
	for i := range all {
		columns = append(columns, &all[i])
	}
	return columns
}

// columnNames are their names.
func columnNames() []string {
	var names []string
	for _, c := range shownColumns() {
		names = append(names, c.Name)
	}
	return names
}

// most is what -n says; 0 is no limit.
func (c *Call) most() (int, error) {
	if !c.Has("-n") {
		if c.machine() {
			return 0, nil
		}
		return dumpedFirst, nil
	}
	n, err := strconv.Atoi(c.Word("-n"))
	if err != nil || n < 0 {
		return 0, c.Misused("-n", "%q is no count of packets", c.Word("-n"))
	}
	return n, nil
}

// dumped selects the rows to show, and says how many there are in all.
func (c *Call) dumped(ctx context.Context, l *Loaded, most int) (rows []uint32, matched int, err error) {
	p, err := c.packetsThat()
	if err != nil {
		return nil, 0, err
	}
	if p != nil {
		if rows, err = p.Rows(ctx, l.Trace, nil); err != nil {
			return nil, 0, err
		}
	} else {
		for row := range l.Trace.Len() {
			rows = append(rows, uint32(row))
		}
	}
	matched = len(rows)
	if most > 0 && most < len(rows) {
		rows = rows[:most]
	}
	return rows, matched, nil
}

// packetTable shows columns of rows. A cell is the text that the export writes there, or where numbers are wanted the
// number, the first one where several options have one.
func packetTable(t *trace.Trace, columns []*trace.Column, rows []uint32, numbers bool) *display.Table {
	on := &trace.Context{Interfaces: t.Interfaces}
	table := &display.Table{
		Name: "packets", Title: "Packets", Rows: len(rows), Empty: "no packet satisfies the condition",
		Cell: func(row, col int) display.Value {
			var r trace.Row
			t.Row(int(rows[row]), &r)
			return packetCell(on, &r, columns[col], numbers)
		},
		Open: func(row int) string { return fmt.Sprintf("packet %d", rows[row]+1) },
	}
	for _, c := range columns {
		table.Columns = append(table.Columns, display.Column{Key: c.Name, Head: c.Name, Doc: c.Doc, Exact: true, Big: c.Bits == 64})
	}
	return table
}

// packetCell reads a column of a row.
func packetCell(on *trace.Context, r *trace.Row, c *trace.Column, numbers bool) display.Value {
	text := string(c.Append(nil, on, r))
	if text == "" {
		return display.Value{}
	}
	if c.Uint == nil {
		return display.Str(text)
	}
	n, ok := c.Uint(on, r)
	switch {
	case !ok:
		return display.Str(text)
	case c.Name == "tcpstream" && r.InConn && !numbers:
		return display.Subflow(r.Ordinal, n)
	case c.Name == "abstime":
		return display.Time(int64(n))
	case c.Type == trace.Nanoseconds:
		return display.Duration(int64(n))
	case !numbers && strconv.FormatUint(n, 10) != text:
		return display.Str(text) // several options, or another form of the number
	}
	return display.Uint(n)
}
