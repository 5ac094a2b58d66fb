// Command mptcpanalyzer-sizes is a plugin of mptcpanalyzer, as an example in Go: it draws how many segments have which
// payload size. It gets the rows as Arrow, which is quick. Build it into a folder on PATH and type `plot sizes 0`; package
// core/plugin tells the protocol.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

const description = `{
  "protocol": 1,
  "kind": "plot",
  "summary": "draw how many segments have which size",
  "help": "A histogram of the payload sizes of the segments that carry any.",
  "rows": "arrow",
  "columns": ["tcplen"],
  "parameters": [
    {"name": "CONNECTION", "kind": "connection", "doc": "mptcp.stream; every packet if not said"},
    {"name": "--bin", "kind": "text", "value": "BYTES", "doc": "how wide a bar is; 100 if not said"}
  ],
  "examples": [{"line": "plot sizes 0", "what": "the sizes of connection 0"}]
}`

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--describe" {
		fmt.Println(description)
		return
	}
	if err := answer(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// request is what is used of the line that comes first.
type request struct {
	Arguments map[string][]string `json:"arguments"`
}

func answer(r io.Reader, w io.Writer) error {
	in := bufio.NewReader(r)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	var q request
	if err := json.Unmarshal(line, &q); err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	width := int64(100)
	if given := q.Arguments["--bin"]; given != nil {
		if width, err = strconv.ParseInt(given[0], 10, 32); err != nil || width < 1 {
			return fmt.Errorf("--bin %s: a number of bytes is wanted", given[0])
		}
	}
	bars, err := count(in, width)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(page(bars, width))
}

// count counts the segments by the start of their bar.
func count(stream io.Reader, width int64) (map[int64]int, error) {
	rows, err := ipc.NewReader(stream)
	if err != nil {
		return nil, fmt.Errorf("reading the rows: %w", err)
	}
	defer rows.Release()
	bars := map[int64]int{}
	for rows.Next() {
		sizes, ok := rows.RecordBatch().Column(0).(*array.Uint32)
		if !ok {
			return nil, fmt.Errorf("tcplen is of type %s", rows.RecordBatch().Column(0).DataType())
		}
		for i, size := range sizes.Uint32Values() {
			if size > 0 && sizes.IsValid(i) {
				bars[int64(size)/width*width]++
			}
		}
	}
	return bars, rows.Err()
}

// page is the answer: a chart with one series.
func page(bars map[int64]int, width int64) any {
	x, y := []int64{}, []int{}
	for start := range bars {
		x = append(x, start)
	}
	slices.Sort(x)
	for _, start := range x {
		y = append(y, bars[start])
	}
	series := map[string]any{"name": fmt.Sprintf("bars of %d B", width), "mark": "bars", "x": x, "y": y}
	chart := map[string]any{"title": "Sizes of segments", "x": map[string]string{"label": "Payload", "unit": "B"},
		"y": map[string]string{"label": "Segments"}, "series": []any{series}}
	return map[string]any{"protocol": 1, "blocks": []any{map[string]any{"chart": chart}}}
}
