//go:build !js

package main_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

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
