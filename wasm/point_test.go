//go:build !js

package main_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// mouse does something with the mouse at a place of the window.
func (b *tab) mouse(kind input.DispatchMouseEventType, x, y float64) {
	b.t.Helper()
	_, err := chromedp.Call(b.Ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{
		Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1,
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

const tip = `[...document.querySelectorAll('#view .chart div')].find((e) => e.style.zIndex === '10' && e.style.display === 'block')?.innerText ?? ''`

// point clicks the first mark that is found on a vertical line of the first chart and gives what the tooltip said.
func (b *tab) point(x float64) string {
	b.t.Helper()
	at := browser.Eval[[]float64](b.Tab, `(() => { const e = document.querySelector('#view .chart canvas'); e.scrollIntoView({block: 'nearest'}); const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; })()`)
	x = at[0] + x*at[2]
	for y := at[1] + 80; y < at[1]+at[3]; y += 6 {
		b.mouse(input.DispatchMouseEventTypeMouseMoved, x, y)
		if said := browser.Eval[string](b.Tab, tip); said != "" {
			b.mouse(input.DispatchMouseEventTypeMousePressed, x, y)
			b.mouse(input.DispatchMouseEventTypeMouseReleased, x, y)
			return said
		}
	}
	b.t.Fatalf("no mark is found at %.0f", x)
	return ""
}

// A mark tells its packet; a click leads to it, gives Wireshark's filter, and says how far it is from the one before.
func TestPointsOfAChart(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	b.Wait(drawn)
	frame := regexp.MustCompile(`frame\s+(\d+)`)
	for i, x := range []float64{0.85, 0.5} {
		said := b.point(x)
		found := frame.FindStringSubmatch(said)
		if found == nil {
			t.Fatalf("the tooltip names no packet:\n%s", said)
		}
		b.Wait(fmt.Sprintf(`document.querySelector('#clicked').innerText.includes('frame.number == %s')`, found[1]))
		b.Wait(fmt.Sprintf(`document.querySelector('#packet').innerText.includes('frame %s in Wireshark')`, found[1]))
		b.state("idle")
		if marked := b.text("#packets tr[aria-selected=true] td"); marked != found[1] {
			t.Errorf("frame %s is clicked, frame %q is marked in the list", found[1], marked)
		}
		if line := b.text("#clicked"); i > 0 && !regexp.MustCompile(`from the last one: -?[\d.]+ \w+, -?[\d.]+ \w+, -?[\d.]+ \w?bit/s`).MatchString(line) {
			t.Errorf("the way between two marks is %q", line)
		}
	}
	b.Picture("clicked")
	b.press("#clicked", "Show packet")
	b.Wait(`(() => { const r = document.querySelector('#packets tr[aria-selected=true]').getBoundingClientRect(); return r.top >= 0 && r.bottom < innerHeight; })()`)
	b.Quiet()
}

// accented counts the pixels of the second chart that have the colour of what is chosen.
const accented = `(() => {
	const c = document.querySelectorAll('#view .chart canvas')[1], copy = document.createElement('canvas');
	copy.width = c.width, copy.height = c.height;
	const on = copy.getContext('2d', { willReadFrequently: true });
	on.drawImage(c, 0, 0);
	const d = on.getImageData(0, 0, c.width, c.height).data;
	let n = 0;
	for (let i = 0; i < d.length; i += 4) if (d[i] === 0x0b && d[i + 1] === 0x62 && d[i + 2] === 0xc4) n++;
	return n;
})()`

// A row that is chosen in the list of packets is marked there and in the charts, also when the list is sorted anew; the mark
// can be taken off.
func TestRowsOfPackets(t *testing.T) {
	b := openTab(t, "")
	b.dark(false)
	b.state("ready")
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	b.Wait(drawn)
	b.Do(chromedp.KeyEvent("p"))
	b.Wait(`document.activeElement.matches('#packets tr[data-index="0"]')`)
	bare := browser.Eval[int](b.Tab, accented)
	const marked = "#packets tr[aria-selected=true] td"
	row := func(index int) string {
		t.Helper()
		browser.Eval[bool](b.Tab, fmt.Sprintf(`(() => { const r = document.querySelector('#packets tr[data-index="%d"]'); r.focus(); return true; })()`, index))
		frame := b.text(fmt.Sprintf(`#packets tr[data-index="%d"] td`, index))
		b.Do(chromedp.KeyEvent("\r"))
		b.Wait(fmt.Sprintf(`document.querySelector('#clicked').innerText.includes('frame.number == %s') && document.querySelector('#packet').innerText.includes('frame %[1]s in Wireshark')`, frame))
		b.state("idle")
		if got := b.text(marked); got != frame {
			t.Errorf("frame %s is chosen, %q is marked", frame, got)
		}
		return frame
	}
	row(3)
	b.Wait(fmt.Sprintf("%s > %d", accented, bare)) // the charts show which packet was chosen
	browser.Eval[bool](b.Tab, `document.querySelector('#packets th[data-key=tcplen] button').click(), true`)
	b.Wait(`document.querySelector('#packets th[data-key=tcplen]').getAttribute('aria-sort') === 'ascending' && [...document.querySelectorAll('#packets tr[data-index] td:nth-child(7)')].every((e) => e.innerText === '0')`)
	frame := row(7)
	b.Do(chromedp.Focus(chromedp.CSS("#view .chart [tabindex]")), chromedp.KeyEvent("+")) // another window lists the packets anew
	b.Wait(`document.querySelector('#packets .command').textContent.includes('reltime >=')`)
	b.state("idle")
	b.Do(chromedp.KeyEvent("0"))
	b.Wait(fmt.Sprintf(`!document.querySelector('#packets .command').textContent.includes('reltime >=') && document.querySelector(%q)?.innerText === %q`, marked, frame))
	browser.Eval[bool](b.Tab, `document.activeElement.blur(), true`)
	b.Do(chromedp.KeyEvent("p"))
	b.Wait(`document.activeElement.matches('#packets tr[aria-selected=true]')`)
	b.Picture("row")
	browser.Eval[bool](b.Tab, `document.querySelector('#clicked .close').click(), true`)
	b.Wait(`!document.querySelector('#packets tr[aria-selected=true]') && document.querySelector('#packet').innerText === ''`)
	b.Wait(fmt.Sprintf("%s === %d", accented, bare))
	b.Quiet()
}

// What is selected on one chart is shown in all, and its packets only are listed.
func TestSelectionOnAChart(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	b.Wait(drawn)
	listed := `Number(document.querySelector('#packets table').getAttribute('aria-rowcount')) - 1`
	all := browser.Eval[int](b.Tab, listed)
	at := browser.Eval[[]float64](b.Tab, `(() => { const r = document.querySelector('#view .chart canvas').getBoundingClientRect(); return [r.x + 0.5 * r.width, r.x + 0.7 * r.width, r.y + 0.5 * r.height]; })()`)
	b.mouse(input.DispatchMouseEventTypeMousePressed, at[0], at[2])
	b.mouse(input.DispatchMouseEventTypeMouseMoved, (at[0]+at[1])/2, at[2])
	b.mouse(input.DispatchMouseEventTypeMouseMoved, at[1], at[2])
	b.mouse(input.DispatchMouseEventTypeMouseReleased, at[1], at[2])
	b.Wait(`document.querySelector('#packets .command').textContent.includes('reltime >=')`)
	b.state("idle")
	part := browser.Eval[int](b.Tab, listed)
	want := 0
	for _, row := range nativeRows(t, "two-path-upload.client.pcapng", browser.Eval[string](b.Tab, `document.querySelector('#packets .command').textContent.slice(2)`)) {
		if len(row) > 0 {
			want++
		}
	}
	if part != want || part == 0 || part >= all {
		t.Errorf("%d of %d packets are listed, want %d", part, all, want)
	}
	zoomed := `[...document.querySelectorAll('#view .chart button')].filter((e) => e.textContent === 'Reset zoom' && e.checkVisibility()).length`
	b.Wait(zoomed + ` === document.querySelectorAll('#view .chart').length`) // all charts show the selection
	b.Picture("selection")
	b.Do(chromedp.KeyEvent("r"))
	b.Wait(zoomed + " === 0")
	b.Wait(fmt.Sprintf("%s === %d", listed, all))
	b.Quiet()
}
