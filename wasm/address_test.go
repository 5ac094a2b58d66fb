//go:build !js

package main_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// hash waits for a fragment of the address.
func (b *tab) hash(want string) {
	b.t.Helper()
	b.Wait(fmt.Sprintf("location.hash === %q", want))
}

// The address says which connection and which time is shown, never what a capture is called or holds; back and forward go
// between the places.
func TestAddressOfAPlace(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "fallback.client.pcapng"))
	b.hash("#connection=0")
	b.state("idle")
	b.Do(chromedp.KeyEvent("j"))
	b.hash("#connection=1")
	b.state("idle")
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.Wait(`document.title.startsWith('two-path-upload')`)
	b.state("idle")
	b.hash("#connection=0")
	b.Wait(drawn)
	b.Do(chromedp.Focus(chromedp.CSS("#view .chart [role=group]")), chromedp.KeyEvent("+"))
	b.Wait(`/^#connection=0&from=[0-9.]+&to=[0-9.]+$/.test(location.hash)`)
	b.state("idle")
	zoomed := browser.Eval[string](b.Tab, "location.hash")
	packets := `document.querySelector('#packets .command').textContent`
	b.Wait(packets + `.includes('reltime >=')`)
	back := func() { browser.Eval[bool](b.Tab, "history.back(), true") }
	back()
	b.hash("#connection=0")
	b.Wait("!" + packets + `.includes('reltime >=')`)
	b.state("idle")
	back()
	b.Wait(`document.title.startsWith('fallback')`)
	b.hash("#connection=1")
	b.state("idle")
	browser.Eval[bool](b.Tab, "history.go(2), true")
	b.Wait(`document.title.startsWith('two-path-upload')`)
	b.hash(zoomed)
	b.state("idle")
	b.Wait(packets + `.includes('reltime >=')`)
	b.Quiet()
}

// A link of a dropped capture names none: it says so, and shows its place once the capture is there.
func TestAddressWithoutItsCapture(t *testing.T) {
	b := openTab(t, "#connection=1&from=0.2&to=0.3")
	b.state("ready")
	b.Wait(`document.querySelector('#start-link').checkVisibility()`)
	b.choose(capture(t, "fallback.client.pcapng"))
	b.state("idle")
	b.hash("#connection=1&from=0.2&to=0.3")
	b.Wait(`document.querySelector('#packets .command').textContent.includes('reltime >= 0.2')`)
	b.Quiet()
}

// A link that leads nowhere says so: another host's capture, one that is not there, a connection that is not in it.
func TestAddressThatLeadsNowhere(t *testing.T) {
	for _, c := range []struct{ query, state, where, said string }{
		{"#url=http://127.0.0.2/a.pcap", "ready", "#alert", "http://127.0.0.2/a.pcap is not fetched"},
		{"#url=samples/nosuch.pcap", "error", "#alert", "nosuch.pcap: the host answered 404"},
		{"#url=http://[bad", "ready", "#alert", "http://[bad is not fetched"},
		{"#url=samples/%25ff.pcap", "error", "#alert", "%ff.pcap: the host answered 500"},
		{"#url=samples/fallback.client.pcapng&connection=7&from=0.1&to=0.2", "idle", "#list-notes", "There is no connection 7 in this capture"},
		{"#url=samples/fallback.client.pcapng&connection=0.5", "idle", "#list-notes", "There is no connection 0.5 in this capture"},
		{"#url=samples/fallback.client.pcapng&connection=0&from=100&to=200", "idle", "#packets", `--where "mptcpstream == 0"`},
	} {
		t.Run(c.query, func(t *testing.T) { // the browser of each is closed before the next one's opens
			b := openTab(t, c.query)
			b.Wait(fmt.Sprintf("document.querySelector(%q).innerText.includes(%q)", c.where, c.said))
			b.state(c.state)
			if c.state == "idle" {
				b.hash("#url=samples/fallback.client.pcapng&connection=0")
			}
		})
	}
}

// What is written into the address by hand is gone to, or said to lead nowhere, as a link is.
func TestAddressChangedByHand(t *testing.T) {
	b := openTab(t, "#url=samples/fallback.client.pcapng")
	b.state("idle")
	for _, c := range []struct{ hash, where, said string }{
		{"#connection=1", "#view-title", "Connection 1"},
		{"#connection=12", "#list-notes", "There is no connection 12 in this capture"},
		{"#url=http://[bad", "#alert", "http://[bad is not fetched"},
	} {
		browser.Eval[bool](b.Tab, fmt.Sprintf("location.hash = %q, true", c.hash))
		b.Wait(fmt.Sprintf("document.querySelector(%q).innerText.includes(%q)", c.where, c.said))
		b.state("idle")
	}
	b.Quiet()
}

// A link is offered only where it would bring something back, and is copied where the host has no TLS too. After a reload
// the page says which capture it was.
func TestLink(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(altered(t, "empty.pcap", manyConnections(0)))
	b.state("idle")
	if !browser.Eval[bool](b.Tab, `document.querySelector('#script').checkVisibility() && !document.querySelector('#link').checkVisibility()`) {
		t.Error("a link to nothing is offered")
	}
	b.choose(capture(t, "fallback.client.pcapng"))
	b.hash("#connection=0")
	b.state("idle")
	browser.Eval[bool](b.Tab, `(() => {
		Object.defineProperty(navigator, 'clipboard', { value: undefined });
		document.addEventListener('copy', () => { window.copied = String(document.activeElement.value); });
		const link = document.querySelector('#link');
		window.said = [];
		new MutationObserver(() => window.said.push(link.textContent)).observe(link, { childList: true });
		return true;
	})()`)
	b.Do(chromedp.Click(chromedp.CSS("#link")))
	b.Wait(`window.said.join() === 'Copied,Link'`)
	if copied := browser.Eval[string](b.Tab, "window.copied"); copied != b.url+"#connection=0" {
		t.Errorf("copied is %q", copied)
	}
	b.Wait(`document.activeElement.id === 'link'`)
	b.Do(chromedp.Reload())
	b.state("ready")
	b.Wait(`document.querySelector('#start-link').innerText.includes('Open fallback.client.pcapng again to see connection 0')`)
	b.Quiet()
}
