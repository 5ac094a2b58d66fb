//go:build !js

package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// Both ends of a connection, dropped together, are brought together by a command.
func TestTwoCaptures(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.drop(capture(t, "nat-clocks.client.pcapng"), capture(t, "nat-clocks.server.pcapng"))
	b.Wait(`document.querySelectorAll('#captures .tab').length === 2`)
	b.state("idle")
	b.enter("owd 0")
	b.Wait(`/One-way delays of connection 0/.test(document.querySelector('#log').innerText)`)
	b.state("idle")
	b.enter("plot owd mptcp 0")
	b.Wait(`document.querySelectorAll('#log canvas').length > 0`)
	b.Picture("two-captures")
	b.Quiet()
}

// Two captures offer what they can be asked, whichever is shown, and to be read as one.
func TestOffersOfTwoCaptures(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	b.choose(capture(t, "nat-clocks.client.pcapng"), capture(t, "nat-clocks.server.pcapng"))
	b.Wait(`document.querySelectorAll('#captures .tab').length === 2`)
	b.state("idle")
	browser.Eval[bool](b.Tab, `document.querySelector('#captures .tab button').click(), true`)
	b.Wait(`document.title.startsWith('nat-clocks.client')`)
	b.state("idle")
	b.Picture("offers")
	b.press("#list-notes", "map_mptcp 0")
	b.Wait(`document.querySelector('#log').innerText.includes('both keys of the connection')`)
	b.state("idle")
	b.press("#list-notes", "read them as one")
	b.Wait(`document.title.startsWith('nat-clocks.client.pcapng and 1 more') && document.querySelectorAll('#captures .tab').length === 3`)
	b.state("idle")
	b.Quiet()
}

// Files whose names differ by a number are taken for parts of one capture; where they are none, they are opened on their own.
func TestPartsThatAreNone(t *testing.T) {
	folder := t.TempDir()
	var paths []string
	for name, of := range map[string]string{"host1.pcapng": "nat-clocks.client.pcapng", "host2.pcapng": "nat-clocks.server.pcapng"} {
		content, err := os.ReadFile(capture(t, of))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, filepath.Join(folder, name))
		if err := os.WriteFile(paths[len(paths)-1], content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b := openTab(t, "")
	b.state("ready")
	b.choose(paths...)
	b.Wait(`document.querySelector('#list-notes').innerText.includes('Read as the parts of one capture: host1.pcapng, host2.pcapng.')`)
	b.state("idle")
	b.press("#list-notes", "open each on its own")
	b.Wait(`[...document.querySelectorAll('#captures .tab')].map((e) => e.innerText.split('\n')[0]).join() === 'host1.pcapng,host2.pcapng'`)
	b.state("idle")
	if n := browser.Eval[int](b.Tab, rows); n != 1 {
		t.Errorf("a capture of one connection lists %d", n)
	}
	b.Quiet()
}
