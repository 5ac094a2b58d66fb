package columnar

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"io"
	"slices"

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
	e.out, err = newParquetFile(w, schema.NewSchema(root), properties(o, e.columns), notes(e.schema))
	return e, err
}

// parquetFile is a Parquet file.
type parquetFile struct {
	sink   *counted
	props  *parquet.WriterProperties
	meta   *metadata.FileMetaDataBuilder
	groups int16
	pages  file.PageWriter
	zstd   *zstd.Encoder
	room   page
	packed []byte
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
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, err
	}
	p := &parquetFile{sink: &counted{Writer: w}, props: props, meta: metadata.NewFileMetadataBuilder(s, props, notes), zstd: encoder}
	_, err = io.WriteString(p.sink, magic)
	return p, err
}

func (p *parquetFile) batch(columns []column, rows int) error {
	group := p.meta.AppendRowGroup()
	group.SetNumRows(rows)
	for i, c := range columns {
		if err := p.column(c, group.NextColumnChunk(), int16(i)); err != nil {
			return err
		}
	}
	p.groups++
	return group.Finish(0, p.groups-1)
}

// column writes a column of a row group: one page, and before it the dictionary if it has one.
func (p *parquetFile) column(c column, chunk *metadata.ColumnChunkMetaDataBuilder, place int16) (err error) {
	path := chunk.Descr().Path()
	codec, level := p.props.CompressionFor(path), p.props.CompressionLevelFor(path)
	if p.pages == nil {
		p.pages, err = file.NewPageWriter(p.sink, codec, level, chunk, p.groups, place, p.props.Allocator(), false, nil, nil)
	} else {
		err = p.pages.Reset(p.sink, codec, level, chunk, p.groups, place, nil, nil)
	}
	if err != nil {
		return err
	}
	page := &p.room
	page.begin(p.props.EncodingFor(path), p.props.StatisticsEnabledFor(path))
	c.page(page)
	if page.words > 0 {
		dictionary := file.NewDictionaryPage(memory.NewBufferBytes(page.dictionary), int32(page.words), parquet.Encodings.Plain)
		if _, err := p.pages.WriteDictionaryPage(dictionary); err != nil {
			return err
		}
	}
	data := page.body
	if codec == compress.Codecs.Zstd {
		p.packed = p.zstd.EncodeAll(page.body, p.packed[:0])
		data = p.packed
	}
	if page.stats.IsSet() {
		chunk.SetStats(page.stats)
	}
	levels := parquet.Encodings.RLE
	if _, err := p.pages.WriteDataPage(file.NewDataPageV1WithStats(memory.NewBufferBytes(data), int32(page.levels), page.encoding, levels, levels, int32(len(page.body)), page.stats)); err != nil {
		return err
	}
	return p.pages.Close(page.words > 0, false)
}

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

// counting are the columns that count up, whose differences are written.
var counting = []string{"packetid", "frame", "reltime", "abstime"}

// properties say how the columns are written.
func properties(o export.Output, columns []column) *parquet.WriterProperties {
	list := []parquet.WriterProperty{
		parquet.WithCreatedBy("mptcpanalyzer " + o.Meta["version"]), parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1),
		parquet.WithMaxRowGroupLength(groupRows),
		parquet.WithDictionaryDefault(false), parquet.WithStats(false),
	}
	for _, c := range columns {
		a := c.about()
		if slices.Contains(sorted, a.Name) {
			list = append(list, parquet.WithStatsFor(a.name, true))
		}
		switch {
		case a.Type == export.Text:
			list = append(list, parquet.WithCompressionFor(a.name, compress.Codecs.Uncompressed))
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
