package kernel

import (
	"html"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// Bundle is one output in several forms by MIME type: the client shows the richest that it can. text/plain is always
// there.
type Bundle struct {
	Data map[string]any
	// Metadata by MIME type: the size of a picture.
	Metadata map[string]any
}

// Renderer makes a bundle of a block.
type Renderer interface {
	Bundle(b display.Block) (*Bundle, error)
}

func plainBundle(s string) *Bundle { return &Bundle{Data: map[string]any{"text/plain": s}} }

// plain is the text form.
func (b *Bundle) plain() string {
	s, _ := b.Data["text/plain"].(string)
	return s
}

// meta is the metadata, never nil.
func (b *Bundle) meta() map[string]any {
	if b.Metadata == nil {
		return map[string]any{}
	}
	return b.Metadata
}

// pageBundle is a page in one bundle: texts with a blank line between, HTML one after the other. A block that cannot be
// rendered is left out.
func pageBundle(r Renderer, page display.Page) *Bundle {
	var plain, rich []string
	for _, block := range page {
		b, err := r.Bundle(block)
		if err != nil {
			continue
		}
		plain = append(plain, b.plain())
		if h, ok := b.Data["text/html"].(string); ok {
			rich = append(rich, h)
		}
	}
	all := plainBundle(strings.Join(plain, "\n\n"))
	if len(rich) == len(plain) && len(rich) > 0 {
		all.Data["text/html"] = strings.Join(rich, "\n")
	}
	return all
}

// plainText is a block as the terminal writes it, without the line feed at its end.
func plainText(b display.Block) (string, error) {
	var s strings.Builder
	if err := (text.Renderer{Human: true}).Block(&s, b); err != nil {
		return "", err
	}
	return strings.TrimRight(s.String(), "\n"), nil
}

// progressBundle says how far work has come, in a line with a bar before it.
func progressBundle(p display.Progress) *Bundle {
	line := p.Task + strings.TrimPrefix(extent(p), " at")
	if p.Note != "" {
		line += " · " + p.Note
	}
	b := plainBundle(line)
	bar := ""
	if p.Total > 0 {
		bar = `<progress max="1000" value="` + permille(p) + `" style="width:12em;vertical-align:middle;margin-right:.8em"></progress>`
	}
	b.Data["text/html"] = `<div style="font-variant-numeric:tabular-nums">` + bar + html.EscapeString(line) + `</div>`
	return b
}
