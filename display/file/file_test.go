package file_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/file"
)

// The extension of the name, in any case, gives the format.
func TestFormats(t *testing.T) {
	chart, table := displaytest.Histogram(), displaytest.Subflows()
	own := func(w display.Writer) error { _, err := io.WriteString(w, "own"); return err }
	for _, c := range []struct {
		file  display.File
		start string
	}{
		{display.File{Name: "x.png", Chart: chart}, "\x89PNG"},
		{display.File{Name: "a/b.SVG", Chart: chart}, "<?xml"},
		{display.File{Name: "x.pdf", Chart: chart}, "%PDF"},
		{display.File{Name: "x.html", Chart: chart}, "<!DOCTYPE html>"},
		{display.File{Name: "x.csv", Chart: chart}, "series,latency,value,value_end,frame,label\ndata ack after,0.000000000,35,,,\n"},
		{display.File{Name: "x.json", Chart: chart}, `[` + "\n" + `  {"series": "data ack after", "latency": 0.000000000, "value": 35,`},
		{display.File{Name: "x.txt", Chart: chart}, "Time to the data ack"},
		{display.File{Name: "x.csv", Table: table}, "tcpstream,client"},
		{display.File{Name: "x.tsv", Table: table}, "tcpstream\tclient"},
		{display.File{Name: "x.json", Table: table}, "[\n  {\"tcpstream\": 0"},
		{display.File{Name: "x.html", Table: table}, "<!DOCTYPE html>"},
		{display.File{Name: "x.txt", Table: table}, "Subflows of"},
		{display.File{Name: "x.pcapng", Write: own}, "own"},
	} {
		var b bytes.Buffer
		if err := file.Write(&b, &c.file); err != nil {
			t.Errorf("%s: %v", c.file.Name, err)
		}
		if !strings.HasPrefix(b.String(), c.start) {
			t.Errorf("%s begins with %.80q", c.file.Name, b.String())
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, f := range []display.File{
		{Name: "x.gif", Chart: displaytest.Histogram()}, {Name: "x", Table: displaytest.Subflows()}, {Name: "x.csv"},
	} {
		if err := file.Write(io.Discard, &f); err == nil || !strings.HasPrefix(err.Error(), f.Name+": ") {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}
