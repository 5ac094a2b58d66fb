package style_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/style"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/image"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

const sheet = `# of the original's kind
lines.color      : r      # for all
lines.linestyle  : None
lines.marker     : o
lines.markersize : 6
figure.figsize   : 8, 4
figure.facecolor : '#eeeeee'
axes.grid        : False
xtick.direction  : in
lines.linewidth  : thick
nonsense
`

func read(t *testing.T, texts ...string) *style.Files {
	t.Helper()
	files := style.New()
	for _, text := range texts {
		if err := files.Read(strings.NewReader(text), "x.mplstyle"); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func TestRead(t *testing.T) {
	files := read(t, sheet)
	s := files.Style()
	if s.Lines.Colour != (display.Paint{Set: true, Colour: 0xff0000}) || !s.Lines.NoLine || s.Lines.Marker != display.DiscMarker || s.Lines.Size != 8 {
		t.Errorf("lines are %+v", s.Lines)
	}
	if s.Sheet.Width != 768 || s.Sheet.Height != 384 || s.Sheet.Page.Colour != 0xeeeeee || !s.Sheet.Grid.None {
		t.Errorf("the sheet is %+v", s.Sheet)
	}
	if !slices.Equal(files.Unknown(), []string{"xtick.direction (x.mplstyle, line 9)"}) {
		t.Errorf("unknown are %q", files.Unknown())
	}
	wrong := strings.Join(files.Wrong(), "\n")
	if !strings.Contains(wrong, "line 10: lines.linewidth") || !strings.Contains(wrong, `line 11: "nonsense"`) {
		t.Errorf("wrong are %s", wrong)
	}
}

func TestReadINI(t *testing.T) {
	s := read(t, "; a comment\n[lines]\ncolor = tab:blue\nlinewidth = 3\n[axes]\nprop_cycle = cycler('color', ['k'])\n").Style()
	if s.Lines.Colour.Colour != 0x1f77b4 || s.Lines.Line != 4 || len(s.Cycle) != 1 {
		t.Errorf("%+v", s)
	}
}

func TestCycles(t *testing.T) {
	for value, want := range map[string]int{
		`cycler('color', ['r', 'g', '0072b2'])`:                                      3,
		`cycler("color", ["#ff0000", "0.5"]) + cycler('linestyle', ['-', '--'])`:     2,
		`cycler('color', ['r', 'g']) * cycler('marker', ['o', 's', '^'])`:            6,
		`cycler('color', 'bgrcmyk')`:                                                 7,
		`cycler(color=['r', 'orange'], lw=[1, 2])`:                                   2,
		`cycler('color', ['r', 'g']) + cycler('linestyle', ['-'])`:                   0,
		`cycler('colour', ['r'])`:                                                    0,
		`cycler(lw=[1, nan])`:                                                        0,
		`cycler(lw=[-1])`:                                                            0,
		`cycler('color', ['nosuch'])`:                                                0,
		`['r']`:                                                                      0,
		`cycler('color', [])`:                                                        0,
		`cycler('color', ['r']) - cycler('color', ['g'])`:                            0,
		`__import__('os').system('true')`:                                            0,
		strings.Repeat(`cycler('color', ['r','g']) * `, 11) + `cycler('lw', [1, 2])`: 0,
	} {
		files := read(t, "axes.prop_cycle: "+value)
		if n := len(files.Style().Cycle); n != want || (want == 0) != (len(files.Wrong()) == 1) {
			t.Errorf("%s: %d looks, %q", value, n, files.Wrong())
		}
	}
}

// What the style files that come with matplotlib commonly set is taken.
func TestSettings(t *testing.T) {
	files := read(t, `
font.size: 10
axes.titlesize: x-large
axes.labelsize: 11
xtick.labelsize: small
legend.fontsize: 7.5
axes.facecolor: E5E5E5
axes.edgecolor: white
axes.linewidth: 0.75
axes.spines.left: True
axes.spines.bottom: off
axes.grid: True
axes.grid.axis: x
grid.color: '#abc'
grid.linestyle: ':'
grid.linewidth: 1.5
figure.facecolor: none
ytick.color: '#11223344'
savefig.dpi: figure
`)
	got, want := files.Style().Sheet, display.Sheet{
		Area: paint(0xe5e5e5), Edge: paint(0xffffff), EdgeWidth: 1, Ticks: paint(0x112233), Hairline: paint(0xaabbcc),
		Sides: display.Sides{Left: true, NoBottom: true},
		Grid:  display.Grid{Vertical: true, NoHorizontal: true, Width: 2, Dash: []float64{2, 2}},
		Fonts: display.Fonts{Text: 10 / .75, Title: 14.4 / .75, Label: 11 / .75, Tick: 8.33 / .75, Legend: 10},
	}
	for _, f := range []*display.Fonts{&got.Fonts, &want.Fonts} {
		for _, size := range []*float64{&f.Text, &f.Title, &f.Label, &f.Tick, &f.Legend} {
			*size = math.Round(*size*1e6) / 1e6
		}
	}
	if !reflect.DeepEqual(got, want) || len(files.Wrong())+len(files.Unknown()) > 0 {
		t.Errorf("the sheet is %+v\nwant %+v\nwrong %q, unknown %q", got, want, files.Wrong(), files.Unknown())
	}
}

func paint(c display.Colour) display.Paint { return display.Paint{Set: true, Colour: c} }

// Every style that comes with matplotlib is read without a fault.
func TestMatplotlibsStyles(t *testing.T) {
	names, _ := filepath.Glob("/usr/share/matplotlib/mpl-data/stylelib/*.mplstyle")
	if len(names) == 0 {
		t.Skip("matplotlib's styles are not installed (apt-get install python-matplotlib-data)")
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files := read(t, string(text))
		if wrong := files.Wrong(); len(wrong) > 0 {
			t.Errorf("%s: %q", name, wrong)
		}
		for _, key := range taken {
			if unknown := strings.Join(files.Unknown(), "\n"); strings.Contains("\n"+unknown, "\n"+key+" (") {
				t.Errorf("%s: %s is not taken", name, key)
			}
		}
	}
}

// taken are the settings that nearly all styles have and that a chart of ours can follow.
var taken = []string{
	"lines.color", "lines.linewidth", "lines.linestyle", "lines.marker", "lines.markersize", "axes.prop_cycle", "axes.facecolor", "axes.edgecolor",
	"axes.linewidth", "axes.grid", "axes.labelcolor", "axes.labelsize", "axes.titlesize", "figure.facecolor", "figure.figsize", "figure.dpi",
	"savefig.facecolor", "savefig.dpi", "grid.color", "grid.linestyle", "grid.linewidth", "text.color", "xtick.color", "ytick.color", "xtick.labelsize",
	"ytick.labelsize", "font.size", "legend.fontsize",
}

// A later file wins over an earlier one, setting by setting.
func TestOrder(t *testing.T) {
	s := read(t, "lines.color: r\nlines.linewidth: 3\n", "lines.color: g\n").Style()
	if s.Lines.Colour.Colour != 0x008000 || s.Lines.Line != 4 {
		t.Errorf("%+v", s.Lines)
	}
}

func chart() *display.Chart {
	c := &display.Chart{Title: "x", X: display.Axis{Label: "Time", Unit: display.Nanoseconds}, Y: display.Axis{Label: "y"}}
	for group := range 3 {
		s := display.Series{Name: "line", Group: group, Dashed: group == 2, Mark: display.Line}
		for i := range int64(20) {
			s.X, s.Y = append(s.X, i*1e8), append(s.Y, float64(i*int64(group+1)))
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// A style reaches every renderer: each answer differs from the plain one, and has the style's colour.
func TestStyleReachesEveryRenderer(t *testing.T) {
	renderers := map[string]func(c *display.Chart) []byte{
		"svg": func(c *display.Chart) []byte {
			var b bytes.Buffer
			if err := image.SVG(&b, c, image.Options{}); err != nil {
				t.Fatal(err)
			}
			return b.Bytes()
		},
		"echarts": func(c *display.Chart) []byte {
			b, err := echarts.Page(c)
			if err != nil {
				t.Fatal(err)
			}
			return b
		},
		"text": func(c *display.Chart) []byte {
			var b bytes.Buffer
			if err := (text.Renderer{Colour: true}).Block(&b, c); err != nil {
				t.Fatal(err)
			}
			return b.Bytes()
		},
	}
	red := display.Colour(0xff0000)
	signs := map[string]string{"svg": "#FF0000", "echarts": red.Hex(), "text": "38;5;196"}
	for name, render := range renderers {
		plain, styled := chart(), chart()
		styled.Apply(read(t, sheet).Style())
		got, before := render(styled), render(plain)
		if bytes.Equal(got, before) {
			t.Errorf("%s: the style changes nothing", name)
		}
		if !bytes.Contains(bytes.ToLower(got), bytes.ToLower([]byte(signs[name]))) || bytes.Contains(bytes.ToLower(before), bytes.ToLower([]byte(signs[name]))) {
			t.Errorf("%s: the style's red is not there", name)
		}
	}
}

// A subflow keeps its colour, whatever else is drawn.
func TestApplyCycle(t *testing.T) {
	c := chart()
	c.Series = c.Series[1:]
	c.Apply(read(t, "axes.prop_cycle: cycler('color', ['r', 'g'])\nlines.color: b\nlines.linestyle: ':'\n").Style())
	if got := c.Series[0].Look; got.Colour.Colour != 0x008000 || !got.HasDash {
		t.Errorf("subflow 1 looks %+v", got)
	}
	if got := c.Series[1].Look; got.Colour.Colour != 0xff0000 || got.HasDash {
		t.Errorf("subflow 2, which is dashed, looks %+v", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(sheet)
	f.Add("axes.prop_cycle: cycler('color', ['r', 'g']) * cycler(lw=[1])")
	f.Fuzz(func(t *testing.T, s string) {
		files := style.New()
		if files.Read(strings.NewReader(s), "x") == nil {
			chart().Apply(files.Style())
		}
	})
}
