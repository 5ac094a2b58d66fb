package columnar

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// column collects the values of one column of a batch. Only rows that have a value are told to it.
type column interface {
	// about says what the column is.
	about() *about
	// add takes the value of a row, if it has one; rows come in order.
	add(row int, r *export.Record)
	// addKept does so where it is that of every row with the same key.
	addKept(row int, r *export.Record)
	// forgetKept is called before the rows of another capture.
	forgetKept()
	// end completes the batch, which had that many rows.
	end(rows int)
	// array is the batch for Arrow.
	array() arrow.Array
	// page is the batch for Parquet.
	page(*scribe)
	// begin empties the column for the next batch.
	begin()
}

// about is what a column is.
type about struct {
	export.Selected
	name string
	kind arrow.DataType
	unit string
}

// field is the column as Arrow has it.
func (a *about) field() arrow.Field {
	m := map[string]string{"doc": a.Doc}
	if a.Wireshark != "" {
		m["wireshark"] = a.Wireshark
	}
	if a.unit != "" {
		m["unit"] = a.unit
	}
	if a.Name != a.Head {
		m["field"] = a.Name
	}
	return arrow.Field{Name: a.name, Type: a.kind, Nullable: true, Metadata: arrow.MetadataFrom(m)}
}

// columnsOf makes the columns of a field: one, or for a time two.
func columnsOf(f export.Selected) []column {
	what := about{Selected: f, name: f.Head, unit: f.Unit}
	switch f.Type {
	case export.Text:
		what.kind = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
		return []column{newWords(what)}
	case export.List:
		what.kind = arrow.ListOfField(arrow.Field{Name: "element", Type: unsignedType(f.Bits), Nullable: true})
		return []column{&lists{About: what}}
	case export.Bool:
		what.kind, what.unit = arrow.FixedWidthTypes.Boolean, ""
	case export.Time, export.Duration:
		what.kind, what.unit = arrow.PrimitiveTypes.Int64, "ns"
	default:
		what.kind = unsignedType(f.Bits)
	}
	all := []column{&numbers{About: what}}
	if f.Type == export.Time {
		utc := about{Selected: f, name: f.Head + "_utc", kind: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}}
		all = append(all, &numbers{About: utc, micro: true})
	}
	return all
}

func unsignedType(bits int) arrow.DataType {
	switch bits {
	case 8:
		return arrow.PrimitiveTypes.Uint8
	case 16:
		return arrow.PrimitiveTypes.Uint16
	case 32:
		return arrow.PrimitiveTypes.Uint32
	}
	return arrow.PrimitiveTypes.Uint64
}

// levels say of each row whether it has a value: a bit a row, the first in the lowest.
type levels struct {
	rows int // in all, once that is known
	some int // that have a value
	bits []uint64
}

// add says that a row has a value.
func (l *levels) add(row int) { l.addAll(row, 1) }

// addAll does so for several rows, by their bits; the lowest is that of the first.
func (l *levels) addAll(first int, bitsOf uint64) {
	for first/64+1 >= len(l.bits) {
		l.bits = append(l.bits, 0)
	}
	at := l.bits[first/64:]
	at[0] |= bitsOf << (first % 64)
	at[1] |= bitsOf >> (64 - first%64)
	l.some += bits.OnesCount64(bitsOf)
}

// each goes through the rows that have a value.
func (l *levels) each(yield func(row int) bool) {
	for i, word := range l.bits {
		for ; word != 0; word &= word - 1 {
			if !yield(64*i + bits.TrailingZeros64(word)) {
				return
			}
		}
	}
}

// append appends the bits of all rows, in whole bytes.
func (l *levels) append(dst []byte) []byte {
	start := len(dst)
	for i := range (l.rows + 63) / 64 {
		word := uint64(0)
		if i < len(l.bits) {
			word = l.bits[i]
		}
		dst = binary.LittleEndian.AppendUint64(dst, word)
	}
	return dst[:start+(l.rows+7)/8]
}

// end says how many rows there were.
func (l *levels) end(rows int) { l.rows = rows }

func (l *levels) begin() {
	l.rows, l.some = 0, 0
	clear(l.bits)
}

// numbers are whole numbers, times, and truths.
type numbers struct {
	About  about
	micro  bool     // nanoseconds are told in microseconds
	values []uint64 // those that are there
	there  levels
	kept   export.Recall[keptNumber]
}

// keptNumber is the number of packets with the same key, if they have one.
type keptNumber struct {
	value uint64
	has   bool
}

func (n *numbers) about() *about { return &n.About }

func (n *numbers) add(row int, r *export.Record) {
	if v, ok := n.About.Number(r); ok {
		n.set(row, v)
	}
}

func (n *numbers) count(first int, rows []counts, place int) {
	place &= 63
	had := len(n.values)
	n.values = slices.Grow(n.values, len(rows))[:had+len(rows)]
	to, there, k := n.values[had:], uint64(0), 0
	for i := range rows {
		row := &rows[i]
		has := row.has >> place & 1
		to[k] = row.at[place]
		k += int(has)
		there |= has << (i & 63)
	}
	n.values = n.values[:had+k]
	n.there.addAll(first, there)
}

func (n *numbers) addKept(row int, r *export.Record) {
	k := n.kept.Of(n.About.Field, r, func(_ keptNumber, r *export.Record) (k keptNumber) {
		k.value, k.has = n.About.Number(r)
		return k
	})
	if k.has {
		n.set(row, k.value)
	}
}

func (n *numbers) forgetKept() { n.kept.Forget() }

// set takes the value of a row.
func (n *numbers) set(row int, v uint64) {
	n.values = append(n.values, v)
	n.there.add(row)
}

// floor divides, rounding down.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (n *numbers) end(rows int) {
	n.there.end(rows)
	if !n.micro {
		return
	}
	for i, v := range n.values {
		n.values[i] = uint64(floor(int64(v), 1000))
	}
}

func (n *numbers) begin() {
	n.values = n.values[:0]
	n.there.begin()
}

// lists are lists of whole numbers; an empty one is missing.
type lists struct {
	About  about
	values []uint64
	counts []int32 // of values, by row
	room   []uint64
	kept   export.Recall[[]uint64]
}

func (l *lists) about() *about { return &l.About }

func (l *lists) add(row int, r *export.Record) {
	l.room = l.About.List(l.room[:0], r)
	l.set(row, l.room)
}

func (l *lists) count(first int, rows []counts, place int) {
	for i := range rows {
		if row := &rows[i]; row.has>>(place&63)&1 != 0 {
			l.end(first + i)
			l.values, l.counts = append(l.values, row.at[place&63]), append(l.counts, 1)
		}
	}
}

func (l *lists) addKept(row int, r *export.Record) {
	l.set(row, l.kept.Of(l.About.Field, r, func(old []uint64, r *export.Record) []uint64 { return l.About.List(old[:0], r) }))
}

func (l *lists) forgetKept() { l.kept.Forget() }

// set takes the values of a row.
func (l *lists) set(row int, list []uint64) {
	if len(list) > 0 {
		l.end(row)
		l.values, l.counts = append(l.values, list...), append(l.counts, int32(len(list)))
	}
}

func (l *lists) end(rows int) {
	for len(l.counts) < rows {
		l.counts = append(l.counts, 0)
	}
}

func (l *lists) begin() { l.values, l.counts = l.values[:0], l.counts[:0] }

// words are texts: numbers in a dictionary that grows from batch to batch.
type words struct {
	About   about
	numbers map[string]int32
	all     []string
	size    int // bytes of all
	made    arrow.Array
	values  *array.StringBuilder
	indices []int32 // of the rows that have one
	there   levels
	kept    export.Recall[int32] // numbers
	text    []byte
	recent  [16]int32 // numbers of texts, by their length and first letter
}

func (w *words) about() *about { return &w.About }

func (w *words) add(row int, r *export.Record) { w.set(row, w.lookup(r)) }

func (w *words) addKept(row int, r *export.Record) {
	w.set(row, w.kept.Of(w.About.Field, r, func(_ int32, r *export.Record) int32 { return w.lookup(r) }))
}

func (w *words) forgetKept() { w.kept.Forget() }

// set takes the number of a row's text, -1 if it has none.
func (w *words) set(row int, number int32) {
	if number < 0 {
		return
	}
	w.indices = append(w.indices, number)
	w.there.add(row)
}

func (w *words) end(rows int) { w.there.end(rows) }

func (w *words) begin() {
	w.indices = w.indices[:0]
	w.there.begin()
}

// lookup is the number of a record's text, -1 if it has none.
func (w *words) lookup(r *export.Record) int32 {
	w.text = w.About.Text(w.text[:0], r)
	if len(w.text) == 0 {
		return -1
	}
	recent := &w.recent[(len(w.text)^int(w.text[0]))%len(w.recent)]
	if int(*recent) < len(w.all) && w.all[*recent] == string(w.text) {
		return *recent
	}
	number, known := w.numbers[string(w.text)]
	if !known {
		number = int32(len(w.all))
		w.all = append(w.all, string(w.text))
		w.numbers[w.all[number]] = number
		w.size += len(w.text)
	}
	*recent = number
	return number
}

// forget begins a new dictionary.
func (w *words) forget() {
	w.all, w.size = nil, 0
	clear(w.numbers)
	w.kept.Forget()
	if w.made != nil {
		w.made.Release()
		w.made = nil
	}
}
