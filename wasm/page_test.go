//go:build !js

package main_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
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
	b.Picture("start")
	if sentence := b.text("#start"); !strings.Contains(sentence, "The capture stays in this browser: nothing is sent.") {
		t.Errorf("the start page does not say where the capture stays:\n%s", sentence)
	}
	b.follow()
	b.asked()
	b.drop(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	b.Picture("two-path")
	if states := browser.Eval[[]string](b.Tab, "window.states"); !slices.Contains(states, "loading") || slices.Contains(states, "error") {
		t.Errorf("the states were %q", states)
	}
	if n := browser.Eval[int](b.Tab, rows); n != 1 {
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
	if chips := browser.Eval[int](b.Tab, `document.querySelectorAll('#view tbody .chip').length`); chips != 2 {
		t.Errorf("the subflow table shows %d chips, want 2", chips)
	}
	b.Wait(drawn)
	if asked := b.asked(); len(asked) > 0 {
		t.Errorf("after the file was dropped the page asked for %q", asked)
	}
	b.Quiet()
}

func TestChooseConnection(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.asked()
	b.choose(capture(t, "fallback.client.pcapng"))
	b.state("idle")
	b.Picture("fallback")
	if n := browser.Eval[int](b.Tab, rows); n != 2 {
		t.Fatalf("%d connections are listed, want 2", n)
	}
	b.listed()
	b.Do(chromedp.Click(chromedp.CSS(`[data-testid=connections] tbody tr[data-index="1"]`)))
	b.Wait(`document.querySelector('[data-testid=output]').innerText.includes('› plot tcpseq 1')`)
	b.state("idle")
	if answers := b.text("[data-testid=output]"); !strings.Contains(answers, "› ls 1") || strings.Contains(answers, "› ls 0") || !strings.Contains(answers, "Fell back to TCP") {
		t.Errorf("after a click on connection 1 the answers are\n%s", answers)
	}
	if selected := b.text(`[data-testid=connections] tr[aria-selected=true]`); !strings.HasPrefix(selected, "1") {
		t.Errorf("the selected row is %q", selected)
	}
	if asked := b.asked(); len(asked) > 0 {
		t.Errorf("after the file was chosen the page asked for %q", asked)
	}
	b.Quiet()
}

// TestPressedRow has the list sorted anew while a row is pressed: the click is that row's.
func TestPressedRow(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "fallback.client.pcapng"))
	b.state("idle")
	b.listed()
	at := browser.Eval[[]float64](b.Tab, `(() => { const r = document.querySelector('[data-testid=connections] tbody tr[data-index="1"]').getBoundingClientRect(); return [r.x + 40, r.y + 10]; })()`)
	b.mouse(input.DispatchMouseEventTypeMousePressed, at[0], at[1])
	browser.Eval[bool](b.Tab, `(() => { const sort = document.querySelector('[data-testid=connections] th[data-key=mptcpstream] button'); sort.click(); sort.click(); return true; })()`)
	browser.Eval[bool](b.Tab, `(() => { const prompt = document.querySelector('[data-testid=prompt]'); prompt.value = 'lt'; prompt.form.requestSubmit(); return true; })()`)
	b.Wait(`document.querySelectorAll('#log tbody tr').length > 0`) // the worker has given the sorted rows, too
	b.mouse(input.DispatchMouseEventTypeMouseReleased, at[0], at[1])
	b.Wait(`document.querySelector('#view').innerText.includes('› plot tcpseq 1')`)
	b.Wait(`document.querySelector('[data-testid=connections] tbody td').innerText === '1'`) // now they are sorted
	b.state("idle")
	b.Quiet()
}

func TestCommands(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "signal-address.client.pcapng"))
	b.state("idle")
	b.enter("lt")
	b.Wait(`document.querySelectorAll('#log .answer tbody tr').length === 3`)
	b.state("idle")
	b.enter("plot dack 0")
	b.Wait(`document.querySelectorAll('#log canvas').length > 0`)
	b.Wait(drawn)
	b.state("idle")
	b.Picture("commands")
	b.enter("plot nosuch 0")
	b.state("error")
	if last := b.text("#log .answer:last-child"); !strings.Contains(last, `"nosuch"`) || !strings.Contains(last, "plottable") {
		t.Errorf("the error is\n%s", last)
	}
	if marked := b.text("#log .answer:last-child mark"); marked != "nosuch" {
		t.Errorf("the error marks %q", marked)
	}
	b.enter("lc > x.csv")
	b.state("error")
	b.Wait(`document.querySelector('#log .answer:last-child').innerText.includes('the buttons CSV and JSON above a table save it')`)
	b.Do(chromedp.KeyEvent("/"), chromedp.KeyEvent("/"))
	if typed := browser.Eval[string](b.Tab, `document.activeElement.id + document.activeElement.value`); typed != "prompt" {
		t.Errorf("the key that leads to the prompt, pressed there, leaves %q", typed)
	}
	b.enter("help")
	b.state("idle")
	if last := b.text("#log .answer:last-child"); !strings.Contains(last, "summary") {
		t.Errorf("help says\n%s", last)
	}
	b.enter("clear")
	b.state("idle")
	b.Wait(`document.querySelector('#log').childElementCount === 0`)
	b.enter("ls 0")
	b.Wait(`document.querySelectorAll('#log .answer').length === 1`)
	b.state("idle")
	b.Quiet()
}

func TestChartZoom(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	b.Wait(drawn)
	reset := `[...document.querySelectorAll('.chart button')].some((e) => e.textContent === 'Reset zoom' && e.checkVisibility())`
	if browser.Eval[bool](b.Tab, reset) {
		t.Error("a chart that shows everything offers to show everything")
	}
	chart := chromedp.CSS(".chart [role=group]")
	b.Do(chromedp.Focus(chart), chromedp.KeyEvent("+"), chromedp.KeyEvent("+"))
	b.Wait(reset)
	b.Picture("zoom")
	b.Do(chromedp.KeyEvent("0"))
	b.Wait("!" + reset)
	b.Quiet()
}

func TestPromptCompletesAndRemembers(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	prompt := chromedp.CSS("[data-testid=prompt]")
	value := `document.querySelector('[data-testid=prompt]').value`
	b.Do(chromedp.SendKeys(prompt, "accou\t"))
	b.Wait(value + " === 'account '")
	b.Do(chromedp.SendKeys(prompt, "0 Cl\t"))
	b.Wait(value + ".trim() === 'account 0 Client'")
	b.Do(chromedp.SendKeys(prompt, "\r"))
	b.Wait(`document.querySelector('#log')?.innerText.includes('› account 0 Client')`)
	b.state("idle")
	b.Do(chromedp.KeyEvent(kb.ArrowUp))
	b.Wait(value + ".trim() === 'account 0 Client'")
	b.Quiet()
}

// TestSavedTable compares the file that the page saves with the one that the bridge makes here.
func TestSavedTable(t *testing.T) {
	const name = "two-path-upload.client.pcapng"
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, name))
	b.state("idle")
	saved := b.saved(func() { b.press("#view", "CSV") })
	if want := nativeTable(t, name, "ls 0"); string(saved) != want {
		t.Errorf("the page saved\n%s\nwant\n%s", saved, want)
	}
	b.Quiet()
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
