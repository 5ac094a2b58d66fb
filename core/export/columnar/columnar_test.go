package columnar

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

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
		first += rows
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
