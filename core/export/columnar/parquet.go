package columnar

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"io"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"
	"github.com/klauspost/compress/zstd"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// Pages are encoded here, from the values as they are collected: that takes a third of the time that the library's column
// writers take, which are told value by value. What stands around the pages is the library's.

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
	e.out, err = newParquetFile(w, schema.NewSchema(root), properties(o), notes(e.schema))
	return e, err
}

// parquetFile is a Parquet file.
type parquetFile struct {
	sink   *counted
	props  *parquet.WriterProperties
	meta   *metadata.FileMetaDataBuilder
	groups int16
	writer file.PageWriter
	zstd   *zstd.Encoder
	pages  []page // of the columns
	hands  []*scribe
}

// counted tells how many bytes were written.
type counted struct {
	io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

func (c *counted) Tell() int64 { return c.n }

// magic is what a Parquet file begins and ends with.
const magic = "PAR1"

func newParquetFile(w io.Writer, s *schema.Schema, props *parquet.WriterProperties, notes metadata.KeyValueMetadata) (*parquetFile, error) {
	hands := min(runtime.GOMAXPROCS(0), mostHands)
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(hands), zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	p := &parquetFile{sink: &counted{Writer: w}, props: props, meta: metadata.NewFileMetadataBuilder(s, props, notes), zstd: encoder}
	for range hands {
		p.hands = append(p.hands, &scribe{zstd: encoder})
	}
	_, err = io.WriteString(p.sink, magic)
	return p, err
}

func (p *parquetFile) batch(columns []column, rows int) error {
	p.encode(columns)
	group := p.meta.AppendRowGroup()
	group.SetNumRows(rows)
	for i := range columns {
		if err := p.column(&p.pages[i], group.NextColumnChunk(), int16(i)); err != nil {
			return err
		}
	}
	p.groups++
	return group.Finish(0, p.groups-1)
}

// mostHands is how many goroutines encode the columns of a row group at most.
const mostHands = 8

// encode makes the pages of columns, several at the same time.
func (p *parquetFile) encode(columns []column) {
	if p.pages == nil {
		p.pages = make([]page, len(columns))
	}
	var next atomic.Int32
	work := func(hand *scribe) {
		for i := int(next.Add(1)) - 1; i < len(columns); i = int(next.Add(1)) - 1 {
			hand.write(columns[i], &p.pages[i], slices.Contains(sorted, columns[i].about().Name))
		}
	}
	var others sync.WaitGroup
	for _, hand := range p.hands[1:] {
		others.Go(func() { work(hand) })
	}
	work(p.hands[0])
	others.Wait()
}

// column writes a column of a row group: one page, and before it the dictionary if it has one.
func (p *parquetFile) column(page *page, chunk *metadata.ColumnChunkMetaDataBuilder, place int16) (err error) {
	if p.writer == nil {
		p.writer, err = file.NewPageWriter(p.sink, page.codec, compressionLevel, chunk, p.groups, place, p.props.Allocator(), false, nil, nil)
	} else {
		err = p.writer.Reset(p.sink, page.codec, compressionLevel, chunk, p.groups, place, nil, nil)
	}
	if err != nil {
		return err
	}
	if page.words > 0 {
		dictionary := file.NewDictionaryPage(memory.NewBufferBytes(page.dictionary), int32(page.words), parquet.Encodings.Plain)
		if _, err := p.writer.WriteDictionaryPage(dictionary); err != nil {
			return err
		}
	}
	if page.stats.IsSet() {
		chunk.SetStats(page.stats)
	}
	levels := parquet.Encodings.RLE
	if _, err := p.writer.WriteDataPage(file.NewDataPageV1WithStats(memory.NewBufferBytes(page.data), int32(page.levels), page.encoding, levels, levels, int32(page.size), page.stats)); err != nil {
		return err
	}
	if err := p.writer.Close(page.words > 0, false); err != nil {
		return err
	}
	// The library's notes on a column are the same in all row groups.
	told := chunk.Contents().MetaData
	setTo(&told.Codec, page.codec)
	setTo(&told.Encodings[0], page.encoding)
	return nil
}

// setTo sets a number of a type that cannot be named here.
func setTo[T ~int32 | ~int64, V compress.Compression | parquet.Encoding](to *T, v V) { *to = T(v) }

func (p *parquetFile) close() error {
	m, err := p.meta.Finish()
	if err != nil {
		return err
	}
	n, err := m.WriteTo(p.sink, nil)
	if err != nil {
		return err
	}
	_, err = p.sink.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(n)), magic...))
	return err
}

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

// compressionLevel is zstd's for dictionaries.
const compressionLevel = 1

// properties say how the file is written. Encodings and compression are chosen page by page.
func properties(o export.Output) *parquet.WriterProperties {
	return parquet.NewWriterProperties(parquet.WithCreatedBy("mptcpanalyzer "+o.Meta["version"]), parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithMaxRowGroupLength(groupRows), parquet.WithDictionaryDefault(false), parquet.WithStats(false))
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
