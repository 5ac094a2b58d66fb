package columnar

import (
	"net/netip"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// column fills one column of a batch.
type column struct {
	field   arrow.Field
	source  *export.Field
	add     func(r *export.Record)
	missing func()
	finish  func() arrow.Array
	delta   bool // numbers that grow: Parquet writes the differences
}

// columnsOf makes the columns of a field: one, or for a time two.
func columnsOf(f export.Selected, packets bool, m memory.Allocator) []column {
	switch f.Type {
	case export.Text:
		return []column{textColumn(f, packets, m)}
	case export.List:
		return []column{listColumn(f)}
	case export.Bool:
		b := array.NewBooleanBuilder(m)
		return []column{{field: fieldOf(f, f.Head, arrow.FixedWidthTypes.Boolean, ""), source: f.Field, missing: b.AppendNull,
			finish: func() arrow.Array { return b.NewArray() },
			add: func(r *export.Record) {
				if v, ok := f.Number(r); ok {
					b.Append(v != 0)
				} else {
					b.AppendNull()
				}
			}}}
	case export.Time:
		utc := &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
		return []column{
			numberColumn(f, f.Head, arrow.PrimitiveTypes.Int64, "ns", func(v uint64) int64 { return int64(v) }),
			numberColumn(f, f.Head+"_utc", utc, "", func(v uint64) arrow.Timestamp { return arrow.Timestamp(floor(int64(v), 1000)) }),
		}
	case export.Duration:
		return []column{numberColumn(f, f.Head, arrow.PrimitiveTypes.Int64, "ns", func(v uint64) int64 { return int64(v) })}
	}
	return []column{unsignedColumn(f)}
}

// floor divides, rounding down.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func fieldOf(f export.Selected, name string, t arrow.DataType, unit string) arrow.Field {
	return arrow.Field{Name: name, Type: t, Nullable: true, Metadata: describe(f, unit)}
}

func unsignedColumn(f export.Selected) column {
	switch f.Bits {
	case 8:
		return numberColumn(f, f.Head, arrow.PrimitiveTypes.Uint8, f.Unit, func(v uint64) uint8 { return uint8(v) })
	case 16:
		return numberColumn(f, f.Head, arrow.PrimitiveTypes.Uint16, f.Unit, func(v uint64) uint16 { return uint16(v) })
	case 32:
		return numberColumn(f, f.Head, arrow.PrimitiveTypes.Uint32, f.Unit, func(v uint64) uint32 { return uint32(v) })
	}
	return numberColumn(f, f.Head, arrow.PrimitiveTypes.Uint64, f.Unit, func(v uint64) uint64 { return v })
}

// bitmap says which values of a batch are there.
type bitmap struct {
	bits    []byte
	n       int
	missing int
}

func (b *bitmap) add(there bool) {
	if b.n%8 == 0 {
		b.bits = append(b.bits, 0)
	}
	if there {
		b.bits[b.n/8] |= 1 << (b.n % 8)
	} else {
		b.missing++
	}
	b.n++
}

// array makes an array of the bitmap and of values as they lie in memory, which it does not copy: it is of use until the
// next batch is begun.
func (b *bitmap) array(t arrow.DataType, values []byte) *array.Data {
	buffers := []*memory.Buffer{nil, memory.NewBufferBytes(values)}
	if b.missing > 0 {
		buffers[0] = memory.NewBufferBytes(b.bits)
	}
	d := array.NewData(t, b.n, buffers, nil, b.missing, 0)
	b.bits, b.n, b.missing = b.bits[:0], 0, 0
	return d
}

// numberColumn collects numbers.
func numberColumn[T arrow.FixedWidthType](f export.Selected, name string, t arrow.DataType, unit string, convert func(uint64) T) column {
	values, there := make([]T, 0, 1024), bitmap{}
	missing := func() {
		var none T
		values = append(values, none)
		there.add(false)
	}
	return column{field: fieldOf(f, name, t, unit), source: f.Field, missing: missing,
		delta: f.Bits >= 32 || f.Type != export.Unsigned,
		add: func(r *export.Record) {
			v, ok := f.Number(r)
			values = append(values, convert(v))
			there.add(ok)
		},
		finish: func() arrow.Array {
			d := there.array(t, arrow.GetBytes(values))
			defer d.Release()
			values = values[:0]
			return array.MakeFromData(d)
		}}
}

func listColumn(f export.Selected) column {
	element := map[int]arrow.DataType{8: arrow.PrimitiveTypes.Uint8, 16: arrow.PrimitiveTypes.Uint16, 32: arrow.PrimitiveTypes.Uint32}[f.Bits]
	if element == nil {
		element = arrow.PrimitiveTypes.Uint64
	}
	switch f.Bits {
	case 8:
		return listOf(f, element, func(v uint64) uint8 { return uint8(v) })
	case 16:
		return listOf(f, element, func(v uint64) uint16 { return uint16(v) })
	case 32:
		return listOf(f, element, func(v uint64) uint32 { return uint32(v) })
	}
	return listOf(f, element, func(v uint64) uint64 { return v })
}

// listOf collects lists; an empty one is missing.
func listOf[T arrow.FixedWidthType](f export.Selected, element arrow.DataType, convert func(uint64) T) column {
	t := arrow.ListOf(element)
	values, offsets, there := []T(nil), []int32{0}, bitmap{}
	var room []uint64
	add := func(list []uint64) {
		for _, v := range list {
			values = append(values, convert(v))
		}
		offsets = append(offsets, int32(len(values)))
		there.add(len(list) > 0)
	}
	return column{field: fieldOf(f, f.Head, t, f.Unit), source: f.Field, missing: func() { add(nil) }, delta: f.Bits >= 32,
		add: func(r *export.Record) {
			room = f.List(room[:0], r)
			add(room)
		},
		finish: func() arrow.Array {
			inner := bitmap{n: len(values)}
			elements := inner.array(element, arrow.GetBytes(values))
			defer elements.Release()
			outer := there.array(t, arrow.GetBytes(offsets))
			defer outer.Release()
			d := array.NewData(t, outer.Len(), outer.Buffers(), []arrow.ArrayData{elements}, outer.NullN(), 0)
			defer d.Release()
			values, offsets = values[:0], offsets[:1]
			return array.NewListData(d)
		}}
}

// words is a dictionary that grows from batch to batch.
type words struct {
	numbers map[string]int32
	values  *array.StringBuilder
	all     []string
	made    arrow.Array // of all but the last words
	indices []int32
	there   bitmap
	// kept are the numbers of steady texts by stream and sender, in one capture.
	kept    []keptWord
	capture *export.Origin
	text    []byte
}

type keptWord struct {
	stream uint32
	sender netip.AddrPort
	number int32
}

const keptWords = 1 << 10

// textColumn makes a dictionary of texts.
func textColumn(f export.Selected, packets bool, m memory.Allocator) column {
	t := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	w := &words{numbers: map[string]int32{}, values: array.NewStringBuilder(m)}
	if f.Steady && packets {
		w.kept = make([]keptWord, keptWords)
	}
	return column{field: fieldOf(f, f.Head, t, f.Unit), source: f.Field, missing: func() { w.append(-1) },
		add:    func(r *export.Record) { w.append(w.number(f.Field, r)) },
		finish: func() arrow.Array { return w.finish(t) }}
}

func (w *words) append(number int32) {
	w.indices = append(w.indices, max(number, 0))
	w.there.add(number >= 0)
}

// number is that of a record's text, -1 if it has none.
func (w *words) number(f *export.Field, r *export.Record) int32 {
	if w.kept == nil {
		return w.lookup(f, r)
	}
	if r.Capture != w.capture {
		w.capture = r.Capture
		clear(w.kept)
	}
	slot := &w.kept[(r.Row.Stream<<1^uint32(r.Row.Src.Port()))%keptWords]
	if slot.stream != r.Row.Stream || slot.sender != r.Row.Src {
		*slot = keptWord{stream: r.Row.Stream, sender: r.Row.Src, number: w.lookup(f, r)}
	}
	return slot.number
}

func (w *words) lookup(f *export.Field, r *export.Record) int32 {
	w.text = f.Text(w.text[:0], r)
	if len(w.text) == 0 {
		return -1
	}
	number, known := w.numbers[string(w.text)]
	if !known {
		number = int32(len(w.all))
		w.all = append(w.all, string(w.text))
		w.numbers[w.all[number]] = number
	}
	return number
}

func (w *words) finish(t *arrow.DictionaryType) arrow.Array {
	if w.made == nil || w.made.Len() != len(w.all) {
		if w.made != nil {
			w.made.Release()
		}
		w.values.AppendValues(w.all, nil)
		w.made = w.values.NewArray()
	}
	d := w.there.array(t.IndexType, arrow.GetBytes(w.indices))
	defer d.Release()
	indices := array.MakeFromData(d)
	defer indices.Release()
	w.indices = w.indices[:0]
	return array.NewDictionaryArray(t, indices, w.made)
}

// parquet says how the column is best encoded.
func (c *column) parquet() []parquet.WriterProperty {
	name := c.field.Name
	switch c.field.Type.ID() {
	case arrow.LIST:
		name = listPath(name)
	case arrow.BOOL:
		return nil
	}
	if c.delta {
		return []parquet.WriterProperty{parquet.WithEncodingFor(name, parquet.Encodings.DeltaBinaryPacked)}
	}
	return []parquet.WriterProperty{parquet.WithDictionaryFor(name, true)}
}
