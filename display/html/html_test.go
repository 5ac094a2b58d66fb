package html_test

import (
	"bytes"
	"encoding/xml"
	"regexp"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/html"
)

func render(t *testing.T, r html.Renderer, b display.Block) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.Block(&out, b); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// parse demands that a fragment is well-formed and gives its elements.
func parse(t *testing.T, fragment string) []xml.StartElement {
	t.Helper()
	fragment = regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`).ReplaceAllString(fragment, "")
	d := xml.NewDecoder(strings.NewReader(strings.ReplaceAll(fragment, "<br>", "<br/>")))
	d.Entity = xml.HTMLEntity
	var elements []xml.StartElement
	for {
		token, err := d.Token()
		if token == nil {
			return elements
		}
		if err != nil {
			t.Fatalf("%v in %s", err, fragment)
		}
		if e, ok := token.(xml.StartElement); ok {
			elements = append(elements, e.Copy())
		}
	}
}

func TestTable(t *testing.T) {
	out := render(t, html.Renderer{}, displaytest.Subflows())
	parse(t, out)
	for _, want := range []string{
		`<caption><b>Subflows of connection 0</b> · <code>ls 0</code> · two-path.pcapng</caption>`,
		`<th scope="col" tabindex="0" class="mptcp-num" title="payload, each byte counted once">To server</th>`,
		`<span class="mptcp-chip mptcp-s1">3</span>`,
		`<td class="mptcp-num" title="3145728" data-v="3145728">3.15 MB</td>`,
		`<rect width="64.2" height="1"></rect></svg><span>64.2 %</span>`,
		`<td class="mptcp-num">14142135623730950488</td>`,
		`title="2023-11-14 22:13:20.061500000 UTC" data-v="1700000000.061500000">0.061500 s</td>`,
		`<tr data-open="summary 0">`,
		`<td class="mptcp-num mptcp-none">–</td>`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("missing %s in\n%s", want, out)
		}
	}
	if strings.Contains(out, " style=") {
		t.Error("a style attribute, which strict pages refuse")
	}
}

func TestBare(t *testing.T) {
	out := render(t, html.Renderer{Bare: true}, displaytest.Subflows())
	if strings.Contains(out, "<style>") || strings.Contains(out, "<script>") {
		t.Error("a bare fragment carries style or script")
	}
	if !strings.Contains(html.Style(), ".mptcp-table") || !strings.Contains(html.Script(), "aria-sort") {
		t.Error("style or script is empty")
	}
}

func TestRowsAreCapped(t *testing.T) {
	table := &display.Table{
		Rows: 12_345, Columns: []display.Column{{Head: "N"}}, All: "dump > all.csv",
		Cell: func(row, _ int) display.Value { return display.Uint(uint64(row)) },
	}
	out := render(t, html.Renderer{}, table)
	if n := strings.Count(out, "<tr>"); n != 1001 {
		t.Errorf("%d rows with the head", n)
	}
	if want := "the first 1\u2009000 of 12\u2009345 rows; <code>dump &gt; all.csv</code> writes all"; !strings.Contains(out, want) {
		t.Errorf("missing %q", want)
	}
	var file bytes.Buffer
	if err := html.File(&file, table); err != nil || strings.Count(file.String(), "<tr>") != 12_346 {
		t.Errorf("a file has %d rows with the head, %v", strings.Count(file.String(), "<tr>"), err)
	}
}

// Nothing that a capture says becomes an element, an attribute or a script.
func TestHostileText(t *testing.T) {
	evil := displaytest.Hostile
	table := &display.Table{
		Title: evil, Command: evil, Source: evil, Rows: 2000, All: evil, Open: func(int) string { return evil },
		Columns: []display.Column{{Head: evil, Doc: evil, Key: evil}, {Head: "b"}},
		Cell:    func(int, int) display.Value { return display.Str(evil) },
	}
	blocks := display.Page{
		table, &display.Table{Empty: evil}, &display.Text{Title: evil, Body: evil + "\n\n" + evil}, &display.Text{Body: evil, Pre: true},
		&display.Note{Body: evil, Level: display.Caution},
	}
	allowed := " div table caption b code thead tbody tr th td p pre br span svg rect style script "
	for _, b := range blocks {
		out := render(t, html.Renderer{Bare: true}, b)
		for _, e := range parse(t, out) {
			if !strings.Contains(allowed, " "+e.Name.Local+" ") || e.Name.Local == "script" {
				t.Errorf("%T makes an element <%s>", b, e.Name.Local)
			}
			for _, a := range e.Attr {
				if strings.HasPrefix(a.Name.Local, "on") {
					t.Errorf("%T makes an attribute %s", b, a.Name.Local)
				}
			}
		}
		if strings.Contains(out, "\x1b") || strings.Contains(out, "\u202e") {
			t.Errorf("%T writes control characters", b)
		}
	}
	var file bytes.Buffer
	if err := html.File(&file, table); err != nil || strings.Contains(file.String(), "<script>window") {
		t.Errorf("a file runs a name: %v", err)
	}
}

func TestTextAndNotes(t *testing.T) {
	for _, c := range []struct {
		block display.Block
		want  string
	}{
		{&display.Text{Title: "plot", Body: "one\ntwo\n\nthree"}, "<p class=\"mptcp-title\">plot</p>\n<p class=\"mptcp-prose\">one<br>\ntwo</p>\n<p class=\"mptcp-prose\">three</p>"},
		{&display.Text{Body: "a  <b>\n", Pre: true}, `<pre class="mptcp-pre">a  &lt;b&gt;</pre>`},
		{&display.Note{Body: "the handshake is missing"}, `<p class="mptcp-note"><b>note:</b> the handshake is missing</p>`},
		{&display.Note{Level: display.Caution, Body: "cut"}, `<p class="mptcp-note mptcp-warning"><b>warning:</b> cut</p>`},
		{&display.Table{Empty: "the capture holds no TCP"}, `<p class="mptcp-empty">the capture holds no TCP</p>`},
	} {
		if got := render(t, html.Renderer{Bare: true}, c.block); got != "<div class=\"mptcp\">\n"+c.want+"\n</div>\n" {
			t.Errorf("got %s\nwant %s", got, c.want)
		}
	}
	if err := (html.Renderer{}).Block(&bytes.Buffer{}, &display.Chart{}); err == nil {
		t.Error("a chart was written as text")
	}
}

// The style sheet touches nothing outside our classes.
func TestStyleIsScoped(t *testing.T) {
	for _, rule := range strings.Split(html.Style(), "}") {
		selectors, _, found := strings.Cut(rule, "{")
		for _, s := range strings.Split(selectors, ",") {
			if found && !strings.Contains(s, ".mptcp") {
				t.Errorf("a rule for %q", s)
			}
		}
	}
}
