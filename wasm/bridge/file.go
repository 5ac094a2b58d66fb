package bridge

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// deliver emits a file that a command made. A chart as a picture is drawn by the page.
func (b *Bridge) deliver(f *display.File, out *output) error {
	name := path.Base(strings.ReplaceAll(f.Name, "\\", "/"))
	switch {
	case f.Chart != nil && picture(name):
		e, err := b.presentChart(f.Chart)
		if err != nil {
			return err
		}
		out.send(fileEvent{Event: "file", Name: name, Type: mediaType(name), Chart: e})
		return nil
	case f.Chart != nil:
		return out.table(name, f.Chart.Table(), "charts as .png, .svg, .csv, .tsv, .json or .txt")
	case f.Table != nil:
		return out.table(name, f.Table, tableFormats)
	}
	var content bytes.Buffer
	if err := f.Write(&content); err != nil {
		return err
	}
	out.file(name, content.Bytes())
	return nil
}

// tableFormats are what the page saves tables as, for an error.
const tableFormats = "tables as .csv, .tsv, .json or .txt"

// save answers with a table or the points of a chart that the page shows, as a file.
func (b *Bridge) save(r *Request, out *output) error {
	b.mu.Lock()
	t, c := b.tables[r.Handle], b.charts[r.Handle]
	b.mu.Unlock()
	switch {
	case t != nil:
		return out.table(r.Name, t.Table, tableFormats)
	case c != nil:
		return out.table(r.Name, c.Table(), "points as .csv, .tsv, .json or .txt")
	}
	return fmt.Errorf("there is no table %d", r.Handle)
}

// table emits a table as a file, in the format that its name's extension says.
func (o *output) table(name string, t *display.Table, formats string) error {
	var content bytes.Buffer
	var err error
	switch extension(name) {
	case ".csv":
		err = text.CSV(&content, t, ',')
	case ".tsv":
		err = text.CSV(&content, t, '\t')
	case ".json":
		err = text.JSON(&content, t)
	case ".txt":
		err = text.Renderer{}.Block(&content, t)
	default:
		return fmt.Errorf("%s: the page saves %s", name, formats)
	}
	if err != nil {
		return err
	}
	o.file(name, content.Bytes())
	return nil
}

func extension(name string) string { return strings.ToLower(path.Ext(name)) }

// picture says whether the page draws a file of that name.
func picture(name string) bool { return extension(name) == ".png" || extension(name) == ".svg" }

// file emits bytes with a name.
func (o *output) file(name string, content []byte) {
	o.sendWith(fileEvent{Event: "file", Name: name, Type: mediaType(name)}, content)
}

// mediaType is what a browser is told that a file is.
func mediaType(name string) string {
	switch extension(name) {
	case ".png":
		return "image/png"
	case ".svg":
		return "image/svg+xml"
	case ".csv":
		return "text/csv"
	case ".tsv":
		return "text/tab-separated-values"
	case ".json":
		return "application/json"
	case ".txt", ".md":
		return "text/plain"
	case ".ipynb":
		return "application/x-ipynb+json"
	}
	return "application/octet-stream"
}
