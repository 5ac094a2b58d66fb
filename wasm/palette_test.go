//go:build !js

package main_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// The palette has every command of the language and finds charts, connections and what the page can do.
func TestPalette(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "fallback.client.pcapng"))
	b.state("idle")
	open := func(text, first string) {
		t.Helper()
		b.Do(chromedp.KeyEvent("k", chromedp.KeyModifiers(2))) // Ctrl
		b.Wait(`document.activeElement.id === 'palette-field'`)
		b.Do(chromedp.KeyEvent(text))
		b.Wait(`document.querySelector('#palette-list [aria-selected=true]')?.innerText.includes('` + first + `')`)
	}
	open("command", "command line")
	// The page's own entries stand at once; those of the language come when the engine has answered.
	b.Wait(`document.querySelectorAll('#palette-list code').length >= ` + strconv.Itoa(len(core.Commands())))
	entries := browser.Eval[[]string](b.Tab, `[...document.querySelectorAll('#palette-list code')].map((e) => e.textContent)`)
	known := 0
	for _, c := range core.Commands() {
		if slices.Contains(entries, c.Name) {
			known++
		}
	}
	if most := len(core.Commands()); known < most {
		t.Errorf("of %d commands %d are found: %q", len(core.Commands()), known, entries)
	}
	b.Do(chromedp.KeyEvent(kb.Escape))
	open("plot tput", "plot tput 0")
	b.Picture("palette")
	b.Do(chromedp.KeyEvent("\r"))
	b.Wait(`document.querySelector('#log').innerText.includes('› plot tput 0')`)
	b.state("idle")
	open("10.0.2.1", "10.0.2.1:55060")
	b.Do(chromedp.KeyEvent("\r"))
	b.Wait(`document.querySelector('#view-title').textContent.startsWith('Connection 1')`)
	b.state("idle")
	open("handover", "Handover") // a sample
	b.Do(chromedp.KeyEvent("\r"))
	b.Wait(`document.body.innerText.includes('handover.client.pcapng')`)
	b.state("idle")
	open("account", "account")
	b.Do(chromedp.KeyEvent("\r"))
	b.Wait(`/› account/.test(document.querySelector('#log').innerText) || document.activeElement.id === 'prompt'`)
	b.Quiet()
}
