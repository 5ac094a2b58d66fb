package columnar

import (
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// arrowRows is how many rows a batch of Arrow has.
const arrowRows = 1 << 14

func openArrow(w io.Writer, o export.Output) (export.Encoder, error) {
	e, err := open(o, "arrow", arrowRows)
	if err != nil {
		return nil, err
	}
	out, err := ipc.NewFileWriter(onlyWriter{w}, ipc.WithSchema(e.schema), ipc.WithZstd())
	e.out = &arrowFile{schema: e.schema, out: out}
	return e, err
}

func openStream(w io.Writer, o export.Output) (export.Encoder, error) {
	e, err := open(o, "arrows", arrowRows)
	if err != nil {
		return nil, err
	}
	e.out = &arrowFile{schema: e.schema, out: ipc.NewWriter(onlyWriter{w}, ipc.WithSchema(e.schema), ipc.WithDictionaryDeltas(true))}
	return e, nil
}

// arrowFile is an Arrow IPC file, or a stream.
type arrowFile struct {
	schema *arrow.Schema
	out    interface {
		Write(arrow.RecordBatch) error
		Close() error
	}
}

func (a *arrowFile) batch(columns []column, rows int) error {
	arrays := make([]arrow.Array, len(columns))
	for i, c := range columns {
		arrays[i] = c.array()
	}
	batch := array.NewRecordBatch(a.schema, arrays, int64(rows))
	for _, of := range arrays {
		of.Release()
	}
	defer batch.Release()
	return a.out.Write(batch)
}

func (a *arrowFile) close() error { return a.out.Close() }

// validity is the levels, nil if all rows have a value, and how many have none.
func (l *levels) validity() (packed *memory.Buffer, missing int) {
	if missing = l.rows - l.some; missing == 0 {
		return nil, 0
	}
	return memory.NewBufferBytes(l.append(nil)), missing
}

// spread puts values in the places of the rows that have one.
func spread[T uint8 | uint16 | uint32 | uint64 | int32, V uint64 | int32](values []V, there *levels) *memory.Buffer {
	all, next := make([]T, there.rows), 0
	for row := range there.each {
		all[row] = T(values[next])
		next++
	}
	return memory.NewBufferBytes(arrow.GetBytes(all))
}

// spreadAs does so for the type of a column.
func spreadAs(t arrow.DataType, values []uint64, there *levels) *memory.Buffer {
	switch t.ID() {
	case arrow.UINT8:
		return spread[uint8](values, there)
	case arrow.UINT16:
		return spread[uint16](values, there)
	case arrow.UINT32:
		return spread[uint32](values, there)
	}
	return spread[uint64](values, there)
}

func (n *numbers) array() arrow.Array {
	there := &n.there
	valid, missing := there.validity()
	var values *memory.Buffer
	if n.About.kind.ID() == arrow.BOOL {
		values = truths(n.values, there)
	} else {
		values = spreadAs(n.About.kind, n.values, there)
	}
	d := array.NewData(n.About.kind, there.rows, []*memory.Buffer{valid, values}, nil, missing, 0)
	defer d.Release()
	return array.MakeFromData(d)
}

// truths packs truths in the places of the rows that have one.
func truths(values []uint64, there *levels) *memory.Buffer {
	b, next := make([]byte, (there.rows+7)/8), 0
	for row := range there.each {
		b[row/8] |= byte(values[next]&1) << (row % 8)
		next++
	}
	return memory.NewBufferBytes(b)
}

func (l *lists) array() arrow.Array {
	offsets, filled, all := make([]int32, 1, len(l.counts)+1), levels{rows: len(l.counts)}, levels{rows: len(l.values)}
	for i, n := range l.counts {
		offsets = append(offsets, offsets[i]+n)
		if n > 0 {
			filled.add(i)
		}
	}
	for i := range l.values {
		all.add(i)
	}
	element := l.About.kind.(*arrow.ListType).Elem()
	elements := array.NewData(element, len(l.values), []*memory.Buffer{nil, spreadAs(element, l.values, &all)}, nil, 0, 0)
	defer elements.Release()
	valid, missing := filled.validity()
	d := array.NewData(l.About.kind, len(l.counts), []*memory.Buffer{valid, memory.NewBufferBytes(arrow.GetBytes(offsets))}, []arrow.ArrayData{elements}, missing, 0)
	defer d.Release()
	return array.NewListData(d)
}

// places are the rows' indices into the dictionary.
func (w *words) places() arrow.Array {
	valid, missing := w.there.validity()
	d := array.NewData(arrow.PrimitiveTypes.Int32, w.there.rows, []*memory.Buffer{valid, spread[int32](w.indices, &w.there)}, nil, missing, 0)
	defer d.Release()
	return array.MakeFromData(d)
}

// dictionary is all words so far. The column keeps it.
func (w *words) dictionary() arrow.Array {
	if w.made == nil || w.made.Len() != len(w.all) {
		if w.made != nil {
			w.made.Release()
		}
		w.values.AppendValues(w.all, nil)
		w.made = w.values.NewArray()
	}
	return w.made
}

func (w *words) array() arrow.Array {
	if w.About.kind.ID() == arrow.STRING {
		return w.strings()
	}
	places := w.places()
	defer places.Release()
	return array.NewDictionaryArray(w.About.kind, places, w.dictionary())
}

// strings are the texts themselves.
func (w *words) strings() arrow.Array {
	next := 0
	for row := range w.there.each {
		w.values.AppendNulls(row - w.values.Len())
		w.values.Append(w.all[w.indices[next]])
		next++
	}
	w.values.AppendNulls(w.there.rows - w.values.Len())
	if w.size > maxDictionary {
		w.forget()
	}
	return w.values.NewArray()
}

func newWords(what about) *words {
	return &words{About: what, numbers: map[string]int32{}, values: array.NewStringBuilder(memory.DefaultAllocator)}
}
