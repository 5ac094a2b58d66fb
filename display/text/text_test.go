package text_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

var update = flag.Bool("update", false, "write the golden files anew")

func render(t *testing.T, r text.Renderer, b display.Block) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.Block(&out, b); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGolden(t *testing.T) {
	prose := &display.Text{Title: "plot", Body: "Draws a column of a connection over time, a line for each subflow.\n\n  plot dsn 0"}
	for name, c := range map[string]struct {
		renderer text.Renderer
		block    display.Block
	}{
		"table":         {text.Renderer{}, displaytest.Subflows()},
		"table-human":   {text.Renderer{Human: true}, displaytest.Subflows()},
		"table-100":     {text.Renderer{Human: true, Width: 100}, displaytest.Subflows()},
		"table-colour":  {text.Renderer{Human: true, Width: 150, Colour: true}, displaytest.Subflows()},
		"dsn":           {text.Renderer{}, displaytest.DSN(400)},
		"dsn-colour":    {text.Renderer{Width: 100, Colour: true, Dark: true}, displaytest.DSN(400)},
		"throughput":    {text.Renderer{}, displaytest.Throughput(100)},
		"histogram":     {text.Renderer{}, displaytest.Histogram()},
		"shares":        {text.Renderer{}, displaytest.Shares()},
		"text":          {text.Renderer{Width: 40}, prose},
		"note":          {text.Renderer{Width: 40}, &display.Note{Body: "the handshake of connection 0 is missing: its keys are unknown"}},
		"warning":       {text.Renderer{Colour: true}, &display.Note{Level: display.Caution, Body: "the capture is cut"}},
		"table-of-none": {text.Renderer{}, &display.Table{Title: "TCP streams", Empty: "the capture holds no TCP"}},
		"no-points":     {text.Renderer{}, &display.Chart{Title: "DSN · connection 0", Notes: []string{"no packet has dsn"}}},
	} {
		got := render(t, c.renderer, c.block)
		file := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
		}
	}
}

// Whatever the width, no line of a table is longer, and nothing is lost: numbers stand whole, texts with all their words.
func TestTableFits(t *testing.T) {
	table := displaytest.Subflows()
	for width := 40; width < 250; width++ {
		out := render(t, text.Renderer{Human: true, Width: width}, table)
		for _, line := range strings.Split(out, "\n") {
			if text.Width(line) > width {
				t.Errorf("width %d: a line of %d: %q", width, text.Width(line), line)
			}
		}
		for i := range table.Columns {
			for row := range table.Rows {
				v, c := table.Cell(row, i), &table.Columns[i]
				cell := display.Format(v, c, display.People)
				switch v.Kind() {
				case display.Missing:
				case display.TextKind:
					for _, word := range strings.Fields(cell) {
						if len(word) < 20 && !strings.Contains(out, word) {
							t.Errorf("width %d: %q of %s is gone:\n%s", width, word, c.Head, out)
						}
					}
				default:
					if !strings.Contains(out, cell) {
						t.Errorf("width %d: %s of %s is gone:\n%s", width, cell, c.Head, out)
					}
				}
			}
		}
	}
}

// Names from a capture cannot drive the terminal, and a row stays one line.
func TestHostileText(t *testing.T) {
	table := &display.Table{
		Title: displaytest.Hostile, Source: "a\nb", Rows: 1, Columns: []display.Column{{Head: "Name\t"}},
		Cell: func(int, int) display.Value { return display.Str(displaytest.Hostile + "\r\n\x07") },
	}
	blocks := display.Page{
		table, displaytest.HostileChart(),
		&display.Text{Title: displaytest.Hostile, Body: displaytest.Hostile, Pre: true},
		&display.Note{Body: displaytest.Hostile},
	}
	for _, b := range blocks {
		out := render(t, text.Renderer{}, b)
		if i := strings.IndexFunc(out, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf)) }); i >= 0 {
			t.Errorf("%T writes %q", b, out[i:min(i+10, len(out))])
		}
	}
	if got := strings.Count(render(t, text.Renderer{}, table), "\n"); got != 4 {
		t.Errorf("%d lines, want title, head, rule, row", got)
	}
}

func TestFilesAreRefused(t *testing.T) {
	if err := (text.Renderer{}).Block(&bytes.Buffer{}, &display.File{Name: "x.png"}); err == nil {
		t.Error("a file was written as text")
	}
}

func TestPage(t *testing.T) {
	var out bytes.Buffer
	if err := (text.Renderer{}).Page(&out, display.Page{&display.Note{Body: "a"}, &display.Note{Body: "b"}}); err != nil {
		t.Fatal(err)
	}
	if out.String() != "note: a\n\nnote: b\n" {
		t.Errorf("got %q", out.String())
	}
}

func TestCSV(t *testing.T) {
	var out bytes.Buffer
	if err := text.CSV(&out, displaytest.Subflows(), ','); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"tcpstream=0", "client=10.0.1.1:48990", "server=10.0.1.2:5001", "port=48990", "bytes=3145728", "share=0.642",
		"rate=12340000", "duration=20.412345678", "start=1700000000.000001234", "backup=true", "idsn=14142135623730950488"} {
		if got := records[0][i] + "=" + records[1][i]; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if records[3][6] != "" {
		t.Errorf("a missing value is %q", records[3][6])
	}
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	if err := text.JSON(&out, displaytest.Subflows()); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(out.Bytes(), &rows); err != nil {
		t.Fatalf("%v in %s", err, out.Bytes())
	}
	for key, want := range map[string]any{
		"tcpstream": 0.0, "bytes": 3145728.0, "share": 0.642, "duration": 20.412345678, "start": "1700000000.000001234",
		"backup": true, "idsn": "14142135623730950488",
	} {
		if rows[0][key] != want {
			t.Errorf("%s is %v, want %v", key, rows[0][key], want)
		}
	}
	if rows[1]["idsn"] != "9007199254740993" || rows[2]["rate"] != nil {
		t.Errorf("second or third row: %v", rows[1:])
	}
}

func TestJSONOddValues(t *testing.T) {
	values := []display.Value{display.Float(math.NaN()), display.Float(math.Inf(1)), display.Float(1e300), display.Int(-1 << 60), display.Int(7), display.Str(displaytest.Hostile)}
	table := &display.Table{Rows: len(values), Columns: []display.Column{{Key: `a"b`, Big: true}, {Key: "count"}}, Cell: func(row, _ int) display.Value { return values[row] }}
	var out bytes.Buffer
	if err := text.JSON(&out, table); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(out.Bytes(), &rows); err != nil {
		t.Fatalf("%v in %s", err, out.Bytes())
	}
	for i, want := range []any{nil, nil, 1e300, "-1152921504606846976", "7", displaytest.Hostile} {
		if rows[i][`a"b`] != want {
			t.Errorf("row %d is %v, want %v", i, rows[i], want)
		}
	}
	// The form goes by the column, not by the size of the number.
	if rows[3]["count"] != -1.0*(1<<60) || rows[4]["count"] != 7.0 || !strings.Contains(out.String(), `"count": -1152921504606846976`) {
		t.Errorf("a plain column is %v and %v in %s", rows[3]["count"], rows[4]["count"], out.String())
	}
	out.Reset()
	if err := text.JSON(&out, &display.Table{}); err != nil || out.String() != "[]\n" {
		t.Errorf("an empty table is %q, %v", out.String(), err)
	}
}

// The rows of a chart are all its points, exact.
func TestChartAsTable(t *testing.T) {
	c := displaytest.DSN(50)
	table := c.Table()
	points := 0
	for i := range c.Series {
		points += c.Series[i].Len()
	}
	var out bytes.Buffer
	if err := text.CSV(&out, table, '|'); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != points+1 {
		t.Fatalf("%d lines for %d points", len(lines), points)
	}
	if want := "data ack|0.019178675|1700000000.019178675|1420||14142135623730951908|6|"; lines[1] != want {
		t.Errorf("first row %q, want %q", lines[1], want)
	}
}
