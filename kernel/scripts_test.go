package kernel

import (
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
)

// TestScripts runs the session scripts through the kernel: the text form of its outputs must be the terminal's.
func TestScripts(t *testing.T) {
	coretest.Run(t, func(t *testing.T) coretest.Face {
		c := start(t, core.New(disk.Options()), func(o *Options) { o.Renderer = &Notebook{Charts: echarts.Static, Spec: "mptcpanalyzer"} })
		return func(cell string) string { return transcript(c.run(cell)) }
	})
}

// transcript puts an answer together as the terminal does: a blank line before each block but warnings, the error last.
func transcript(a answer) string {
	var all strings.Builder
	for _, m := range a.outputs {
		body := ""
		switch f := fields(m); m.Header.Type {
		case "display_data", "execute_result":
			body, _ = f["data"].(map[string]any)["text/plain"].(string)
		case "stream":
			body, _ = f["text"].(string)
		case "error":
			value, _ := f["evalue"].(string)
			body = "error: " + value
		default:
			continue
		}
		if all.Len() > 0 && !strings.HasPrefix(body, "warning: ") && !strings.HasPrefix(body, "error: ") {
			all.WriteString("\n")
		}
		all.WriteString(strings.TrimRight(body, "\n") + "\n")
	}
	for _, p := range payloads(a) {
		all.WriteString(strings.TrimRight(p, "\n") + "\n")
	}
	return all.String()
}

// payloads are the texts for the pager.
func payloads(a answer) []string {
	var texts []string
	list, _ := a.reply["payload"].([]any)
	for _, p := range list {
		if page, ok := p.(map[string]any); ok && page["source"] == "page" {
			s, _ := page["data"].(map[string]any)["text/plain"].(string)
			texts = append(texts, s)
		}
	}
	return texts
}
