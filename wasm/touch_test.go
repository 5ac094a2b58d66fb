//go:build !js

package main_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// swipe moves a finger over the screen.
func (b *tab) swipe(x, y, dx, dy float64) {
	b.t.Helper()
	touch := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
		b.t.Helper()
		if points == nil {
			points = []*input.TouchPoint{}
		}
		if _, err := chromedp.Call(b.Ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points}); err != nil {
			b.t.Fatal(err)
		}
	}
	touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: x, Y: y})
	if dx != 0 || dy != 0 {
		for i := range 10 {
			step := float64(i+1) / 10
			touch(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: x + step*dx, Y: y + step*dy})
		}
	}
	touch(input.DispatchTouchEventTypeTouchEnd)
}

// On a phone a finger that moves up scrolls over a chart, one that moves sideways selects a window, and a tap tells of a
// packet, within the screen.
func TestTouch(t *testing.T) {
	b := openTab(t, "")
	b.Do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	if _, err := chromedp.Call(b.Ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true}); err != nil {
		t.Fatal(err)
	}
	b.Do(chromedp.Reload())
	b.state("ready")
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	b.Wait(drawn)
	place := func() []float64 {
		return browser.Eval[[]float64](b.Tab, `(() => { const e = document.querySelector('#view .chart canvas'); const r = e.getBoundingClientRect(); return [r.left, r.bottom - 180, document.querySelector('.middle').scrollTop]; })()`)
	}
	browser.Eval[bool](b.Tab, `document.querySelector('#view .chart').scrollIntoView(), true`)
	at := place()
	b.swipe(at[0]+200, at[1], 0, -120)
	b.Wait(fmt.Sprintf("document.querySelector('.middle').scrollTop > %v", at[2]))
	if hash := browser.Eval[string](b.Tab, "location.hash"); hash != "#connection=0" {
		t.Errorf("a finger that moves up selects %s", hash)
	}
	browser.Eval[bool](b.Tab, `document.querySelector('#view .chart').scrollIntoView(), true`)
	at = place()
	b.swipe(at[0]+80, at[1], 100, 0)
	b.Wait(`/&from=[0-9.]+&to=[0-9.]+$/.test(location.hash)`)
	b.state("idle")
	for y, taps := at[1]+100, 0; b.text("#clicked") == "" && y > at[1]-100; taps++ {
		b.swipe(at[0]+150, y, 0, 0) // a slow one is no tap
		if browser.Eval[string](b.Tab, tip) == "" || taps > 20 {
			y, taps = y-12, 0
		}
	}
	b.Wait(`document.querySelector('#clicked').innerText.includes('frame.number == ')`)
	b.state("idle")
	if right := browser.Eval[float64](b.Tab, `Math.max(...[...document.querySelectorAll('#view .chart div')].filter((e) => e.style.zIndex === '10' && e.style.display === 'block').map((e) => e.getBoundingClientRect().right))`); right > 360 || right <= 0 {
		t.Errorf("the tooltip ends at %v px of 360", right)
	}
	b.Picture("touch")
	b.Quiet()
}
