//go:build !js

package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// TestAccessible has axe-core look at every state of the page, in light, dark and on a phone.
func TestAccessible(t *testing.T) {
	axe, err := os.ReadFile(filepath.Join("..", "testdata", "readers", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Skip("axe-core is not there (make readers): ", err)
	}
	for _, how := range []struct {
		name  string
		dark  bool
		width int64
	}{{"light", false, 1280}, {"dark", true, 1280}, {"phone", false, 375}} {
		b := openTab(t, "")
		b.dark(how.dark)
		b.Do(chromedp.EmulateViewport(how.width, 700))
		b.state("ready")
		check := func(state string) {
			t.Helper()
			browser.Eval[bool](b.Tab, string(axe)+"; true")
			for _, v := range b.violations() {
				t.Errorf("%s, %s: %s", how.name, state, v)
			}
			b.Picture("access-" + how.name + "-" + state)
		}
		check("start")
		b.choose(altered(t, "broken.pcap", []byte("no capture")))
		b.state("error")
		check("refused")
		b.choose(capture(t, "two-path-upload.client.pcapng"))
		b.state("idle")
		check("connection")
		b.press("#view", "Table")
		b.Wait(`document.querySelector('#view .chart').closest('.blocks').querySelector('table')`)
		b.enter("summary 0")
		b.state("idle")
		b.enter("plot nosuch 0")
		b.state("error")
		check("answers")
		b.Do(chromedp.Focus(chromedp.CSS("#prompt")), chromedp.KeyEvent("plot \t"))
		b.Wait(`document.querySelectorAll('#completions li').length > 5`)
		check("completion")
		b.Do(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent("k", chromedp.KeyModifiers(2)))
		b.Wait(`document.querySelectorAll('#palette-list li').length > 20`)
		check("palette")
		b.Do(chromedp.KeyEvent(kb.Escape))
		browser.Eval[bool](b.Tab, `document.activeElement.blur(), document.querySelector('#help').click(), true`)
		b.Wait(`document.querySelectorAll('#keys dt').length > 20`)
		check("help")
		b.Quiet()
	}
}

// violations are what axe-core finds, but for what is of minor or moderate impact.
func (b *tab) violations() []string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, browser.Patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`axe.run(document, { resultTypes: ['violations'] }).then((r) => JSON.stringify(
		r.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => v.id + ': ' + v.nodes.map((n) => n.html).join(' ')))) `,
		chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	var found []string
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		b.t.Fatal(fmt.Errorf("%w: %s", err, text))
	}
	return found
}
