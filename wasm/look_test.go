//go:build !js

package main_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

func TestDarkAndLight(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "handover.client.pcapng"))
	b.state("idle")
	background := func() string { return browser.Eval[string](b.Tab, "getComputedStyle(document.body).backgroundColor") }
	b.dark(true)
	b.Wait(`matchMedia('(prefers-color-scheme: dark)').matches`)
	if got := background(); got != "rgb(20, 23, 28)" {
		t.Errorf("in the system's dark the page is %s", got)
	}
	b.Wait(drawn)
	b.Picture("dark")
	b.Do(chromedp.Click(chromedp.CSS("#theme")))
	if got := background(); got != "rgb(255, 255, 255)" {
		t.Errorf("switched to light the page is %s", got)
	}
	b.Do(chromedp.Reload())
	b.state("ready")
	if got := background(); got != "rgb(255, 255, 255)" {
		t.Errorf("after a reload the page is %s: the choice is forgotten", got)
	}
	b.Quiet()
}

func TestPhone(t *testing.T) {
	b := openTab(t, "")
	b.Do(chromedp.EmulateViewport(375, 700, chromedp.EmulateScale(2)))
	b.state("ready")
	b.Picture("phone-start")
	wide := `document.documentElement.scrollWidth > innerWidth`
	if browser.Eval[bool](b.Tab, wide) {
		t.Error("the start page is wider than a phone")
	}
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	b.Wait(drawn)
	b.Picture("phone")
	if browser.Eval[bool](b.Tab, wide) {
		t.Error("the page is wider than a phone")
	}
	for _, id := range []string{"open", "theme", "help", "prompt"} {
		if !browser.Eval[bool](b.Tab, fmt.Sprintf(`(() => { const r = document.getElementById(%q).getBoundingClientRect(); return r.width > 0 && r.left >= 0 && r.right <= innerWidth && r.bottom <= innerHeight; })()`, id)) {
			t.Errorf("%s is out of sight on a phone", id)
		}
	}
	b.Quiet()
}

func TestKeyboard(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "fallback.client.pcapng"))
	b.state("idle")
	b.Do(chromedp.KeyEvent("c"))
	b.Wait(`document.activeElement.matches('[data-testid=connections] tr[data-index="0"]')`)
	b.Do(chromedp.KeyEvent(kb.ArrowDown))
	b.Wait(`document.activeElement.dataset.index === '1'`)
	b.Do(chromedp.KeyEvent("\r"))
	b.Wait(`document.querySelector('[data-testid=output]').innerText.includes('› ls 1')`)
	b.state("idle")
	if !browser.Eval[bool](b.Tab, `document.activeElement.matches('[data-testid=connections] tr[data-index="1"]')`) {
		t.Error("opening a row by the keyboard loses the focus")
	}
	b.Do(chromedp.KeyEvent("/"))
	b.Wait(`document.activeElement.id === 'prompt'`)
	b.Do(chromedp.KeyEvent(kb.Escape))
	b.Do(chromedp.KeyEvent("?"))
	b.Wait(`document.querySelector('#keys').open && document.querySelector('#keys').innerText.includes('list the MPTCP connections')`)
	b.Picture("help")
	if unnamed := browser.Eval[[]string](b.Tab, `[...document.querySelectorAll('button, input, table, [role=listbox]')]
		.filter((e) => !(e.getAttribute('aria-label') || e.innerText || e.labels?.length || e.getAttribute('aria-labelledby')) && e.checkVisibility())
		.map((e) => e.outerHTML.slice(0, 80))`); len(unnamed) > 0 {
		t.Errorf("without a name for screen readers: %q", unnamed)
	}
	b.Quiet()
}

// On paper stands all of a view, light and without what is pressed: a drawing for each chart. Afterwards nothing of it is left.
func TestPaper(t *testing.T) {
	b := openTab(t, "")
	b.dark(true)
	b.state("ready")
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	b.Wait(drawn)
	b.Do(chromedp.Click(chromedp.CSS("#theme")), chromedp.Click(chromedp.CSS("#theme")))
	b.Wait(`document.documentElement.dataset.theme === 'dark'`)
	left := browser.Eval[string](b.Tab, `(() => {
		dispatchEvent(new Event('beforeprint'));
		const drawings = [...document.querySelectorAll('.chart')].map((c) => decodeURIComponent(c.nextElementSibling.src));
		const said = [document.documentElement.dataset.theme, drawings.length > 4, drawings.every((d) => d.includes('fill="#ffffff"'))];
		dispatchEvent(new Event('afterprint'));
		return [...said, document.documentElement.dataset.theme, document.querySelectorAll('.printed').length].join(' ');
	})()`)
	if left != "light true true dark 0" {
		t.Errorf("theme, drawings, their ground, and afterwards theme and drawings: %s", left)
	}
	if _, err := chromedp.Call(b.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	for selector, shown := range map[string]bool{"#view table": true, "#view-title": true, "#prompt": false, ".tools": false, ".chart": false, "#open": false} {
		if browser.Eval[bool](b.Tab, fmt.Sprintf("document.querySelector(%q).checkVisibility()", selector)) != shown {
			t.Errorf("%s is on paper: %t", selector, !shown)
		}
	}
	if cut := browser.Eval[string](b.Tab, `[...document.querySelectorAll('.middle, .answers, .scroller')].filter((e) => e.clientHeight && e.scrollHeight > e.clientHeight + 1).map((e) => e.className).join()`); cut != "" {
		t.Errorf("on paper not all is seen of %s", cut)
	}
	b.Quiet()
}

// Where a system forces its colours, subflows are still told apart.
func TestForcedColours(t *testing.T) {
	b := openTab(t, "")
	b.media("forced-colors", "active")
	b.state("ready")
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	if colours := browser.Eval[int](b.Tab, `new Set([...document.querySelectorAll('.chips i')].map((e) => getComputedStyle(e).backgroundColor)).size`); colours != 2 {
		t.Errorf("two subflows have %d colours in the list", colours)
	}
	b.Picture("forced")
	b.Quiet()
}
