//go:build !js

package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/mptcpanalyzer/mptcpanalyzer/wasm/bridge"
)

// drawn is true when every chart of the answers has marks on it: some of its picture's points differ from the first.
const drawn = `(() => {
	const all = [...document.querySelectorAll('[data-testid=output] canvas')];
	return all.length > 0 && all.every((c) => {
		const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
		for (let i = 4; i < data.length; i += 4) if (data[i + 3] !== data[3] || data[i] !== data[0]) return true;
		return false;
	});
})()`

const rows = `document.querySelectorAll('[data-testid=connections] tbody tr[data-index]').length`

func TestDrop(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.picture("start")
	if sentence := b.text("#start"); !strings.Contains(sentence, "The capture stays in this browser: nothing is sent.") {
		t.Errorf("the start page does not say where the capture stays:\n%s", sentence)
	}
	b.follow()
	b.taken(&b.requests)
	b.drop(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	b.picture("two-path")
	if states := eval[[]string](b, "window.states"); !slices.Contains(states, "loading") || slices.Contains(states, "error") {
		t.Errorf("the states were %q", states)
	}
	if n := eval[int](b, rows); n != 1 {
		t.Errorf("%d connections are listed, want 1", n)
	}
	if list := b.text("[data-testid=connections]"); !strings.Contains(list, "10.0.1.1:") || !strings.Contains(list, "MPTCP") {
		t.Errorf("the list shows\n%s", list)
	}
	answers := b.text("[data-testid=output]")
	for _, want := range []string{"› ls 0", "› plot dsn 0", "MPTCP version 1 over 2 subflows"} {
		if !strings.Contains(answers, want) {
			t.Errorf("the answers lack %q:\n%s", want, answers)
		}
	}
	if chips := eval[int](b, `document.querySelectorAll('[data-testid=output] tbody .chip').length`); chips != 2 {
		t.Errorf("the subflow table shows %d chips, want 2", chips)
	}
	b.wait(drawn)
	if asked := b.taken(&b.requests); len(asked) > 0 {
		t.Errorf("after the file was dropped the page asked for %q", asked)
	}
	b.quiet()
}

func TestChooseConnection(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.taken(&b.requests)
	b.choose(capture(t, "fallback.client.pcapng"))
	b.state("idle")
	b.picture("fallback")
	if n := eval[int](b, rows); n != 2 {
		t.Fatalf("%d connections are listed, want 2", n)
	}
	b.do(chromedp.Click(chromedp.CSS(`[data-testid=connections] tbody tr[data-index="1"]`)))
	b.wait(`document.querySelector('[data-testid=output]').innerText.includes('› plot dsn 1')`)
	b.state("idle")
	if answers := b.text("[data-testid=output]"); !strings.Contains(answers, "› ls 1") || strings.Contains(answers, "› ls 0") || !strings.Contains(answers, "Fell back to TCP") {
		t.Errorf("after a click on connection 1 the answers are\n%s", answers)
	}
	if selected := b.text(`[data-testid=connections] tr[aria-selected=true]`); !strings.HasPrefix(selected, "1") {
		t.Errorf("the selected row is %q", selected)
	}
	if asked := b.taken(&b.requests); len(asked) > 0 {
		t.Errorf("after the file was chosen the page asked for %q", asked)
	}
	b.quiet()
}

func TestCommands(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "signal-address.client.pcapng"))
	b.state("idle")
	b.enter("lt")
	b.wait(`document.querySelectorAll('#log .answer tbody tr').length === 3`)
	b.state("idle")
	b.enter("plot dack 0")
	b.wait(`document.querySelectorAll('#log canvas').length > 0`)
	b.wait(drawn)
	b.state("idle")
	b.picture("commands")
	b.enter("plot nosuch 0")
	b.state("error")
	if last := b.text("#log .answer:last-child"); !strings.Contains(last, `"nosuch"`) || !strings.Contains(last, "plottable") {
		t.Errorf("the error is\n%s", last)
	}
	if marked := b.text("#log .answer:last-child mark"); marked != "nosuch" {
		t.Errorf("the error marks %q", marked)
	}
	b.enter("help")
	b.state("idle")
	if last := b.text("#log .answer:last-child"); !strings.Contains(last, "summary") {
		t.Errorf("help says\n%s", last)
	}
	b.quiet()
}

func TestChartZoom(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	b.wait(drawn)
	reset := `[...document.querySelectorAll('.chart button')].some((e) => e.textContent === 'Reset zoom' && e.checkVisibility())`
	if eval[bool](b, reset) {
		t.Error("a chart that shows everything offers to show everything")
	}
	chart := chromedp.CSS(".chart [role=group]")
	b.do(chromedp.Focus(chart), chromedp.KeyEvent("+"), chromedp.KeyEvent("+"))
	b.wait(reset)
	b.picture("zoom")
	b.do(chromedp.KeyEvent("0"))
	b.wait("!" + reset)
	b.quiet()
}

func TestPromptCompletesAndRemembers(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	prompt := chromedp.CSS("[data-testid=prompt]")
	value := `document.querySelector('[data-testid=prompt]').value`
	b.do(chromedp.SendKeys(prompt, "summ\t"))
	b.wait(value + " === 'summary '")
	b.do(chromedp.SendKeys(prompt, "0 Cl\t"))
	b.wait(value + ".trim() === 'summary 0 Client'")
	b.do(chromedp.SendKeys(prompt, "\r"))
	b.wait(`document.querySelector('#log')?.innerText.includes('› summary 0 Client')`)
	b.state("idle")
	b.do(chromedp.KeyEvent(kb.ArrowUp))
	b.wait(value + ".trim() === 'summary 0 Client'")
	b.quiet()
}

func TestLoadByName(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.enter("load handover.client.pcapng")
	b.state("idle")
	if n := eval[int](b, rows); n != 1 {
		t.Errorf("%d connections are listed, want 1", n)
	}
	b.choose(capture(t, "fallback.client.pcapng"))
	b.wait(rows + " === 2")
	b.state("idle")
	b.taken(&b.requests)
	b.enter("load fallback.client.pcapng")
	b.state("idle")
	if asked := b.taken(&b.requests); len(asked) > 0 {
		t.Errorf("loading a dropped file again asked for %q", asked)
	}
	b.enter("load nosuch.pcap")
	b.state("error")
	if last := b.text("#log .answer:last-child"); !strings.Contains(last, "nosuch.pcap: no such file") {
		t.Errorf("the error is\n%s", last)
	}
	b.quiet()
}

func TestBadFiles(t *testing.T) {
	whole, err := os.ReadFile(capture(t, "two-path-upload.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	b := openTab(t, "")
	b.state("ready")
	for _, bad := range []struct {
		name    string
		content []byte
		says    string
	}{
		{"empty.pcap", nil, "empty"},
		{"notes.pcap", []byte("# notes\nthis is no capture, whatever its name\n"), "not a capture"},
	} {
		b.choose(altered(t, bad.name, bad.content))
		b.wait(fmt.Sprintf("document.querySelector('#alert').innerText.includes(%q)", bad.name))
		b.state("error")
		b.picture("bad-" + bad.name)
		if said := b.text("[role=alert]"); !strings.Contains(said, bad.says) || !strings.Contains(said, "Open another file") {
			t.Errorf("%s: the page says\n%s", bad.name, said)
		}
	}
	b.choose(altered(t, "cut.pcapng", whole[:len(whole)/2+1]))
	b.state("idle")
	b.picture("cut")
	if said := b.text("[role=alert]"); said != "" {
		t.Errorf("what was wrong before is still shown: %s", said)
	}
	if notes := b.text("#list-notes"); !strings.Contains(notes, "cut") || !strings.Contains(notes, "byte") {
		t.Errorf("a cut capture is shown with\n%s", notes)
	}
	if n := eval[int](b, rows); n != 1 {
		t.Errorf("the cut capture lists %d connections, want 1", n)
	}
	b.choose(altered(t, "later.pcap", []byte("no capture either")))
	b.state("error")
	if said := b.text("[role=alert]"); !strings.Contains(said, "cut.pcapng is still loaded") {
		t.Errorf("the page does not say what was kept:\n%s", said)
	}
	if n := eval[int](b, rows); n != 1 {
		t.Errorf("after a bad file %d connections are listed: the capture before it must stay", n)
	}
	b.quiet()
}

func TestSamples(t *testing.T) {
	var samples []struct{ File string }
	list, err := os.ReadFile(filepath.Join("web", "samples.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(list, &samples); err != nil || len(samples) == 0 {
		t.Fatalf("samples.json: %v", err)
	}
	b := openTab(t, "")
	b.state("ready")
	for _, s := range samples {
		b.do(chromedp.Click(chromedp.CSS(fmt.Sprintf("[data-sample=%q]", s.File))))
		b.wait(fmt.Sprintf("document.title.startsWith(%q)", s.File))
		b.state("idle")
		b.wait(drawn)
		b.picture("sample-" + s.File)
		b.do(chromedp.Click(chromedp.CSS(".tab .close")))
		b.state("ready")
	}
	b.quiet()
}

func TestAddress(t *testing.T) {
	b := openTab(t, "#url=samples/fallback.client.pcapng")
	b.state("idle")
	if n := eval[int](b, rows); n != 2 {
		t.Errorf("%d connections are listed, want 2", n)
	}
	b.do(chromedp.Click(chromedp.CSS(`[data-testid=connections] tbody tr[data-index="1"]`)))
	b.wait(`location.hash === '#url=samples/fallback.client.pcapng&connection=1'`)
	b.do(chromedp.Reload())
	b.state("idle")
	if selected := b.text(`[data-testid=connections] tr[aria-selected=true]`); !strings.HasPrefix(selected, "1") {
		t.Errorf("the address names connection 1, selected is %q", selected)
	}
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.wait(`location.hash === ''`)
	b.state("idle")
	b.quiet()
	b = openTab(t, "#url=https://example.org/x.pcap")
	b.state("ready")
	b.quiet()
}

// TestAnyHost serves the page from a folder of a host that knows no content types and sends no headers of its own.
func TestAnyHost(t *testing.T) {
	files := http.StripPrefix("/some/folder", http.FileServer(http.Dir(dist)))
	b := openAt(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".wasm") {
			w.Header().Set("Content-Type", "application/octet-stream")
		}
		files.ServeHTTP(w, r)
	}), "/some/folder/")
	b.state("ready")
	b.drop(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	b.wait(drawn)
	b.quiet()
}

// TestOffline visits the page again after its host has gone.
func TestOffline(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.host.CloseClientConnections()
	b.host.Close()
	b.do(chromedp.Reload())
	b.state("ready")
	b.do(chromedp.Click(chromedp.CSS("[data-sample]")))
	b.state("idle")
	b.wait(drawn)
	b.quiet()
}

func TestCancelLoading(t *testing.T) {
	whole, err := os.ReadFile(capture(t, "two-path-upload.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	big := altered(t, "big.pcapng", bytes.Repeat(whole, 60)) // sections may follow each other in a pcapng file
	b := openTab(t, "")
	b.state("ready")
	// The page's own script presses the button as soon as something was read.
	eval[bool](b, `(() => {
		new MutationObserver(() => { if (/MB of/.test(document.querySelector('#loading-note').textContent)) document.querySelector('#cancel').click(); })
			.observe(document.querySelector('#loading'), { subtree: true, childList: true, characterData: true });
		return true;
	})()`)
	b.choose(big)
	b.wait(`document.querySelector('#alert').innerText.includes('Stopped reading big.pcapng')`)
	b.state("ready")
	b.choose(capture(t, "fallback.client.pcapng"))
	b.state("idle")
	if n := eval[int](b, rows); n != 2 {
		t.Errorf("%d connections are listed after a cancelled loading, want 2", n)
	}
	b.quiet()
}

func TestHostileNames(t *testing.T) {
	whole, err := os.ReadFile(capture(t, "two-path-upload.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	b := openTab(t, "")
	b.state("ready")
	const name = `<img src=x onerror="window.pwned=1">${alert(1)}.pcapng`
	b.choose(altered(t, name, whole))
	b.state("idle")
	b.enter("load '" + name + "'")
	b.state("idle")
	b.wait(drawn)
	if eval[bool](b, `window.pwned !== undefined || document.querySelector('main img, header img') !== null`) {
		t.Error("a file's name became markup")
	}
	if tab := b.text("#captures"); !strings.Contains(tab, name) {
		t.Errorf("the tab shows %q", tab)
	}
	b.quiet()
}

func TestDarkAndLight(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "handover.client.pcapng"))
	b.state("idle")
	background := func() string { return eval[string](b, "getComputedStyle(document.body).backgroundColor") }
	b.dark(true)
	b.wait(`matchMedia('(prefers-color-scheme: dark)').matches`)
	if got := background(); got != "rgb(20, 23, 28)" {
		t.Errorf("in the system's dark the page is %s", got)
	}
	b.wait(drawn)
	b.picture("dark")
	b.do(chromedp.Click(chromedp.CSS("#theme")))
	if got := background(); got != "rgb(255, 255, 255)" {
		t.Errorf("switched to light the page is %s", got)
	}
	b.do(chromedp.Reload())
	b.state("ready")
	if got := background(); got != "rgb(255, 255, 255)" {
		t.Errorf("after a reload the page is %s: the choice is forgotten", got)
	}
	b.quiet()
}

func TestPhone(t *testing.T) {
	b := openTab(t, "")
	b.do(chromedp.EmulateViewport(375, 700, chromedp.EmulateScale(2)))
	b.state("ready")
	b.picture("phone-start")
	wide := `document.documentElement.scrollWidth > innerWidth`
	if eval[bool](b, wide) {
		t.Error("the start page is wider than a phone")
	}
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	b.wait(drawn)
	b.picture("phone")
	if eval[bool](b, wide) {
		t.Error("the page is wider than a phone")
	}
	for _, id := range []string{"open", "theme", "help", "prompt"} {
		if !eval[bool](b, fmt.Sprintf(`(() => { const r = document.getElementById(%q).getBoundingClientRect(); return r.width > 0 && r.left >= 0 && r.right <= innerWidth && r.bottom <= innerHeight; })()`, id)) {
			t.Errorf("%s is out of sight on a phone", id)
		}
	}
	b.quiet()
}

func TestKeyboard(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "fallback.client.pcapng"))
	b.state("idle")
	b.do(chromedp.KeyEvent("c"))
	b.wait(`document.activeElement.matches('[data-testid=connections] tr[data-index="0"]')`)
	b.do(chromedp.KeyEvent(kb.ArrowDown))
	b.wait(`document.activeElement.dataset.index === '1'`)
	b.do(chromedp.KeyEvent("\r"))
	b.wait(`document.querySelector('[data-testid=output]').innerText.includes('› ls 1')`)
	b.state("idle")
	if !eval[bool](b, `document.activeElement.matches('[data-testid=connections] tr[data-index="1"]')`) {
		t.Error("opening a row by the keyboard loses the focus")
	}
	b.do(chromedp.KeyEvent("/"))
	b.wait(`document.activeElement.id === 'prompt'`)
	b.do(chromedp.KeyEvent(kb.Escape))
	b.do(chromedp.KeyEvent("?"))
	b.wait(`document.querySelector('#keys').open && document.querySelector('#keys').innerText.includes('list the MPTCP connections')`)
	b.picture("help")
	if unnamed := eval[[]string](b, `[...document.querySelectorAll('button, input, table, [role=listbox]')]
		.filter((e) => !(e.getAttribute('aria-label') || e.innerText || e.labels?.length || e.getAttribute('aria-labelledby')) && e.checkVisibility())
		.map((e) => e.outerHTML.slice(0, 80))`); len(unnamed) > 0 {
		t.Errorf("without a name for screen readers: %q", unnamed)
	}
	b.quiet()
}

// TestSavedTable compares the file that the page saves with the one that the bridge makes here.
func TestSavedTable(t *testing.T) {
	const name = "two-path-upload.client.pcapng"
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, name))
	b.state("idle")
	dir := t.TempDir()
	_, err := chromedp.CallBrowser(b.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, DownloadPath: dir, EventsEnabled: new(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := chromedp.BrowserEvents(b.ctx, browser.DownloadProgress)
	eval[bool](b, `[...document.querySelectorAll('#view button')].find((e) => e.textContent === 'CSV').click() ?? true`)
	var saved []byte
	for e, err := range ended {
		if err != nil {
			t.Fatal(err)
		}
		if e.State == browser.DownloadProgressStateCompleted {
			if saved, err = os.ReadFile(filepath.Join(dir, e.GUID)); err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if want := nativeTable(t, name, "ls 0"); string(saved) != want {
		t.Errorf("the page saved\n%s\nwant\n%s", saved, want)
	}
	b.quiet()
}

// nativeTable is a table as CSV, from the bridge on this machine.
func nativeTable(t *testing.T, name, line string) string {
	t.Helper()
	content, err := os.ReadFile(capture(t, name))
	if err != nil {
		t.Fatal(err)
	}
	native := bridge.New(bridge.Options{})
	loading := native.Begin(name, int64(len(content)), func(_, _ []byte) {})
	if !loading.Feed(content) {
		t.Fatal("the capture could not be read")
	}
	loading.Finish()
	var handle int
	var csv []byte
	emit := func(event, data []byte) {
		var e struct {
			Event  string
			Handle int
		}
		if err := json.Unmarshal(event, &e); err != nil {
			t.Fatal(err)
		}
		if e.Event == "table" {
			handle = e.Handle
		}
		if data != nil {
			csv = data
		}
	}
	ask := func(request map[string]any) {
		text, err := json.Marshal(request)
		if err != nil {
			t.Fatal(err)
		}
		native.Do(context.Background(), text, emit)
	}
	ask(map[string]any{"do": "run", "line": line})
	ask(map[string]any{"do": "save", "handle": handle, "name": "x.csv"})
	return string(csv)
}
