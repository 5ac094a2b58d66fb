package echarts

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

//go:embed assets/loader.js
var loader string

// Mode says where the chart of a notebook finds the library.
type Mode string

// Modes.
const (
	// Server: the Jupyter server has it in the kernelspec, at <base_url>kernelspecs/<kernel>/echarts.js (see Bundle). Where
	// there is no server the picture stays.
	Server Mode = "server"
	// Inline: it comes with every output (about 290 kB each), which then is alive in an exported HTML and in VS Code.
	Inline Mode = "inline"
	// Static: the picture only.
	Static Mode = "static"
)

// Notebook is how the output of a notebook is made.
type Notebook struct {
	Mode   Mode
	Kernel string // name of the kernelspec, for Server
	// Picture is the chart as PNG, shown until the script has drawn and where it may not run; Width is how wide it is
	// shown at most, in pixels. Without a picture, Static has only words.
	Picture []byte
	Width   int
}

// MostPicture is how many bytes the picture may have for the whole output, which holds it twice, to stay below half a megabyte.
func (m Mode) MostPicture() int {
	if m == Inline {
		return 45_000
	}
	return 110_000
}

// Chart is the text/html output of a chart: a <div> that holds the picture, and a script that puts the interactive chart in
// its place. It needs nothing from the network, and of the page only what jupyter front ends have.
func (n Notebook) Chart(c *display.Chart) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "<div class=\"mptcp-chart\" data-mptcp-chart=\"%s\">%s</div>\n", ID(c), n.picture(c))
	switch n.Mode {
	case Static:
		return b.String(), nil
	case Server, Inline:
		script, err := n.script(c)
		b.WriteString(script)
		return b.String(), err
	}
	return "", fmt.Errorf("unknown way to draw charts %q: want server, inline or static", n.Mode)
}

func (n Notebook) picture(c *display.Chart) string {
	words := html.EscapeString(description(c))
	if len(n.Picture) == 0 {
		return "<p>" + words + "</p>"
	}
	width := ""
	if n.Width > 0 {
		width = fmt.Sprintf(" width=\"%d\"", n.Width)
	}
	return fmt.Sprintf("<img alt=\"%s\"%s style=\"max-width:100%%;height:auto\" src=\"data:image/png;base64,%s\">",
		words, width, base64.StdEncoding.EncodeToString(n.Picture))
}

func (n Notebook) script(c *display.Chart) (string, error) {
	var packed []string
	kernel := n.Kernel
	if n.Mode == Inline {
		var err error
		if packed, err = packedParts(); err != nil {
			return "", err
		}
		kernel = ""
	}
	// The picture is there twice: in the text/html, and as an entry of its own.
	return script(c, packed, kernel, "", outputBudget-2*base64.StdEncoding.EncodedLen(len(n.Picture)))
}

// script is a <script> element that draws a chart, of about so many bytes as there is room for. What stands in it as data is
// JSON whose <, > and & are escaped.
func script(c *display.Chart, packed []string, kernel, scheme string, room int) (string, error) {
	for _, part := range packed {
		room -= len(part)
	}
	data, err := whole(c, max(room, pointsBudget))
	if err != nil {
		return "", err
	}
	config, err := encode(struct {
		Packed []string `json:"packed,omitempty"`
		Kernel string   `json:"kernel,omitempty"`
		Scheme string   `json:"scheme,omitempty"`
	}{packed, kernel, scheme})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("<script>\n%s({payload:%s,...%s});\n</script>\n", strings.TrimSpace(loader), data, config), nil
}

// policy forbids a file to reach for anything but itself.
const policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"

// File writes a chart as a document of its own, which follows the system's colours and needs no network.
func File(w io.Writer, c *display.Chart) error {
	packed, err := packedParts()
	if err != nil {
		return err
	}
	code, err := script(c, packed, "", "auto", outputBudget)
	if err != nil {
		return err
	}
	light, dark := display.Light(), display.Dark()
	style := fmt.Sprintf(":root{color-scheme:light dark}body{margin:12px;background:%s;color:%s;font-family:system-ui,sans-serif}"+
		"@media (prefers-color-scheme:dark){body{background:%s;color:%s}}", light.Page.Hex(), light.Text.Hex(), dark.Page.Hex(), dark.Text.Hex())
	_, err = fmt.Fprintf(w, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"+
		"<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n<div data-mptcp-chart=\"%s\"><p>%s</p></div>\n%s</body>\n</html>\n",
		policy, html.EscapeString(display.Visible(c.Title)), style, ID(c), html.EscapeString(description(c)), code)
	return err
}
