package columnar

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// Values are given to the library's column writers as they are collected, without arrays of Arrow between, which took
// twice the time. zstd makes plain numbers small more quickly than the encodings of Parquet do, but for those that count
// up.

// groupRows is how many rows a row group has: some tens of megabytes while they are collected.
const groupRows = 1 << 16

// maxDictionary is how many bytes of texts a column's dictionary has at most in a row group.
const maxDictionary = 1 << 20

func openParquet(w io.Writer, o export.Output) (export.Encoder, error) { return newParquet(w, o) }

func newParquet(w io.Writer, o export.Output) (*encoder, error) {
	e, err := open(o, "parquet", groupRows)
	if err != nil {
		return nil, err
	}
	var nodes schema.FieldList
	for _, c := range e.columns {
		node, err := c.about().node()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, node)
	}
	root, err := schema.NewGroupNode("schema", parquet.Repetitions.Required, nodes, -1)
	if err != nil {
		return nil, err
	}
	out, err := file.NewParquetWriterWithError(onlyWriter{w}, root, file.WithWriterProps(properties(o, e.columns)), file.WithWriteMetadata(notes(e.schema)))
	e.out = parquetFile{out}
	return e, err
}

// parquetFile is a Parquet file.
type parquetFile struct{ out *file.Writer }

func (p parquetFile) batch(columns []column, _ int) error {
	group, err := p.out.AppendRowGroupChecked()
	if err != nil {
		return err
	}
	for _, c := range columns {
		to, err := group.NextColumn()
		if err != nil {
			return err
		}
		if err := c.write(to); err != nil {
			return err
		}
	}
	return group.Close()
}

func (p parquetFile) close() error { return p.out.Close() }

// notes is the metadata of a file: ours, and the schema of Arrow, for readers that know it, as its libraries note it.
func notes(s *arrow.Schema) metadata.KeyValueMetadata {
	var all metadata.KeyValueMetadata
	m := s.Metadata()
	for i, key := range m.Keys() {
		_ = all.Append(key, m.Values()[i])
	}
	var b bytes.Buffer
	if ipc.NewWriter(&b, ipc.WithSchema(s)).Close() == nil {
		_ = all.Append("ARROW:schema", base64.StdEncoding.EncodeToString(b.Bytes()))
	}
	return all
}

// sorted are the columns whose least and greatest values spare a reader row groups.
var sorted = []string{"packetid", "frame", "reltime", "abstime", "tcpstream", "mptcpstream", "subflow", "client_key", "server_key"}

// counting are the columns that count up, whose differences are written.
var counting = []string{"packetid", "frame", "reltime", "abstime"}

// properties say how the columns are written.
func properties(o export.Output, columns []column) *parquet.WriterProperties {
	list := []parquet.WriterProperty{
		parquet.WithCreatedBy("mptcpanalyzer " + o.Meta["version"]), parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1),
		parquet.WithMaxRowGroupLength(groupRows), parquet.WithBatchSize(1 << 14),
		parquet.WithDictionaryDefault(false), parquet.WithDictionaryPageSizeLimit(2 * maxDictionary), parquet.WithStats(false),
	}
	for _, c := range columns {
		a := c.about()
		if slices.Contains(sorted, a.Name) {
			list = append(list, parquet.WithStatsFor(a.name, true))
		}
		switch {
		case a.Type == export.Text:
			list = append(list, parquet.WithDictionaryFor(a.name, true), parquet.WithDictionaryCostFallbackFor(a.name, false), parquet.WithCompressionFor(a.name, compress.Codecs.Uncompressed))
		case slices.Contains(counting, a.Name):
			list = append(list, parquet.WithEncodingFor(a.name, parquet.Encodings.DeltaBinaryPacked))
		}
	}
	return parquet.NewWriterProperties(list...)
}

// node is the column in the schema of Parquet.
func (a *about) node() (schema.Node, error) {
	list, is := a.kind.(*arrow.ListType)
	if !is {
		return leaf(a.name, a.kind)
	}
	element, err := leaf("element", list.Elem())
	if err != nil {
		return nil, err
	}
	return schema.ListOfWithName(a.name, element, parquet.Repetitions.Optional, -1)
}

func leaf(name string, kind arrow.DataType) (schema.Node, error) {
	physical, logical := parquet.Types.Int64, schema.LogicalType(schema.NoLogicalType{})
	switch kind.ID() {
	case arrow.DICTIONARY:
		physical, logical = parquet.Types.ByteArray, schema.StringLogicalType{}
	case arrow.BOOL:
		physical = parquet.Types.Boolean
	case arrow.TIMESTAMP:
		logical = schema.NewTimestampLogicalType(true, schema.TimeUnitMicros)
	case arrow.INT64:
		logical = schema.NewIntLogicalType(64, true)
	case arrow.UINT64:
		logical = schema.NewIntLogicalType(64, false)
	default:
		physical, logical = parquet.Types.Int32, schema.NewIntLogicalType(int8(kind.(arrow.FixedWidthDataType).BitWidth()), false)
	}
	return schema.NewPrimitiveNodeLogical(name, parquet.Repetitions.Optional, logical, physical, 0, -1)
}

func (n *numbers) write(to file.ColumnChunkWriter) (err error) {
	switch to := to.(type) {
	case *file.BooleanColumnChunkWriter:
		n.truths = n.truths[:0]
		for _, v := range n.values {
			n.truths = append(n.truths, v != 0)
		}
		_, err = to.WriteBatch(n.truths, n.there.all(), nil)
	default:
		n.narrow, err = writeNumbers(to, n.values, n.narrow, n.there.all(), nil)
	}
	return err
}

func (l *lists) write(to file.ColumnChunkWriter) (err error) {
	l.there, l.again = l.there[:0], l.again[:0]
	for _, n := range l.counts {
		l.there, l.again = append(l.there, int16(inList*min(n, 1))), append(l.again, 0)
		for range n - 1 {
			l.there, l.again = append(l.there, inList), append(l.again, 1)
		}
	}
	l.narrow, err = writeNumbers(to, l.values, l.narrow, l.there, l.again)
	return err
}

// writeNumbers writes numbers in the width of a column. It returns narrow, of use for the next.
func writeNumbers(to file.ColumnChunkWriter, values []uint64, narrow []int32, there, again []int16) ([]int32, error) {
	switch to := to.(type) {
	case *file.Int64ColumnChunkWriter:
		_, err := to.WriteBatch(arrow.GetData[int64](arrow.GetBytes(values)), there, again)
		return narrow, err
	case *file.Int32ColumnChunkWriter:
		narrow = narrow[:0]
		for _, v := range values {
			narrow = append(narrow, int32(v))
		}
		_, err := to.WriteBatch(narrow, there, again)
		return narrow, err
	}
	return narrow, fmt.Errorf("column %s holds no numbers", to.Descr().Name())
}

func (w *words) write(to file.ColumnChunkWriter) error {
	texts, ok := to.(*file.ByteArrayColumnChunkWriter)
	if !ok {
		return fmt.Errorf("column %s holds no text", w.About.name)
	}
	if len(w.all) == 0 || w.size > maxDictionary {
		return w.writePlain(texts)
	}
	encoder, ok := texts.CurrentEncoder().(interface{ PutDictionary(arrow.Array) error })
	if !ok {
		return w.writePlain(texts)
	}
	if err := encoder.PutDictionary(w.dictionary()); err != nil {
		return err
	}
	places := w.places()
	defer places.Release()
	return texts.WriteDictIndices(places, w.there.all(), nil)
}

// writePlain writes texts without a dictionary, and begins a new one.
func (w *words) writePlain(to *file.ByteArrayColumnChunkWriter) error {
	var texts []parquet.ByteArray
	there := w.there.all()
	for i, level := range there {
		if level != 0 {
			texts = append(texts, parquet.ByteArray(w.all[w.indices[i]]))
		}
	}
	to.FallbackToPlain()
	_, err := to.WriteBatch(texts, there, nil)
	w.forget()
	return err
}
