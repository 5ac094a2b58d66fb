// Package columnar writes tables as Parquet and Arrow, with the libraries of Apache Arrow. It is for native programs:
//
//	job, err := export.NewJob(q, append(export.Formats(), columnar.Formats()...))
//	job, err := export.NewJob(q, []export.Format{columnar.Stream()}) // for a reader at the other end of a pipe
//
// Whole numbers keep their width, up to unsigned 64 bits. A time is a column of int64 nanoseconds, and beside it, under the
// same name with "_utc", a timestamp of microseconds in UTC, because Spark refuses nanosecond ones; a duration is int64
// nanoseconds. Words are dictionaries, lists are lists, what is missing is null. Names and types depend only on the fields
// chosen, so that files fit together; units, Wireshark's fields and meanings are in the metadata of the fields, the
// version of the program and of the schema in that of the file.
//
// It refuses to hold more than one table a file.
package columnar

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// schemaVersion is raised when a column of a name gets another type or meaning.
const schemaVersion = "1"

// batchRows is how many rows are put together before they are written: a row group of Parquet, a batch of Arrow.
const batchRows = 1 << 16

// Formats are Parquet and Arrow.
func Formats() []export.Format {
	return []export.Format{
		{Name: "parquet", Extensions: []string{".parquet", ".pq"}, Doc: "Apache Parquet, compressed by zstd", Open: openParquet},
		{Name: "arrow", Extensions: []string{".arrow", ".feather"}, Doc: "Arrow IPC file (Feather 2)", Open: openArrow},
	}
}

// Stream is Arrow's streaming form, not compressed: what one program gives another through a pipe, where a file, whose
// index stands at its end, cannot be read.
func Stream() export.Format {
	return export.Format{Name: "arrows", Extensions: []string{".arrows"}, Doc: "Arrow IPC stream", Open: openStream}
}

// batchWriter takes finished batches.
type batchWriter interface {
	Write(arrow.RecordBatch) error
	Close() error
}

// encoder fills batches.
type encoder struct {
	out     batchWriter
	schema  *arrow.Schema
	columns []column
	memory  memory.Allocator
	rows    int
}

func open(o export.Output, format string) (*encoder, error) {
	if len(o.Sheets) != 1 {
		return nil, fmt.Errorf("a file of format %s holds one table, not %d", format, len(o.Sheets))
	}
	e := &encoder{memory: memory.NewGoAllocator()}
	var fields []arrow.Field
	for _, f := range o.Sheets[0].Fields {
		for _, c := range columnsOf(f, o.Sheets[0].Table.Name == "packets", e.memory) {
			fields = append(fields, c.field)
			e.columns = append(e.columns, c)
		}
	}
	e.schema = arrow.NewSchema(fields, metadata(o))
	return e, nil
}

// metadata is what a file tells of itself.
func metadata(o export.Output) *arrow.Metadata {
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

func openParquet(w io.Writer, o export.Output) (export.Encoder, error) {
	e, err := open(o, "parquet")
	if err != nil {
		return nil, err
	}
	options := []parquet.WriterProperty{parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1),
		parquet.WithDictionaryDefault(false), parquet.WithMaxRowGroupLength(batchRows), parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCreatedBy("mptcpanalyzer " + o.Meta["version"])}
	for _, c := range e.columns {
		options = append(options, c.parquet()...)
	}
	e.out, err = pqarrow.NewFileWriter(e.schema, onlyWriter{w}, parquet.NewWriterProperties(options...),
		pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema(), pqarrow.WithAllocator(e.memory)))
	return e, err
}

func openArrow(w io.Writer, o export.Output) (export.Encoder, error) {
	e, err := open(o, "arrow")
	if err != nil {
		return nil, err
	}
	e.out, err = ipc.NewFileWriter(onlyWriter{w}, ipc.WithSchema(e.schema), ipc.WithAllocator(e.memory), ipc.WithZstd(),
		ipc.WithDictionaryDeltas(true))
	return e, err
}

func openStream(w io.Writer, o export.Output) (export.Encoder, error) {
	e, err := open(o, "arrows")
	if err != nil {
		return nil, err
	}
	e.out = ipc.NewWriter(onlyWriter{w}, ipc.WithSchema(e.schema), ipc.WithAllocator(e.memory), ipc.WithDictionaryDeltas(true))
	return e, nil
}

// Add takes a record.
func (e *encoder) Add(_ int, r *export.Record) error {
	carried := r.Carried()
	for i := range e.columns {
		c := &e.columns[i]
		if c.source.Absent(carried) {
			c.missing()
		} else {
			c.add(r)
		}
	}
	if e.rows++; e.rows == batchRows {
		return e.flush()
	}
	return nil
}

func (e *encoder) flush() error {
	arrays := make([]arrow.Array, len(e.columns))
	for i := range e.columns {
		arrays[i] = e.columns[i].finish()
	}
	batch := array.NewRecordBatch(e.schema, arrays, int64(e.rows))
	for _, a := range arrays {
		a.Release()
	}
	e.rows = 0
	defer batch.Release()
	return e.out.Write(batch)
}

// Close writes what is left.
func (e *encoder) Close() error {
	if e.rows > 0 {
		if err := e.flush(); err != nil {
			return err
		}
	}
	return e.out.Close()
}

// describe is the metadata of a field.
func describe(f export.Selected, unit string) arrow.Metadata {
	m := map[string]string{"doc": f.Doc}
	if f.Wireshark != "" {
		m["wireshark"] = f.Wireshark
	}
	if unit != "" {
		m["unit"] = unit
	}
	if f.Name != f.Head {
		m["field"] = f.Name
	}
	return arrow.MetadataFrom(m)
}

// listPath is the path of a list's elements in Parquet.
func listPath(name string) string { return strings.Join([]string{name, "list", "element"}, ".") }
