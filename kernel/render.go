package kernel

import (
	"bytes"
	"fmt"
	"html"
	"image/png"
	"path/filepath"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
	richtext "github.com/mptcpanalyzer/mptcpanalyzer/display/html"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/image"
)

// Notebook is the Renderer for notebooks: text, HTML, and for charts a picture.
type Notebook struct {
	Charts func() string // core's setting charts: server, inline or static
	Spec   string        // name of the kernelspec, under which the server has the chart library
}

// Bundle renders a block in every form that a notebook can show.
func (n *Notebook) Bundle(b display.Block) (*Bundle, error) {
	switch b := b.(type) {
	case *display.Table:
		return n.table(b)
	case *display.Chart:
		return n.chart(b)
	case *display.File:
		return n.file(b)
	}
	return n.prose(b)
}

func (n *Notebook) prose(b display.Block) (*Bundle, error) {
	plain, err := plainText(b)
	if err != nil {
		return nil, err
	}
	bundle := plainBundle(plain)
	return bundle, bundle.addHTML(b)
}

func (b *Bundle) addHTML(block display.Block) error {
	var rich strings.Builder
	if err := (richtext.Renderer{}).Block(&rich, block); err != nil {
		return err
	}
	b.Data["text/html"] = rich.String()
	return nil
}

// table cuts a long table in its text form as the HTML form does.
func (n *Notebook) table(t *display.Table) (*Bundle, error) {
	if t.Machine() {
		plain, err := plainText(t)
		return plainBundle(plain), err
	}
	short, more := *t, ""
	if t.Rows > display.MostRows {
		short.Rows = display.MostRows
		more = fmt.Sprintf("\nthe first %d of %s rows", display.MostRows, display.Whole(t.Rows))
		if t.All != "" {
			more += "; " + t.All + " writes all"
		}
	}
	plain, err := plainText(&short)
	if err != nil {
		return nil, err
	}
	bundle := plainBundle(plain + more)
	return bundle, bundle.addHTML(t)
}

// Size of a chart's picture in pixels as they are shown; it is drawn with twice as many.
const (
	pictureWidth = 900
	sharpness    = 2
)

func (n *Notebook) chart(c *display.Chart) (*Bundle, error) {
	plain, err := plainText(c)
	if err != nil {
		return nil, err
	}
	mode := echarts.Mode(n.Charts())
	var picture bytes.Buffer
	if err := image.PNG(&picture, c, image.Options{Width: pictureWidth, DPI: 96 * sharpness, Most: mode.MostPicture()}); err != nil {
		return nil, err
	}
	rich, err := echarts.Notebook{
		Mode: mode, Kernel: n.Spec, Picture: picture.Bytes(), Width: pictureWidth,
	}.Chart(c)
	if err != nil {
		return nil, err
	}
	bundle := plainBundle(plain)
	bundle.Data["text/html"] = rich
	bundle.Data["image/png"] = picture.Bytes() // encoding/json writes bytes as base64, as the protocol wants it
	size, err := png.DecodeConfig(&picture)
	if err != nil {
		return nil, err
	}
	width := pictureWidth
	if c.Sheet.Width > 0 {
		width = int(c.Sheet.Width)
	}
	bundle.Metadata = map[string]any{"image/png": map[string]int{"width": width, "height": size.Height * width / size.Width}}
	return bundle, nil
}

// file tells where a file was written, with a link that works for files at or below the notebook's folder.
func (n *Notebook) file(f *display.File) (*Bundle, error) {
	bundle := plainBundle("wrote " + display.Visible(f.Name))
	name := html.EscapeString(display.Visible(f.Name))
	if filepath.IsLocal(f.Name) {
		name = `<a href="` + html.EscapeString(link(f.Name)) + `" target="_blank" rel="noopener">` + name + `</a>`
	}
	bundle.Data["text/html"] = `<div class="mptcp-file">wrote ` + name + `</div>`
	return bundle, nil
}
