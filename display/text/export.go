package text

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// CSV writes a table for machines: a head of stable keys, then all rows, raw numbers, seconds with nine decimals, empty
// where a value is missing. Fields are separated by delimiter and quoted as RFC 4180 says.
func CSV(w io.Writer, t *display.Table, delimiter rune) error {
	out := csv.NewWriter(w)
	out.Comma = delimiter
	record := make([]string, len(t.Columns))
	for i := range t.Columns {
		record[i] = t.Columns[i].Heading(display.Machine)
	}
	if err := out.Write(record); err != nil {
		return err
	}
	for row := range t.Rows {
		for i := range t.Columns {
			record[i] = display.Format(t.Cell(row, i), &t.Columns[i], display.Machine)
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// JSON writes a table for machines: an array with one object a row, by stable keys in the order of the columns, one row a
// line. What a column is written as does not depend on the size of its values: columns that may need all of 64 bits (keys,
// data sequence numbers: Column.Big, or the unit SequenceNumber) and moments in time are decimal strings, because most
// readers would round numbers above 2⁵³; all others are numbers, durations in seconds; what is missing, or no number, is
// null.
func JSON(w io.Writer, t *display.Table) error {
	out := bufio.NewWriter(w)
	keys := make([][]byte, len(t.Columns))
	for i := range t.Columns {
		key, err := json.Marshal(t.Columns[i].Key)
		if err != nil {
			return err
		}
		keys[i] = append(key, ": "...)
	}
	out.WriteString("[")
	for row := range t.Rows {
		separator := "\n  {"
		if row > 0 {
			separator = ",\n  {"
		}
		for i := range t.Columns {
			value, err := jsonValue(t.Cell(row, i), &t.Columns[i])
			if err != nil {
				return err
			}
			out.WriteString(separator)
			out.Write(keys[i])
			out.Write(value)
			separator = ", "
		}
		out.WriteString("}")
	}
	if t.Rows > 0 {
		out.WriteString("\n")
	}
	out.WriteString("]\n")
	return out.Flush()
}

func jsonValue(v display.Value, c *display.Column) ([]byte, error) {
	text := display.Format(v, c, display.Machine)
	switch v.Kind() {
	case display.Missing:
		return []byte("null"), nil
	case display.UintKind, display.IntKind:
		if c.Big || c.Unit == display.SequenceNumber {
			return json.Marshal(text)
		}
	case display.FloatKind:
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			return []byte("null"), nil
		}
		return strconv.AppendFloat(nil, v.Float(), 'g', -1, 64), nil
	case display.TextKind, display.TimeKind:
		return json.Marshal(text)
	}
	return []byte(text), nil
}
