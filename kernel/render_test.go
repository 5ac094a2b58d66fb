package kernel

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
)

func toyChart() *display.Chart {
	return &display.Chart{
		ID: "toy", Title: "Toy </script>", Command: "plot toy", X: display.Axis{Label: "Time", Unit: display.Nanoseconds},
		Y:      display.Axis{Label: "Bytes", Unit: display.Bytes},
		Series: []display.Series{{Name: "0 · a → b", X: []int64{0, 1e9, 2e9}, Y: []float64{0, 10, 20}}},
	}
}

func bundle(t *testing.T, n *Notebook, b display.Block) *Bundle {
	t.Helper()
	made, err := n.Bundle(b)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestChartBundle(t *testing.T) {
	for _, place := range core.ChartPlaces() {
		mode := echarts.Mode(place)
		n := &Notebook{Charts: func() string { return place }, Spec: "my.kernel"}
		b := bundle(t, n, toyChart())
		picture := b.Data["image/png"].([]byte)
		size, err := png.DecodeConfig(bytes.NewReader(picture))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{"width": size.Width / 2, "height": size.Height / 2}
		if got := b.meta()["image/png"]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: size %v, want %v", mode, got, want)
		}
		rich := b.Data["text/html"].(string)
		if scripted := strings.Contains(rich, "<script"); scripted != (mode != echarts.Static) {
			t.Errorf("%s: script %v", mode, scripted)
		}
		if named := strings.Contains(rich, "my.kernel"); named != (mode == echarts.Server) {
			t.Errorf("%s: kernelspec named %v", mode, named)
		}
		if n := strings.Count(rich, "</script>"); n > 1 {
			t.Errorf("%s: %d ends of a script", mode, n)
		}
		if !strings.Contains(b.plain(), "Toy") || b.Data["image/svg+xml"] != nil { // SVG makes nbconvert want inkscape
			t.Errorf("%s: %v", mode, b.Data)
		}
		again := bundle(t, n, toyChart())
		if !reflect.DeepEqual(b, again) {
			t.Errorf("%s: the same chart gives another output", mode)
		}
		if _, err := json.Marshal(b.Data); err != nil {
			t.Error(err)
		}
	}
}

func TestLongTableIsCut(t *testing.T) {
	table := toyTable("x")
	table.Rows, table.All = 12_345, "list --csv"
	b := bundle(t, &Notebook{}, table)
	if lines := strings.Count(b.plain(), "\n"); lines > display.MostRows+5 {
		t.Errorf("%d lines of text", lines)
	}
	if !strings.HasSuffix(b.plain(), "the first 1000 of 12\u2009345 rows; list --csv writes all") {
		t.Errorf("end: %q", b.plain()[len(b.plain())-80:])
	}
	if rows := strings.Count(b.Data["text/html"].(string), "<tr"); rows > display.MostRows+2 {
		t.Errorf("%d rows of HTML", rows)
	}
	if table.Rows != 12_345 {
		t.Error("the table itself was cut")
	}
}

func TestProseBundle(t *testing.T) {
	for _, block := range []display.Block{&display.Text{Body: "a < b"}, &display.Note{Body: "a < b"}} {
		b := bundle(t, &Notebook{}, block)
		if !strings.Contains(b.plain(), "a < b") || !strings.Contains(b.Data["text/html"].(string), "a &lt; b") {
			t.Errorf("%v", b.Data)
		}
	}
}

func TestFileBundle(t *testing.T) {
	for name, want := range map[string]string{
		"a.csv":             `href="a.csv"`,
		"out/b c#1?.png":    `href="out/b%20c%231%3F.png"`,
		`"><script>x.csv`:   `href="%22%3E%3Cscript%3Ex.csv"`,
		"javascript:alert1": `href="./javascript:alert1"`,
		"/tmp/c.csv":        "",
		"../d.csv":          "",
	} {
		rich := bundle(t, &Notebook{}, &display.File{Name: name}).Data["text/html"].(string)
		if linked := strings.Contains(rich, "href="); linked != (want != "") || !strings.Contains(rich, want) {
			t.Errorf("%s: %s", name, rich)
		}
		if strings.Contains(rich, "<script>") {
			t.Errorf("%s: %s", name, rich)
		}
	}
}

func TestCapturesAreNotWrittenOver(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("sub", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("capture.csv", []byte("a capture"), 0o644); err != nil {
		t.Fatal(err)
	}
	f := &Files{}
	for range 2 {
		s, err := f.Options().Open("capture.csv")
		if err != nil {
			t.Fatal(err)
		}
		if s.Size != 9 {
			t.Errorf("size %d", s.Size)
		}
		s.Close()
	}
	for name, ok := range map[string]bool{
		"capture.csv": false, "./sub/../capture.csv": false, "other.csv": true, filepath.Join("sub", "new.csv"): true,
		"nosuch/x.csv": false, "other.xyz": false, "sub": false,
	} {
		err := f.Save(&display.File{Name: name, Table: toyTable("x")})
		if (err == nil) != ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if b, err := os.ReadFile("capture.csv"); err != nil || string(b) != "a capture" {
		t.Errorf("%q, %v", b, err)
	}
	if b, err := os.ReadFile("other.csv"); err != nil || !strings.Contains(string(b), "x") {
		t.Errorf("%q, %v", b, err)
	}
	if left, _ := filepath.Glob(".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestConnectionFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	good := `{"transport":"tcp","ip":"127.0.0.1","shell_port":1,"control_port":2,"stdin_port":3,"iopub_port":4,"hb_port":5,` +
		`"signature_scheme":"hmac-sha256","key":"k","kernel_name":"x","unknown":{}}`
	for _, tc := range []struct{ content, address string }{
		{good, "tcp://127.0.0.1:1"},
		{strings.Replace(good, "127.0.0.1", "::1", 1), "tcp://[::1]:1"},
		{strings.Replace(good, "127.0.0.1", "*", 1), "tcp://:1"},
		{strings.Replace(strings.Replace(good, "tcp", "ipc", 1), "127.0.0.1", "kernel", 1), "ipc://kernel-1"},
		{strings.Replace(good, "tcp", "udp", 1), ""},
		{strings.Replace(good, `"shell_port":1`, `"shell_port":0`, 1), ""},
		{strings.Replace(good, `"shell_port":1`, `"shell_port":70000`, 1), ""},
		{strings.Replace(good, "127.0.0.1", "", 1), ""},
		{"[]", ""},
	} {
		if err := os.WriteFile(path, []byte(tc.content), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := ReadConnection(path)
		if tc.address == "" {
			if err == nil {
				t.Errorf("%s was taken", tc.content)
			}
			continue
		}
		if err != nil || c.Address(c.Shell) != tc.address {
			t.Errorf("%s: %v", tc.content, err)
		}
	}
}
