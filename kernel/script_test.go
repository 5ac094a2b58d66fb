package kernel

import (
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
)

// TestScripts runs the session scripts through the kernel: its text is that of the other faces.
func TestScripts(t *testing.T) {
	coretest.Run(t, func(t *testing.T) coretest.Face {
		files := &Files{}
		c := start(t, core.New(files.Options()), func(o *Options) {
			o.Renderer, o.Save = &Notebook{Charts: func() string { return string(echarts.Static) }}, files.Save
		})
		return func(cell string) string { return textOf(c.run(cell)) }
	})
}

// textOf is what a person reads of an answer as text, as a terminal shows it: outputs and help with a blank line between,
// warnings and the error on lines of their own.
func textOf(a answer) string {
	text, blocks := "", 0
	add := func(block string) {
		if blocks++; blocks > 1 {
			text += "\n"
		}
		text += block
	}
	for _, m := range a.outputs {
		switch f := fields(m); m.Header.Type {
		case "stream":
			if f["name"] == "stderr" {
				text += f["text"].(string)
				continue
			}
			add(f["text"].(string))
		case "display_data", "execute_result":
			add(plainOf(m) + "\n")
		}
	}
	if pages, ok := a.reply["payload"].([]any); ok {
		for _, p := range pages {
			add(p.(map[string]any)["data"].(map[string]any)["text/plain"].(string) + "\n")
		}
	}
	if a.reply["status"] == "error" {
		text += "error: " + a.reply["evalue"].(string) + "\n"
	}
	return text
}
