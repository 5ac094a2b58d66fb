//go:build !js

package main_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// The page in a single file works from a disk as it does from a host: samples, chosen files, typed commands.
func TestSingleFile(t *testing.T) {
	page := filepath.Join(dist, "mptcpanalyzer.html")
	b := &tab{t: t, Tab: browser.Open(t, "file://", page)}
	b.state("ready")
	b.Do(chromedp.Click(chromedp.CSS(`[data-sample="fallback.client.pcapng"]`)))
	b.state("idle")
	b.Wait(`document.querySelectorAll('[data-testid=connections] tbody tr').length === 2`)
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.Wait(`/10\.0\.1\.1:34026/.test(document.querySelector('[data-testid=connections]').innerText)`)
	b.state("idle")
	b.Wait(drawn)
	b.enter("lt")
	b.Wait(`/opened, closed/.test(document.querySelector('[data-testid=output]').innerText)`)
	b.Picture("single")
	if named := browser.Eval[string](b.Tab, `location.href`); !strings.HasPrefix(named, fmt.Sprintf("file://%s", page)) {
		t.Errorf("the address has become %s", named)
	}
	if hosted := browser.Eval[int](b.Tab, `document.querySelectorAll('[data-hosted], link[rel=manifest]').length`); hosted != 0 {
		t.Errorf("%d elements are there that only a host can serve", hosted)
	}
	b.Quiet()
}
