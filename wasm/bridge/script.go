package bridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// script answers with commands as a file that runs elsewhere: a notebook for the kernel, or lines for `run`.
func (b *Bridge) script(r *Request, out *output) error {
	switch extension(r.Name) {
	case ".ipynb":
		content, err := notebook(r.Text, r.Lines)
		if err != nil {
			return err
		}
		out.file(r.Name, content)
	case ".mptcp":
		out.file(r.Name, []byte(comment(r.Text)+strings.Join(r.Lines, "\n")+"\n"))
	default:
		return fmt.Errorf("%s: commands are saved as .mptcp or .ipynb", r.Name)
	}
	return nil
}

// comment is text as lines that the language passes over.
func comment(text string) string {
	if text == "" {
		return ""
	}
	return "# " + strings.ReplaceAll(text, "\n", "\n# ") + "\n"
}

// notebookFile is a notebook, format 4.5 of nbformat.
type notebookFile struct {
	Cells    []any `json:"cells"`
	Metadata struct {
		Kernel struct {
			Display  string `json:"display_name"`
			Language string `json:"language"`
			Name     string `json:"name"`
		} `json:"kernelspec"`
	} `json:"metadata"`
	Format int `json:"nbformat"`
	Minor  int `json:"nbformat_minor"`
}

type proseCell struct {
	Type     string   `json:"cell_type"` // "markdown"
	ID       string   `json:"id"`
	Metadata struct{} `json:"metadata"`
	Source   string   `json:"source"`
}

type codeCell struct {
	Type     string   `json:"cell_type"` // "code"
	Count    *int     `json:"execution_count"`
	ID       string   `json:"id"`
	Metadata struct{} `json:"metadata"`
	Outputs  []any    `json:"outputs"`
	Source   string   `json:"source"`
}

// notebook puts a text and then each command into a cell of its own, for our kernel.
func notebook(text string, lines []string) ([]byte, error) {
	n := notebookFile{Format: 4, Minor: 5}
	n.Metadata.Kernel.Display, n.Metadata.Kernel.Language, n.Metadata.Kernel.Name = "mptcpanalyzer", "mptcpanalyzer", "mptcpanalyzer"
	id := func() string { return fmt.Sprintf("cell-%02d", len(n.Cells)+1) }
	if text != "" {
		n.Cells = append(n.Cells, proseCell{Type: "markdown", ID: id(), Source: text})
	}
	for _, line := range lines {
		n.Cells = append(n.Cells, codeCell{Type: "code", ID: id(), Outputs: []any{}, Source: line})
	}
	var content bytes.Buffer
	e := json.NewEncoder(&content)
	e.SetIndent("", " ")
	err := e.Encode(&n)
	return content.Bytes(), err
}
