package echarts_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
)

func samples() map[string]*display.Chart {
	return map[string]*display.Chart{
		"dsn": displaytest.DSN(400), "panels": displaytest.Throughput(50), "histogram": displaytest.Histogram(),
		"shares": displaytest.Shares(), "hostile": displaytest.HostileChart(), "empty": {},
		"one point": {Series: []display.Series{{X: []int64{5}, Y: []float64{3}}}},
		"odd": {Series: []display.Series{{
			X: []int64{math.MinInt64, 0, math.MaxInt64}, Y: []float64{math.NaN(), math.Inf(1), 1e300}, Panel: 7,
		}}},
	}
}

// payload is what tests look at.
type payload struct {
	V      int
	ID     string
	Option map[string]any
	Series []struct{ Mark, Light, Dark string }
	Levels []struct {
		Points, Marks, Width int
		Series               []struct{ N int }
	}
}

func page(t *testing.T, c *display.Chart) payload {
	t.Helper()
	text, err := echarts.Page(c)
	if err != nil {
		t.Fatal(err)
	}
	var p payload
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPageIsWholeAndStable(t *testing.T) {
	for name, c := range samples() {
		first, err := echarts.Page(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		second, err := echarts.Page(c)
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("%s: two payloads of one chart differ: %v", name, err)
		}
		p := page(t, c)
		series, _ := p.Option["series"].([]any)
		if len(series) != len(p.Series) || len(p.Levels) != 1 || len(p.Levels[0].Series) != len(series) {
			t.Errorf("%s: %d series in the option, %d looks, %d levels", name, len(series), len(p.Series), len(p.Levels))
		}
	}
}

func TestOption(t *testing.T) {
	p := page(t, displaytest.DSN(400))
	var names, types []string
	for _, s := range p.Option["series"].([]any) {
		names = append(names, s.(map[string]any)["name"].(string))
		types = append(types, s.(map[string]any)["type"].(string))
	}
	if got := strings.Join(types, " "); got != "line line line line scatter scatter scatter scatter scatter scatter scatter" {
		t.Errorf("types %s", got)
	}
	if got := strings.Join(names[6:], " "); got != "SYN ADD_ADDR MP_JOIN MP_PRIO FIN" {
		t.Errorf("events %s", got)
	}
	legend := p.Option["legend"].(map[string]any)["data"].([]any)
	if len(legend) != 11 {
		t.Errorf("%d entries in the legend", len(legend))
	}
	if p.Option["animation"] != false || p.Option["tooltip"] != nil || p.Option["toolbox"] != nil {
		t.Error("animation, tooltip or toolbox is on")
	}
	if p.Series[2].Light != display.Light().Group(0).Hex() || p.Series[3].Dark != display.Dark().Group(1).Hex() {
		t.Errorf("colours %+v", p.Series[2:4])
	}
	if axes := page(t, displaytest.Throughput(50)).Option["yAxis"].([]any); len(axes) != 2 {
		t.Errorf("%d panels", len(axes))
	}
}

func TestWindow(t *testing.T) {
	c := displaytest.DSN(20_000)
	text, err := echarts.Window(c, display.Window{From: 1e9, To: 2e9}, 500)
	if err != nil {
		t.Fatal(err)
	}
	var l struct {
		From, To      float64
		Points, Marks int
		Series        []struct{ N int }
	}
	if err := json.Unmarshal(text, &l); err != nil {
		t.Fatal(err)
	}
	if l.From != 1e9 || l.To != 2e9 || l.Points == 0 || l.Points > 4000 || l.Marks > 8*500 || len(l.Series) != 11 {
		t.Errorf("%+v", l)
	}
}

// What a capture names is neither element nor script in any output, and is there to be read.
func TestHostileText(t *testing.T) {
	c := displaytest.HostileChart()
	outputs := map[string]string{}
	for _, mode := range []echarts.Mode{echarts.Server, echarts.Inline, echarts.Static} {
		text, err := echarts.Notebook{Mode: mode, Kernel: `"><script>`}.Chart(c)
		if err != nil {
			t.Fatal(err)
		}
		outputs[string(mode)] = text
	}
	var file bytes.Buffer
	if err := echarts.File(&file, c); err != nil {
		t.Fatal(err)
	}
	outputs["file"] = file.String()
	for name, out := range outputs {
		scripts := map[string]int{"static": 0}
		want, found := 1, false
		if _, found = scripts[name]; found {
			want = 0
		}
		if open, end := strings.Count(out, "<script"), strings.Count(out, "</script"); open != want || end != want {
			t.Errorf("%s: %d <script, %d </script", name, open, end)
		}
		if strings.Contains(out, "<script>window") || strings.ContainsAny(out, "\x1b\u202e\u2028") {
			t.Errorf("%s: a name breaks out", name)
		}
		if !strings.Contains(out, "window.pwned=1") {
			t.Errorf("%s: the name is not shown", name)
		}
	}
}

func TestNotebook(t *testing.T) {
	c := displaytest.DSN(400)
	picture := []byte("\x89PNG\r\n\x1a\n")
	server, err := echarts.Notebook{Mode: echarts.Server, Kernel: "mptcpanalyzer", Picture: picture, Width: 900}.Chart(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<div class="mptcp-chart" data-mptcp-chart="` + echarts.ID(c) + `"><img alt="Data sequence numbers`,
		`width="900"`, "src=\"data:image/png;base64,iVBORw", `"kernel":"mptcpanalyzer"`,
	} {
		if !strings.Contains(server, want) {
			t.Errorf("missing %s", want)
		}
	}
	inline, err := echarts.Notebook{Mode: echarts.Inline, Picture: picture}.Chart(c)
	if err != nil || len(inline) < len(server)+200_000 || strings.Contains(inline, `"kernel"`) {
		t.Errorf("inline has %d bytes, server %d: %v", len(inline), len(server), err)
	}
	static, err := echarts.Notebook{Mode: echarts.Static, Picture: picture}.Chart(c)
	if err != nil || strings.Contains(static, "<script") || !strings.HasPrefix(server, static[:60]) {
		t.Errorf("static: %v %s", err, static)
	}
	if _, err := (echarts.Notebook{Mode: "cdn"}).Chart(c); err == nil || !strings.Contains(err.Error(), "server, inline or static") {
		t.Errorf("an unknown mode: %v", err)
	}
	for name, out := range map[string]string{"server": server, "inline": inline} {
		if strings.Contains(out, "http://") || strings.Contains(out, "https://") {
			t.Errorf("%s names an address", name)
		}
	}
}

// An output of a large chart has several levels and stays small enough for a notebook.
func TestOutputsAreBounded(t *testing.T) {
	out, err := echarts.Notebook{Mode: echarts.Server, Kernel: "k"}.Chart(displaytest.DSN(200_000))
	if err != nil || len(out) > 400_000 {
		t.Errorf("%d bytes, %v", len(out), err)
	}
	if n := strings.Count(out, `"marks":`); n < 2 || n > 3 {
		t.Errorf("%d levels", n)
	}
}

// A million points stay below half a megabyte as a document of its own, library and all, and as an output with its picture.
func TestMillionPoints(t *testing.T) {
	c := displaytest.DSN(490_000)
	points := 0
	for i := range c.Series {
		s := &c.Series[i]
		points += s.Len()
		if s.Mark == display.Reinject { // as many of them, and as wordy, as a bad connection has
			first := s.X[0]
			for k := range int64(50_000) {
				s.X, s.Y, s.Frame = append(s.X, first+k*100_000), append(s.Y, float64(k%977)*1000), append(s.Frame, uint32(k))
				s.Labels = append(s.Labels, fmt.Sprintf("now on 1 · 10.0.2.1:40000 → 10.0.2.2:5001; before on 0 · 10.0.1.1:40000 → 10.0.1.2:5001, frame %d, %d µs earlier", k*7, k*13%9999))
			}
			s.X, s.Y, s.Labels = s.X[1:], s.Y[1:], s.Labels[1:]
			s.Frame = s.Frame[1:]
		}
	}
	if points < 1_000_000 {
		t.Fatalf("%d points", points)
	}
	var file bytes.Buffer
	if err := echarts.File(&file, c); err != nil || file.Len() > 500_000 {
		t.Errorf("a document of %d bytes, %v", file.Len(), err)
	}
	out, err := echarts.Notebook{Mode: echarts.Inline, Picture: make([]byte, 75_000)}.Chart(c)
	if err != nil || len(out) > 500_000 {
		t.Errorf("an output of %d bytes, %v", len(out), err)
	}
}

func TestIDs(t *testing.T) {
	seen := map[string]string{}
	for name, c := range samples() {
		id := echarts.ID(c)
		if strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || !strings.HasPrefix(id, "mptcp-") {
			t.Errorf("%s: ID %q", name, id)
		}
		if other := seen[id]; other != "" && name != "one point" && name != "odd" && name != "empty" {
			t.Errorf("%s and %s have the same ID", name, other)
		}
		seen[id] = name
	}
}

// The library that is shipped is the one whose hash is recorded, with its licences.
func TestAssets(t *testing.T) {
	sums, err := os.ReadFile("assets/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	packed, err := os.ReadFile("assets/echarts.js.gz")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(packed)
	if string(sums) != hex.EncodeToString(sum[:])+"  echarts.js.gz\n" {
		t.Errorf("echarts.js.gz is not what SHA256SUMS says")
	}
	bundle, err := echarts.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Apache-2.0", `Symbol.for("mptcp.echarts")`, `Symbol.for("mptcp.chart")`} {
		if !bytes.Contains(bundle, []byte(want)) {
			t.Errorf("the bundle lacks %s", want)
		}
	}
	if bytes.Contains(bytes.ToLower(bundle), []byte("</script")) {
		t.Error("the bundle ends a <script> element that holds it")
	}
	licences := echarts.Licences()
	for name, want := range map[string]string{"echarts.LICENSE": "Mike Bostock", "echarts.NOTICE": "Apache Software Foundation"} {
		if !strings.Contains(string(licences[name]), want) {
			t.Errorf("%s lacks %s", name, want)
		}
	}
}

// A chart on which there is nothing is still one that the script can draw.
func TestEmptyChart(t *testing.T) {
	text, err := echarts.Page(&display.Chart{Title: "Nothing"})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(`"series":[]`)) || bytes.Contains(text, []byte(`"series":null`)) {
		t.Errorf("a list of no series is null: %s", text)
	}
}
