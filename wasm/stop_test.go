//go:build !js

package main_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// What runs long is stopped by Esc, from the prompt as well, and by a button; the next command is answered, and what a view
// lacks can be drawn after all.
func TestStopping(t *testing.T) {
	b, capture := measured(t, "-packets", "300000", "-connections", "1")
	b.choose(capture)
	press := func(within, or string) {
		t.Helper()
		b.Wait(`(() => { const e = [...document.querySelectorAll('` + within + ` button')].find((e) => e.textContent === 'Stop'); e?.click(); return Boolean(e); })() || ` + or)
	}
	press("#view", "false")
	b.Wait(`document.querySelector('#view').innerText.includes('Stopped.') && document.querySelector('#view').innerText.includes('Draw what is missing')`)
	b.state("idle")
	const ended = `['idle', 'error'].includes(document.documentElement.dataset.state)`
	for i, stop := range []func(){
		func() { b.Do(chromedp.KeyEvent(kb.Escape)) },
		func() { press("#log", ended) },
	} {
		// A busy machine may stop so late that the answer is there; then it is asked for again.
		for tries := 0; ; tries++ {
			b.enter("plot ooo 0")
			stop()
			b.Wait(ended)
			if browser.Eval[string](b.Tab, "document.documentElement.dataset.state") == "error" {
				break
			}
			if tries == 20 {
				t.Fatalf("%d: what runs is never stopped", i)
			}
		}
		if said := b.text("#log .answer:last-child .blocks"); said != "Stopped." {
			t.Errorf("%d: a command that was stopped says %q", i, said)
		}
		b.enter("help ooo")
		b.state("idle")
		if said := b.text("#log .answer:last-child .blocks"); len(said) < 20 {
			t.Errorf("%d: the next command is answered with %q", i, said)
		}
	}
	b.press("#view", "Draw what is missing")
	b.Wait(drawn)
	b.Wait(`document.querySelector('#view').innerText.includes('plot timeline 0')`)
	b.state("idle")
	if n := browser.Eval[int](b.Tab, `[...document.querySelectorAll('#view .command')].filter((e) => e.textContent.includes('plot dsn')).length`); n != 1 {
		t.Errorf("a chart is drawn %d times", n)
	}
	b.Quiet()
}
