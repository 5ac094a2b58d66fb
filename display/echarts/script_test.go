package echarts_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand"
	"os/exec"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
)

// node runs the script with some more code inside its function and gives what that writes.
func node(t *testing.T, code string, input any) []byte {
	t.Helper()
	program, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: the chart script is not run here")
	}
	data, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	script := strings.TrimSuffix(string(echarts.Script()), "})();\n")
	script += "const input = JSON.parse(require('fs').readFileSync(0, 'utf8'));\nprocess.stdout.write(JSON.stringify((() => {" + code + "})()));\n})();\n"
	cmd := exec.Command(program, "-e", script)
	var out, problems bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(data), &out, &problems
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, problems.Bytes())
	}
	return out.Bytes()
}

// The script writes numbers as Go does.
func TestScriptScalesNumbers(t *testing.T) {
	type sample struct {
		V    float64
		Unit string
	}
	units := map[string]display.Unit{
		"": display.None, "B": display.Bytes, "bit/s": display.BitsPerSecond, "ns": display.Nanoseconds, "ratio": display.Ratio, "packets": display.Packets,
	}
	r := rand.New(rand.NewSource(1))
	var samples []sample
	for unit := range units {
		for _, v := range []float64{0, 1, 999, 1000, 999_499, 999_600, 9.995, 99.95, -12.3456, 0.000123, 1e15} {
			samples = append(samples, sample{v, unit})
		}
		for range 2000 {
			// Ending in 3: no number lies halfway, where the two round differently.
			samples = append(samples, sample{(10*math.Trunc(math.Exp(r.Float64()*28)) + 3) * []float64{1, 0.00137, -1}[r.Intn(3)], unit})
		}
	}
	var got []string
	if err := json.Unmarshal(node(t, "return input.map((s) => scaled(s.V, s.Unit));", samples), &got); err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for i, s := range samples {
		if want := display.Scaled(s.V, units[s.Unit]); got[i] != want {
			if wrong++; wrong < 10 {
				t.Errorf("%v in %q: the script writes %q, Go %q", s.V, s.Unit, got[i], want)
			}
		}
	}
}

// The script sets ticks where Go does.
func TestScriptSetsTicks(t *testing.T) {
	type sample struct {
		Axis   map[string]any
		Lo, Hi float64
		Want   int
	}
	units := map[string]display.Unit{"": display.None, "sequence": display.SequenceNumber, "ns": display.Nanoseconds, "ratio": display.Ratio, "packets": display.Packets}
	r := rand.New(rand.NewSource(2))
	var samples []sample
	for unit := range units {
		for range 300 {
			lo := math.Trunc(math.Exp(r.Float64()*25)) * float64(r.Intn(2))
			absolute := (unit == "ns" || unit == "sequence") && r.Intn(2) == 0
			base := "0"
			if absolute || unit == "ns" && r.Intn(2) == 0 {
				base = "1700049600250000000"
			}
			samples = append(samples, sample{
				map[string]any{"label": "A", "unit": unit, "base": base, "absolute": absolute}, lo, lo + math.Exp(r.Float64()*25), 2 + r.Intn(9),
			})
		}
	}
	for range 100 { // times before the capture's first packet, and hours after it
		samples = append(samples, sample{
			map[string]any{"label": "A", "unit": "ns", "base": "1700049600250000000", "absolute": false}, -r.Float64() * 1e13, 3600e9 + r.Float64()*1e13, 2 + r.Intn(9),
		})
	}
	for range 300 {
		lo := r.Float64() * 9 * display.Decade
		samples = append(samples, sample{
			map[string]any{"label": "A", "unit": "ns", "base": "0", "absolute": false, "log": true}, lo, lo + math.Exp(r.Float64()*6-4)*display.Decade/100, 2 + r.Intn(9),
		})
	}
	var got []string
	code := "return input.map((s) => { const t = ticksOf(s.Axis, s.Lo, s.Hi, s.Want); return t.name + ': ' + [...t.label.values()].join(' '); });"
	if err := json.Unmarshal(node(t, code, samples), &got); err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for i, s := range samples {
		a := display.Axis{Label: "A", Unit: units[s.Axis["unit"].(string)]}
		_, a.Log = s.Axis["log"]
		if a.Absolute = s.Axis["absolute"].(bool); s.Axis["base"] != "0" {
			a.Base = 1700049600250000000
		}
		ticks, name := a.Ticks(s.Lo, s.Hi, s.Want)
		var labels []string
		for _, tick := range ticks {
			labels = append(labels, tick.Label)
		}
		if want := name + ": " + strings.Join(labels, " "); got[i] != want {
			if wrong++; wrong < 10 {
				t.Errorf("%+v: the script sets %q, Go %q", s, got[i], want)
			}
		}
	}
}

// The script reads back what Go coded, whatever the numbers are.
func TestScriptReadsColumns(t *testing.T) {
	nan := math.NaN()
	c := &display.Chart{Series: []display.Series{
		{X: []int64{0, 1, 1 << 50, -(1 << 50), 5}, Y: []float64{1, -1, 1 << 51, -(1 << 51), 0}, Frame: []uint32{1, 2, 4_294_967_295, 0, 9}},
		{Mark: display.Segments, X: []int64{1, 2, 300}, Y: []float64{0.1, nan, 1e300}, Y2: []float64{1, 2, 3}},
		{Mark: display.Event, X: []int64{7, 8}, Y: []float64{1, 2}, Labels: []string{"SYN", "SYN"}},
		{Mark: display.Line, X: []int64{math.MinInt64, math.MaxInt64}, Y: []float64{1, 2}, Labels: []string{"", displaytest.Hostile}},
		{Mark: display.Dots, X: []int64{1, 2, 3, 4}, Y: []float64{1.15, -0.85, 3, 0.1}, Labels: []string{"frame 𝟙2, before", "frame 𝟙3, before", "frame 𝟙", "frame 𝟙2, before"}},
		{Mark: display.Dots, X: []int64{1, 2}, Y: []float64{0.30000000000000004, 1.0 / 3}},
	}}
	text, err := echarts.Window(c, display.Window{From: math.MinInt64, To: math.MaxInt64}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	code := `return levelOf(input).series.map((s) =>
		[s.x, s.y, s.y2, s.frame].map((v) => v ? Array.from(v, String) : null).concat([s.label]));`
	var got [][][]string
	if err := json.Unmarshal(node(t, code, json.RawMessage(text)), &got); err != nil {
		t.Fatal(err)
	}
	want := [][][]string{
		{{"0", "1", "1125899906842624", "-1125899906842624", "5"}, {"1", "-1", "2251799813685248", "-2251799813685248", "0"}, nil, {"1", "2", "4294967295", "0", "9"}, nil},
		{{"1", "2", "300"}, {"0.1", "NaN", "1e+300"}, {"1", "NaN", "0"}, nil, nil},
		{{"7", "8"}, {"1", "2"}, nil, nil, {"SYN", "SYN"}},
		{{"-9223372036854776000", "9223372036854776000"}, {"1", "2"}, nil, nil, {"", display.Visible(displaytest.Hostile)}},
		{{"1", "2", "3", "4"}, {"1.15", "-0.85", "3", "0.1"}, nil, nil, {"frame 𝟙2, before", "frame 𝟙3, before", "frame 𝟙", "frame 𝟙2, before"}},
		{{"1", "2"}, {"0.30000000000000004", "0.3333333333333333"}, nil, nil, nil},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
