//go:build !js

package browser

import (
	_ "embed"
	"os"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

//go:embed slow.js
var slow string

// throttle is how many times slower the page's own thread is made.
const throttle = 6

// slowDown makes the page slow by chance where PAGE_SLOW is set, so that a test which reads too early is found:
//
//	PAGE_SLOW=1 go test -count 5 ./wasm
func (b *Tab) slowDown() {
	b.t.Helper()
	if os.Getenv("PAGE_SLOW") == "" {
		return
	}
	_, err := chromedp.Call(b.Ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: slow})
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := chromedp.Call(b.Ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: throttle}); err != nil {
		b.t.Fatal(err)
	}
}
