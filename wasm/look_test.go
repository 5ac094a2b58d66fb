//go:build !js

package main_test

import (
	"fmt"
	"testing"

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
