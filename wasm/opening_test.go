//go:build !js

package main_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

func TestLoadByName(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.enter("load handover.client.pcapng")
	b.state("idle")
	if n := browser.Eval[int](b.Tab, rows); n != 1 {
		t.Errorf("%d connections are listed, want 1", n)
	}
	b.choose(capture(t, "fallback.client.pcapng"))
	b.Wait(rows + " === 2")
	b.state("idle")
	b.asked()
	b.enter("load fallback.client.pcapng")
	b.state("idle")
	if asked := b.asked(); len(asked) > 0 {
		t.Errorf("loading a dropped file again asked for %q", asked)
	}
	b.enter("load nosuch.pcap")
	b.state("error")
	if last := b.text("#log .answer:last-child"); !strings.Contains(last, "nosuch.pcap: no such file") {
		t.Errorf("the error is\n%s", last)
	}
	b.Quiet()
}

func TestBadFiles(t *testing.T) {
	whole, err := os.ReadFile(capture(t, "two-path-upload.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	b := openTab(t, "")
	b.state("ready")
	for _, bad := range []struct {
		name    string
		content []byte
		says    string
	}{
		{"empty.pcap", nil, "empty"},
		{"notes.pcap", []byte("# notes\nthis is no capture, whatever its name\n"), "not a capture"},
	} {
		b.choose(altered(t, bad.name, bad.content))
		b.Wait(fmt.Sprintf("document.querySelector('#alert').innerText.includes(%q)", bad.name))
		b.state("error")
		b.Picture("bad-" + bad.name)
		if said := b.text("[role=alert]"); !strings.Contains(said, bad.says) || !strings.Contains(said, "Open another file") {
			t.Errorf("%s: the page says\n%s", bad.name, said)
		}
	}
	b.choose(altered(t, "cut.pcapng", whole[:len(whole)/2+1]))
	b.state("idle")
	b.Picture("cut")
	if said := b.text("[role=alert]"); said != "" {
		t.Errorf("what was wrong before is still shown: %s", said)
	}
	if notes := b.text("#list-notes"); !strings.Contains(notes, "cut") || !strings.Contains(notes, "byte") {
		t.Errorf("a cut capture is shown with\n%s", notes)
	}
	if n := browser.Eval[int](b.Tab, rows); n != 1 {
		t.Errorf("the cut capture lists %d connections, want 1", n)
	}
	b.choose(altered(t, "later.pcap", []byte("no capture either")))
	b.state("error")
	if said := b.text("[role=alert]"); !strings.Contains(said, "cut.pcapng is still loaded") {
		t.Errorf("the page does not say what was kept:\n%s", said)
	}
	if n := browser.Eval[int](b.Tab, rows); n != 1 {
		t.Errorf("after a bad file %d connections are listed: the capture before it must stay", n)
	}
	b.Quiet()
}

func TestSamples(t *testing.T) {
	var samples []struct{ File, Other, Title string }
	list, err := os.ReadFile(filepath.Join("web", "samples.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(list, &samples); err != nil || len(samples) == 0 {
		t.Fatalf("samples.json: %v", err)
	}
	b := openTab(t, "")
	b.state("ready")
	for _, s := range samples {
		if s.Title == "" {
			continue // it is opened with another one
		}
		b.Do(chromedp.Click(chromedp.CSS(fmt.Sprintf("[data-sample=%q]", s.File))))
		b.titled(cmp.Or(s.Other, s.File))
		b.Wait(drawn)
		b.Picture("sample-" + s.File)
		browser.Eval[bool](b.Tab, `document.querySelector('.tab .close').click() ?? true`)
		if s.Other != "" {
			b.Wait(`document.querySelectorAll('.tab').length === 1`)
			b.state("idle")
			browser.Eval[bool](b.Tab, `document.querySelector('.tab .close').click() ?? true`)
		}
		b.state("ready")
	}
	b.Quiet()
}

func TestAddress(t *testing.T) {
	b := openTab(t, "#url=samples/fallback.client.pcapng")
	b.state("idle")
	if n := browser.Eval[int](b.Tab, rows); n != 2 {
		t.Errorf("%d connections are listed, want 2", n)
	}
	b.listed()
	b.Do(chromedp.Click(chromedp.CSS(`[data-testid=connections] tbody tr[data-index="1"]`)))
	b.Wait(`location.hash === '#url=samples/fallback.client.pcapng&connection=1'`)
	b.Do(chromedp.Reload())
	b.state("idle")
	if selected := b.text(`[data-testid=connections] tr[aria-selected=true]`); !strings.HasPrefix(selected, "1") {
		t.Errorf("the address names connection 1, selected is %q", selected)
	}
	b.choose(capture(t, "two-path-upload.client.pcapng"))
	b.Wait(`location.hash === '#connection=0'`)
	b.state("idle")
	b.Quiet()
	b = openTab(t, "#url=https://example.org/x.pcap")
	b.state("ready")
	b.Quiet()
}

// TestAnyHost serves the page from a folder of a host that knows no content types and sends no headers of its own.
func TestAnyHost(t *testing.T) {
	files := http.StripPrefix("/some/folder", http.FileServer(http.Dir(dist)))
	b := openAt(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".wasm") {
			w.Header().Set("Content-Type", "application/octet-stream")
		}
		files.ServeHTTP(w, r)
	}), "/some/folder/")
	b.state("ready")
	b.drop(capture(t, "two-path-upload.client.pcapng"))
	b.state("idle")
	b.Wait(drawn)
	b.Quiet()
}

// TestOffline visits the page again after its host has gone.
func TestOffline(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	browser.Await[bool](b.Tab, `navigator.serviceWorker.ready.then(() => true)`)
	b.host.CloseClientConnections()
	b.host.Close()
	b.Do(chromedp.Reload())
	b.state("ready")
	b.Do(chromedp.Click(chromedp.CSS("[data-sample]")))
	b.state("idle")
	b.Wait(drawn)
	b.Quiet()
}

func TestCancelLoading(t *testing.T) {
	whole, err := os.ReadFile(capture(t, "two-path-upload.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	big := altered(t, "big.pcapng", bytes.Repeat(whole, 60)) // sections may follow each other in a pcapng file
	b := openTab(t, "")
	b.state("ready")
	// The page's own script presses the button as soon as connections are listed: nothing that the worker has read
	// meanwhile can come in between.
	browser.Eval[bool](b.Tab, `(() => {
		window.order = [];
		const loading = document.querySelector('#loading');
		const watched = { subtree: true, childList: true, characterData: true };
		const look = new MutationObserver(() => {
			if (loading.hidden) return;
			window.order.push('read');
			if (!document.querySelector('[data-testid=connections] tbody tr')) return;
			document.querySelector('#cancel').click();
			window.order.push('cancelled');
		});
		for (const part of [loading, document.querySelector('[data-testid=connections]')]) look.observe(part, watched);
		return true;
	})()`)
	b.choose(big)
	b.Wait(`document.querySelector('#alert').innerText.includes('Stopped reading big.pcapng')`)
	b.state("ready")
	if order := browser.Eval[[]string](b.Tab, "window.order"); len(order) < 2 || order[len(order)-1] != "cancelled" {
		t.Errorf("after it was cancelled the file was read on: %q", order)
	}
	if !browser.Eval[bool](b.Tab, `document.querySelector('#start').checkVisibility() && !document.querySelector('[data-testid=connections] tr')`) {
		t.Error("connections of a capture that is not kept are listed")
	}
	b.choose(capture(t, "fallback.client.pcapng"))
	b.state("idle")
	if n := browser.Eval[int](b.Tab, rows); n != 2 {
		t.Errorf("%d connections are listed after a cancelled loading, want 2", n)
	}
	b.Quiet()
}

func TestHostileNames(t *testing.T) {
	whole, err := os.ReadFile(capture(t, "two-path-upload.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	b := openTab(t, "")
	b.state("ready")
	const name = `<img src=x onerror="window.pwned=1">${alert(1)}.pcapng`
	b.choose(altered(t, name, whole))
	b.state("idle")
	b.enter("load '" + name + "'")
	b.state("idle")
	b.Wait(drawn)
	if browser.Eval[bool](b.Tab, `window.pwned !== undefined || document.querySelector('main img, header img') !== null`) {
		t.Error("a file's name became markup")
	}
	if tab := b.text("#captures"); !strings.Contains(tab, name) {
		t.Errorf("the tab shows %q", tab)
	}
	b.Quiet()
}
