package database

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
)

// Import makes a database of one table out of delimited text, whose first line names the columns, and writes it to w. All
// columns are text, as in the original's csv2sql.
func Import(ctx context.Context, w io.Writer, text io.Reader, delimiter rune, table string) (rows int, err error) {
	e := &encoder{out: w}
	defer e.drop()
	if err := e.begin(""); err != nil {
		return 0, err
	}
	if rows, err = e.read(ctx, text, delimiter, table); err != nil {
		return rows, err
	}
	return rows, e.Close()
}

func (e *encoder) read(ctx context.Context, text io.Reader, delimiter rune, table string) (rows int, err error) {
	r := csv.NewReader(export.Unmarked(text))
	r.Comma, r.ReuseRecord = delimiter, true
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return 0, errors.New("is empty: a line of column names is needed")
	}
	if err != nil {
		return 0, err
	}
	var columns []string
	for _, name := range head {
		columns = append(columns, quote(name)+" TEXT")
	}
	if _, err := e.tx.Exec("CREATE TABLE " + quote(table) + " (" + strings.Join(columns, ", ") + ")"); err != nil {
		return 0, fmt.Errorf("columns %s: %w", strings.Join(head, ", "), err)
	}
	insert, err := e.tx.Prepare("INSERT INTO " + quote(table) + " VALUES (?" + strings.Repeat(", ?", len(head)-1) + ")")
	if err != nil {
		return 0, err
	}
	values := make([]any, len(head))
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return rows, err
		}
		for i, v := range record {
			values[i] = v
		}
		if _, err := insert.Exec(values...); err != nil {
			return rows, err
		}
		rows++
	}
}
