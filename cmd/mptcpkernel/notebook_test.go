package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// notebook is a .ipynb file.
type notebook struct {
	Metadata struct {
		Kernel struct {
			Name string `json:"name"`
		} `json:"kernelspec"`
	} `json:"metadata"`
	Cells []struct {
		Type     string           `json:"cell_type"`
		Count    *int             `json:"execution_count"`
		Metadata map[string]any   `json:"metadata"`
		Source   lines            `json:"source"`
		Outputs  []notebookOutput `json:"outputs"`
	}
}

type notebookOutput struct {
	Type  string           `json:"output_type"`
	Name  string           `json:"name"`
	Text  lines            `json:"text"`
	Error string           `json:"evalue"`
	Data  map[string]lines `json:"data"`
}

// lines is text that may be cut into lines.
type lines string

// UnmarshalJSON takes a string or a list of them.
func (l *lines) UnmarshalJSON(b []byte) error {
	var list []string
	if b[0] == '[' {
		err := json.Unmarshal(b, &list)
		*l = lines(strings.Join(list, ""))
		return err
	}
	return json.Unmarshal(b, (*string)(l))
}

func readNotebook(t *testing.T, path string) *notebook {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := &notebook{}
	if err := json.Unmarshal(b, n); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return n
}

func notebooks(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(coretest.Root(), "notebooks", "*.ipynb"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no notebooks: %v", err)
	}
	return found
}

// What is kept is prose and commands; whoever opens it runs it.
func TestNotebooksHoldNoOutputs(t *testing.T) {
	for _, path := range notebooks(t) {
		for i, c := range readNotebook(t, path).Cells {
			if c.Count != nil || len(c.Outputs) > 0 || len(c.Metadata) > 0 {
				t.Errorf("%s: cell %d holds outputs or metadata", filepath.Base(path), i)
			}
		}
	}
}

// TestGalleryHasEveryChart holds that the gallery draws each type of chart that completion offers.
func TestGalleryHasEveryChart(t *testing.T) {
	drawn := map[string]bool{}
	for _, c := range readNotebook(t, filepath.Join(coretest.Root(), "notebooks", "gallery.ipynb")).Cells {
		for _, line := range strings.Split(string(c.Source), "\n") {
			if words := strings.Fields(line); len(words) > 1 && words[0] == "plot" {
				drawn[words[1]] = true
			}
		}
	}
	const line = "plot "
	for _, item := range core.New(core.Options{}).Complete(line, len(line)).Items {
		if item.Type == "value" && !drawn[item.Text] {
			t.Errorf("the gallery does not draw %s", item.Text)
		}
	}
}

// executed runs a notebook, and with formats runs it again and turns it into them; what comes is in the folder that is given
// back.
func (j *jupyter) executed(path string, formats ...string) string {
	j.t.Helper()
	out, err := os.MkdirTemp(j.dir, "out-")
	if err != nil {
		j.t.Fatal(err)
	}
	j.must(exec.Command(python, append([]string{"testdata/convert.py", out, path}, formats...)...))
	return out
}

// Every notebook is run by a real client as `make run` does, and turned into what people send around.
func TestNotebooks(t *testing.T) {
	need(t, "python3-nbconvert python3-nbclient", "nbconvert", "nbclient")
	formats := []string{"html", "markdown", "script"}
	if _, err := exec.LookPath("pandoc"); err == nil {
		formats = append(formats, "latex")
	} else {
		t.Log("pandoc is not installed: nbconvert makes no LaTeX")
	}
	j := installed(t, "--env", chartsVariable+"=inline")
	j.withExporter()
	for _, path := range notebooks(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".ipynb"), func(t *testing.T) {
			j := &jupyter{t: t, dir: j.dir, env: j.env}
			if readNotebook(t, path).Metadata.Kernel.Name == "python3" {
				need(t, "python3-ipykernel python3-pandas", "ipykernel", "pandas")
			}
			out := j.executed(path, formats...)
			first := readNotebook(t, filepath.Join(out, "first.ipynb"))
			checkOutputs(t, first)
			if !bytes.Equal(withoutTimes(t, filepath.Join(out, "first.ipynb")), withoutTimes(t, filepath.Join(out, "second.ipynb"))) {
				t.Error("the second execution gives other bytes than the first")
			}
			checkHTML(t, first, filepath.Join(out, "html.html"))
		})
	}
}

// withExporter puts mptcpexporter on the PATH, for notebooks of other kernels.
func (j *jupyter) withExporter() {
	j.t.Helper()
	j.env = append(j.env, "PATH="+filepath.Dir(built(j.t, "mptcpexporter"))+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// taught is the warning that a notebook is about.
const taught = "warning: wrong DSS checksum"

// checkOutputs looks at an executed notebook: nothing failed, and every output has its forms.
func checkOutputs(t *testing.T, n *notebook) {
	t.Helper()
	tables, charts := 0, 0
	for i, c := range n.Cells {
		if c.Type != "code" {
			continue
		}
		if c.Count == nil || len(c.Outputs) == 0 {
			t.Errorf("cell %d (%s): no outputs", i, c.Source)
		}
		for _, o := range c.Outputs {
			if o.Type == "error" || o.Name == "stderr" && !strings.HasPrefix(string(o.Text), taught) {
				t.Errorf("cell %d (%s): %s%s", i, c.Source, o.Error, o.Text)
			}
			if o.Type == "display_data" || o.Type == "execute_result" {
				if o.Data["text/plain"] == "" || o.Data["text/html"] == "" {
					t.Errorf("cell %d (%s): forms %v", i, c.Source, o.Data)
				}
			}
			if strings.Contains(string(o.Data["text/html"]), "<table") {
				tables++
			}
			if p, ok := o.Data["image/png"]; ok {
				charts++
				checkPicture(t, string(p))
				checkChart(t, string(o.Data["text/html"]))
			}
		}
	}
	if ours := n.Metadata.Kernel.Name != "python3"; tables < 3 || (ours && charts < 1) {
		t.Errorf("%d tables and %d charts", tables, charts)
	}
}

// checkPicture wants a picture on which something is drawn in several colours.
func checkPicture(t *testing.T, encoded string) {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if n := colours(img); n < 5 {
		t.Errorf("a picture of %v with %d colours", img.Bounds(), n)
	}
}

func colours(img image.Image) int {
	seen := map[[3]uint32]bool{}
	b := img.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := img.At(x, y).RGBA()
			seen[[3]uint32{r >> 12, g >> 12, bl >> 12}] = true
		}
	}
	return len(seen)
}

// checkChart wants an output that shows a picture at once and is drawn by a script without asking any other host.
func checkChart(t *testing.T, html string) {
	t.Helper()
	for _, want := range []string{"data:image/png;base64,", "<script", "echarts"} {
		if !strings.Contains(html, want) {
			t.Errorf("a chart without %s", want)
		}
	}
	if remote := regexp.MustCompile(`(src|href)\s*=\s*["']?(https?:)?//[^"'\s>]*`).FindString(html); remote != "" {
		t.Errorf("a chart asks another host: %s", remote)
	}
}

// checkHTML looks at the page that an executed notebook was turned into: its charts must still be there.
func checkHTML(t *testing.T, executed *notebook, page string) {
	t.Helper()
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	charts := 0
	for _, c := range executed.Cells {
		for _, o := range c.Outputs {
			if o.Data["image/png"] != "" {
				charts++
			}
		}
	}
	if n := bytes.Count(b, []byte("data:image/png;base64,")); n < charts {
		t.Errorf("%d pictures in the page, %d charts in the notebook", n, charts)
	}
}

// withoutTimes is an executed notebook without the moments at which its cells ran, which nbclient notes.
func withoutTimes(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`"(iopub|shell)\.[a-z_.]*": "[^"]*"`).ReplaceAll(b, []byte(`"when": ""`))
}
