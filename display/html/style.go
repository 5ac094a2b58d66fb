package html

import (
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// frontEnd names the variables with which JupyterLab and VS Code say the same thing as a token of ours.
func frontEnd(token string) string {
	switch token {
	case "page":
		return "var(--jp-layout-color0,var(--vscode-editor-background,%s))"
	case "surface":
		return "var(--jp-layout-color2,var(--vscode-list-hoverBackground,%s))"
	case "text":
		return "var(--jp-content-font-color1,var(--vscode-editor-foreground,%s))"
	case "muted":
		return "var(--jp-content-font-color2,var(--vscode-descriptionForeground,%s))"
	case "hairline":
		return "var(--jp-border-color2,var(--vscode-panel-border,%s))"
	}
	return "%s"
}

// dark selects front ends that say they are dark. The system's wish is not asked: the classic Notebook stays white.
const dark = `[data-jp-theme-light="false"] .mptcp,.vscode-dark .mptcp,[data-theme="dark"] .mptcp`

// variables defines --mptcp-* for fragments, light and dark, and the chips' colours.
func variables() string {
	var b strings.Builder
	declare := func(selector string, p display.Palette) {
		b.WriteString(selector + "{")
		for _, t := range p.Tokens() {
			fmt.Fprintf(&b, "--mptcp-%s:%s;", t.Name, fmt.Sprintf(frontEnd(t.Name), t.Colour.Hex()))
		}
		b.WriteString("}\n")
	}
	declare(".mptcp", display.Light())
	declare(dark, display.Dark())
	for i := range display.Light().Subflows {
		fmt.Fprintf(&b, ".mptcp-s%d{--mptcp-chip:var(--mptcp-subflow-%d)}\n", i, i)
	}
	return b.String()
}

// documentStyle is the style of a document of its own, which follows the system.
func documentStyle() string {
	var tokens strings.Builder
	for _, t := range display.Dark().Tokens() {
		fmt.Fprintf(&tokens, "--mptcp-%s:%s;", t.Name, t.Colour.Hex())
	}
	return fmt.Sprintf(":root{color-scheme:light dark}body{margin:16px;background:%s;font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,sans-serif}"+
		"@media (prefers-color-scheme:dark){body{background:%s}body .mptcp{%s}}body .mptcp-scroll{max-height:none}",
		display.Light().Page.Hex(), display.Dark().Page.Hex(), tokens.String())
}
