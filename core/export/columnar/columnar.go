// Package columnar writes tables as Parquet and Arrow, with the libraries of Apache Arrow. It is for native programs:
//
//	job, err := export.NewJob(q, append(export.Formats(), columnar.Formats()...))
//	job, err := export.NewJob(q, []export.Format{columnar.Stream()}) // for a reader at the other end of a pipe
//
// Whole numbers keep their width, up to unsigned 64 bits. A time is a column of int64 nanoseconds, and beside it, under the
// same name with "_utc", a timestamp of microseconds in UTC, because Spark refuses nanosecond ones; a duration is int64
// nanoseconds. Words are dictionaries, but in Arrow files, where the library refuses dictionaries that grow, they are texts;
// lists are lists, what is missing is null. Names and types depend only on the fields chosen, so that files fit together;
// units, Wireshark's fields and meanings are in the metadata of the fields, the version of the program and of the schema in
// that of the file.
//
// It refuses to hold more than one table a file.
package columnar

import (
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// schemaVersion is raised when a column of a name gets another type or meaning.
const schemaVersion = "1"

// Formats are Parquet and Arrow.
func Formats() []export.Format {
	return []export.Format{
		{Name: "parquet", Extensions: []string{".parquet", ".pq"}, Doc: "Apache Parquet, compressed by zstd where that pays", Open: openParquet},
		{Name: "arrow", Extensions: []string{".arrow", ".feather"}, Doc: "Arrow IPC file (Feather 2)", Open: openArrow},
	}
}

// Stream is Arrow's streaming form, not compressed: what one program gives another through a pipe, where a file, whose
// index stands at its end, cannot be read.
func Stream() export.Format {
	return export.Format{Name: "arrows", Extensions: []string{".arrows"}, Doc: "Arrow IPC stream", Open: openStream}
}

// output takes finished batches: all columns have as many rows.
type output interface {
	batch(columns []column, rows int) error
	close() error
}

// encoder fills batches.
type encoder struct {
	out     output
	schema  *arrow.Schema
	columns []column
	plans   export.Plans[plan]
	capture *export.Origin // that the record before came from
	packets bool
	rows    int
	most    int // rows of a batch

	counters []counter
	counts   [mostCounts]counts // of the rows from dealt on
	dealt    int
}

func open(o export.Output, format string, most int) (*encoder, error) {
	if len(o.Sheets) != 1 {
		return nil, fmt.Errorf("a file of format %s holds one table, not %d", format, len(o.Sheets))
	}
	e := &encoder{most: most, packets: o.Sheets[0].Table.Name == "packets"}
	var fields []arrow.Field
	for _, f := range o.Sheets[0].Fields {
		for _, c := range columnsOf(f) {
			if a := c.about(); format == "arrow" && a.Type == export.Text {
				a.kind = arrow.BinaryTypes.String
			}
			fields = append(fields, c.about().field())
			e.columns = append(e.columns, c)
			if e.numbered(c) {
				e.counters = append(e.counters, c.(counter))
			}
		}
	}
	e.schema = arrow.NewSchema(fields, told(o))
	return e, nil
}

// told is what a file tells of itself.
func told(o export.Output) *arrow.Metadata {
	keys := []string{"mptcpanalyzer.schema", "mptcpanalyzer.table"}
	values := []string{schemaVersion, o.Sheets[0].Table.Name}
	var names []string
	for name := range o.Meta {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		keys, values = append(keys, "mptcpanalyzer."+name), append(values, o.Meta[name])
	}
	m := arrow.NewMetadata(keys, values)
	return &m
}

// onlyWriter hides that an output may be a file: the libraries would close it.
type onlyWriter struct{ io.Writer }

// plan is how the columns have the values of records of one shape.
type plan struct {
	counted uint64 // places of Record.Numbers, as bits, whose numbers are the values
	mixed   bool   // columns of such places are asked
	kept    []column
	asked   []column
}

// plan plans for records of a shape.
func (e *encoder) plan(s *export.Shape) *plan {
	p := &plan{}
	for _, c := range e.columns {
		a := c.about()
		role, numbered := a.Role(s), e.numbered(c)
		switch {
		case role == export.Absent:
		case role == export.Counted && numbered:
			p.counted |= 1 << (a.Place - 1)
		case a.IsAlike(s) && !numbered:
			p.kept = append(p.kept, c)
		default:
			p.asked, p.mixed = append(p.asked, c), p.mixed || numbered
		}
	}
	return p
}

// numbered says that a column takes its values from Record.Numbers where that has them.
func (e *encoder) numbered(c column) bool {
	_, can := c.(counter)
	return can && e.packets && c.about().Place > 0
}

// counter is a column that can take the numbers of several rows at once.
type counter interface {
	column
	// count takes the number at a place of each row that has one; the first one is that row of the batch.
	count(first int, rows []counts, place int)
}

// counts are the numbers of a row.
type counts struct {
	at  [64]uint64
	has uint64 // which of them are the values of columns
}

// mostCounts is of how many rows the numbers are collected, to be dealt out column by column.
const mostCounts = 64

// Add takes a record.
func (e *encoder) Add(_ int, r *export.Record) error {
	if r.Capture != e.capture {
		e.capture = r.Capture
		for _, c := range e.columns {
			c.forgetKept()
		}
	}
	shape := r.Shape(e.packets)
	p := e.plans.Of(&shape, e.plan)
	if p.mixed {
		e.deal()
	}
	for _, c := range p.kept {
		c.addKept(e.rows, r)
	}
	if len(p.asked) > 0 {
		r.Whole()
	}
	for _, c := range p.asked {
		c.add(e.rows, r)
	}
	k := e.rows - e.dealt
	e.counts[k].at, e.counts[k].has = r.Numbers.At, p.counted
	if e.rows++; k == mostCounts-1 {
		e.deal()
	}
	if e.rows == e.most {
		return e.flush()
	}
	return nil
}

// deal deals out the numbers that were collected.
func (e *encoder) deal() {
	rows := e.counts[:e.rows-e.dealt]
	for _, c := range e.counters {
		c.count(e.dealt, rows, c.about().Place-1)
	}
	e.dealt = e.rows
}

// flush writes the rows that were collected.
func (e *encoder) flush() error {
	e.deal()
	for _, c := range e.columns {
		c.end(e.rows)
	}
	err := e.out.batch(e.columns, e.rows)
	for _, c := range e.columns {
		c.begin()
	}
	e.rows, e.dealt = 0, 0
	return err
}

// Close writes what is left.
func (e *encoder) Close() error {
	if e.rows > 0 {
		if err := e.flush(); err != nil {
			return err
		}
	}
	return e.out.close()
}
