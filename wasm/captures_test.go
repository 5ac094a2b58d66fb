//go:build !js

package main_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// TestAnswersOfACapture opens one capture after another: what was answered of the one is not shown below the other.
func TestAnswersOfACapture(t *testing.T) {
	const first, second = "two-path-upload.client.pcapng", "fallback.client.pcapng"
	b := openTab(t, "")
	b.state("ready")
	b.enter("nosuch")
	b.state("error")
	b.choose(capture(t, first))
	b.state("idle")
	shows := func(what string, wants ...string) {
		t.Helper()
		got := browser.Eval[[]string](b.Tab, `[...document.querySelectorAll('#log .answer')].map((e) => e.getAttribute('aria-label'))`)
		if strings.Join(got, "|") != strings.Join(wants, "|") {
			t.Errorf("%s: the answers to typed commands are %q, want %q", what, got, wants)
		}
		name := strings.TrimSuffix(browser.Eval[string](b.Tab, "document.title"), " · mptcpanalyzer")
		for _, of := range browser.Eval[[]string](b.Tab, `[...document.querySelectorAll('[data-testid=output] figcaption .muted')].map((e) => e.innerText)`) {
			if !strings.Contains(of, name) {
				t.Errorf("%s: below %s stands a table of %q", what, name, of)
			}
		}
	}
	choose := func(name string) {
		t.Helper()
		b.Do(chromedp.Click(chromedp.CSS(fmt.Sprintf("#captures [title='use %s']", name))))
		b.Wait(fmt.Sprintf("document.title.startsWith(%q)", name))
		b.state("idle")
	}
	shows("after the first capture")
	b.enter("summary 0")
	b.state("idle")
	b.enter("nosuch")
	b.state("error")
	shows("after two commands", "summary 0", "nosuch")
	if tables := browser.Eval[int](b.Tab, `document.querySelectorAll('[data-testid=output] figcaption .muted').length`); tables < 2 {
		t.Errorf("%d tables name their capture, want those of ls and summary", tables)
	}
	b.choose(capture(t, second))
	b.Wait(fmt.Sprintf("document.title.startsWith(%q)", second))
	b.state("idle")
	b.Picture("second-capture")
	shows("after the second capture")
	b.enter("lt")
	b.state("idle")
	shows("after lt", "lt")
	choose(first)
	b.Picture("first-capture-again")
	shows("the first capture again", "summary 0", "nosuch")
	b.Do(chromedp.Click(chromedp.CSS("#log .answer:first-child .tools button:last-child")))
	choose(second)
	shows("the second capture again", "lt")
	b.enter("load " + first)
	b.Wait(fmt.Sprintf("document.title.startsWith(%q)", first))
	b.state("idle")
	shows("the first capture by its name", "nosuch", "load "+first)
	b.choose(capture(t, first))
	b.Wait(`document.querySelectorAll('#log .answer').length === 0`)
	b.state("idle")
	shows("the first capture read anew")
	b.Quiet()
}
