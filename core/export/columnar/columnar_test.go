package columnar

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// rowsWritten are more than two batches of either format.
const rowsWritten = 2*groupRows + 5

// made gives the fields of a table whose values follow from the number of the row, which n holds.
func made(n *int) []export.Selected {
	fields := []export.Field{
		{Name: "large", Bits: 64, Number: func(*export.Record) (uint64, bool) { return math.MaxUint64 - uint64(*n), *n%3 != 0 }},
		{Name: "small", Bits: 8, Number: func(*export.Record) (uint64, bool) { return uint64(*n % 256), true }},
		{Name: "flag", Type: export.Bool, Number: func(*export.Record) (uint64, bool) { return uint64(*n % 2), *n%5 != 0 }},
		{Name: "at", Type: export.Time, Number: func(*export.Record) (uint64, bool) { return uint64(int64(*n) - 1500), true }},
		{Name: "few", Type: export.Text, Append: func(dst []byte, _ *export.Record) []byte { return append(dst, few(*n)...) }},
		{Name: "many", Type: export.Text, Append: func(dst []byte, _ *export.Record) []byte { return append(dst, many(*n)...) }},
		{Name: "list", Type: export.List, Bits: 32, List: func(dst []uint64, _ *export.Record) []uint64 { return append(dst, list(*n)...) }},
		{Name: "frame", Bits: 32, Number: func(*export.Record) (uint64, bool) { return uint64(wild32(*n)), true }},
		{Name: "reltime", Type: export.Duration, Number: func(*export.Record) (uint64, bool) { return uint64(wild64(*n)), *n%7 != 0 }},
		{Name: "tcpstream", Bits: 32, Number: func(*export.Record) (uint64, bool) { return stream(*n), *n%11 != 0 }},
	}
	var chosen []export.Selected
	for i := range fields {
		chosen = append(chosen, export.Selected{Field: &fields[i], Head: fields[i].Name})
	}
	return chosen
}

func few(n int) string { return []string{"", "Client", "Server"}[n%3] }

// many are texts that outgrow a dictionary.
func many(n int) string { return fmt.Sprintf("the text of row %d, which no other has", n) }

func list(n int) []uint64 { return []uint64{uint64(n), 7, math.MaxUint32}[:n%4] }

// wild32 and wild64 are numbers whose differences are small, or need all bits there are, and go around.
func wild32(n int) uint32 { return uint32(n) << (n / 1000 % 32) }

func wild64(n int) int64 { return (int64(n) - 500) << (n / 1000 % 64) * (1 - 2*int64(n%2)) }

// stream is a number of few that come in runs, of one, or of so many that they are no dictionary.
func stream(n int) uint64 {
	switch n / groupRows {
	case 0:
		return uint64(n / (1 + n%50) % 1000)
	case 1:
		return math.MaxUint32
	}
	return uint64(n)
}

// written writes the table in a format.
func written(t *testing.T, format string) []byte {
	t.Helper()
	var n int
	var out bytes.Buffer
	f, err := export.FormatByName(format, Formats())
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.Open(&out, export.Output{Sheets: []export.Sheet{{Table: &export.Table{Name: "made"}, Fields: made(&n)}}})
	if err != nil {
		t.Fatal(err)
	}
	for n = range rowsWritten {
		if err := e.Add(0, &export.Record{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestParquet reads back what spans row groups, with gaps, with a dictionary and with one that was given up.
func TestParquet(t *testing.T) {
	r, err := file.NewParquetReader(bytes.NewReader(written(t, "parquet")))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.NumRows() != rowsWritten || r.NumRowGroups() != 3 {
		t.Fatalf("%d rows in %d groups", r.NumRows(), r.NumRowGroups())
	}
	first := 0
	for g := range r.NumRowGroups() {
		group := r.RowGroup(g)
		rows := int(group.NumRows())
		large, there, _ := values[int64](t, group, 0, rows)
		check(t, "large", first, there, func(n int) bool { return n%3 != 0 }, func(i, n int) bool { return uint64(large[i]) == math.MaxUint64-uint64(n) })
		small, there, _ := values[int32](t, group, 1, rows)
		check(t, "small", first, there, func(int) bool { return true }, func(i, n int) bool { return int(small[i]) == n%256 })
		micro, there, _ := values[int64](t, group, 4, rows)
		check(t, "at_utc", first, there, func(int) bool { return true }, func(i, n int) bool { return micro[i] == int64(math.Floor(float64(n-1500)/1000)) })
		words, there, _ := values[parquet.ByteArray](t, group, 5, rows)
		check(t, "few", first, there, func(n int) bool { return n%3 != 0 }, func(i, n int) bool { return string(words[i]) == few(n) })
		words, there, _ = values[parquet.ByteArray](t, group, 6, rows)
		check(t, "many", first, there, func(int) bool { return true }, func(i, n int) bool { return string(words[i]) == many(n) })
		listsOf(t, group, first, rows)
		frames, there, _ := values[int32](t, group, 8, rows)
		check(t, "frame", first, there, func(int) bool { return true }, func(i, n int) bool { return uint32(frames[i]) == wild32(n) })
		times, there, _ := values[int64](t, group, 9, rows)
		check(t, "reltime", first, there, func(n int) bool { return n%7 != 0 }, func(i, n int) bool { return times[i] == wild64(n) })
		streams, there, _ := values[int32](t, group, 10, rows)
		check(t, "tcpstream", first, there, func(n int) bool { return n%11 != 0 }, func(i, n int) bool { return uint64(uint32(streams[i])) == stream(n) })
		stated(t, group, first)
		first += rows
	}
}

// stated wants the least and greatest values of the columns that readers leave out row groups by.
func stated(t *testing.T, group *file.RowGroupReader, first int) {
	t.Helper()
	chunk := func(column int) metadata.TypedStatistics {
		meta, err := group.MetaData().ColumnChunk(column)
		if err != nil {
			t.Fatal(err)
		}
		s, err := meta.Statistics()
		if err != nil || s == nil || !s.HasMinMax() {
			t.Fatalf("column %d has no statistics: %v", column, err)
		}
		return s
	}
	var frames, streams []uint64
	var times []int64
	for n := first; n < first+int(group.NumRows()); n++ {
		frames = append(frames, uint64(wild32(n)))
		if n%7 != 0 {
			times = append(times, wild64(n))
		}
		if n%11 != 0 {
			streams = append(streams, stream(n))
		}
	}
	for column, want := range map[int][]uint64{8: frames, 10: streams} {
		s := chunk(column).(*metadata.Int32Statistics)
		if uint64(uint32(s.Min())) != slices.Min(want) || uint64(uint32(s.Max())) != slices.Max(want) || s.NullCount() != group.NumRows()-int64(len(want)) {
			t.Errorf("column %d: %d to %d and %d missing, want %d to %d of %d rows", column, uint32(s.Min()), uint32(s.Max()), s.NullCount(), slices.Min(want), slices.Max(want), len(want))
		}
	}
	if s := chunk(9).(*metadata.Int64Statistics); s.Min() != slices.Min(times) || s.Max() != slices.Max(times) {
		t.Errorf("times from %d to %d, want %d to %d", s.Min(), s.Max(), slices.Min(times), slices.Max(times))
	}
}

// check wants values where rows have one, in their order.
func check(t *testing.T, name string, first int, there []int16, has func(n int) bool, same func(i, n int) bool) {
	t.Helper()
	i := 0
	for row, level := range there {
		n := first + row
		if has(n) != (level == 1) || level == 1 && !same(i, n) {
			t.Fatalf("%s: row %d is wrong", name, n)
		}
		i += int(level)
	}
}

// values reads a column of a row group.
func values[T int32 | int64 | parquet.ByteArray](t *testing.T, group *file.RowGroupReader, column, levels int) (all []T, there, again []int16) {
	t.Helper()
	c, err := group.Column(column)
	if err != nil {
		t.Fatal(err)
	}
	all, there, again = make([]T, levels), make([]int16, levels), make([]int16, levels)
	total, count := 0, 0
	for total < levels && c.HasNext() {
		var n int64
		var read int
		switch c := any(c).(type) {
		case interface {
			ReadBatch(int64, []T, []int16, []int16) (int64, int, error)
		}:
			n, read, err = c.ReadBatch(int64(levels-total), all[count:], there[total:], again[total:])
		default:
			t.Fatalf("column %d is of another type", column)
		}
		if err != nil {
			t.Fatal(err)
		}
		if total, count = total+int(n), count+read; n == 0 {
			break
		}
	}
	return all[:count], there[:total], again[:total]
}

func listsOf(t *testing.T, group *file.RowGroupReader, first, rows int) {
	t.Helper()
	var want []uint64
	levels := 0
	for n := first; n < first+rows; n++ {
		want = append(want, list(n)...)
		levels += max(1, n%4)
	}
	got, there, again := values[int32](t, group, 7, levels)
	if len(got) != len(want) || len(there) != levels {
		t.Fatalf("%d values, want %d; %d levels, want %d", len(got), len(want), len(there), levels)
	}
	for i := range want {
		if uint64(uint32(got[i])) != want[i] {
			t.Fatalf("value %d of the lists is %d, want %d", i, uint32(got[i]), want[i])
		}
	}
	begun := 0
	for _, level := range again {
		if level == 0 {
			begun++
		}
	}
	if begun != rows {
		t.Errorf("%d lists, want %d", begun, rows)
	}
}

func TestArrow(t *testing.T) {
	r, err := ipc.NewFileReader(bytes.NewReader(written(t, "arrow")))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := 0
	for i := range r.NumRecords() {
		batch, err := r.RecordBatch(i)
		if err != nil {
			t.Fatal(err)
		}
		large, flags, texts := batch.Column(0).(*array.Uint64), batch.Column(2).(*array.Boolean), batch.Column(5).(*array.String)
		unique, all := batch.Column(6).(*array.String), batch.Column(7).(*array.List)
		numbers := all.ListValues().(*array.Uint32)
		for row := range int(batch.NumRows()) {
			from, to := all.ValueOffsets(row)
			switch {
			case large.IsNull(row) != (n%3 == 0), large.IsValid(row) && large.Value(row) != math.MaxUint64-uint64(n):
				t.Fatalf("row %d: a large number is wrong", n)
			case flags.IsNull(row) != (n%5 == 0), flags.IsValid(row) && flags.Value(row) != (n%2 == 1):
				t.Fatalf("row %d: a flag is wrong", n)
			case texts.IsNull(row) != (n%3 == 0), texts.IsValid(row) && texts.Value(row) != few(n), unique.Value(row) != many(n):
				t.Fatalf("row %d: a text is wrong", n)
			case all.IsNull(row) != (n%4 == 0), int(to-from) != min(n%4, 3), to > from && uint64(numbers.Value(int(from))) != uint64(n):
				t.Fatalf("row %d: a list is wrong", n)
			}
			n++
		}
	}
	if n != rowsWritten {
		t.Errorf("%d rows, want %d", n, rowsWritten)
	}
}
