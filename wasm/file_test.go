//go:build !js

package main_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/klauspost/compress/zstd"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// titled waits until a capture of that name is shown.
func (b *tab) titled(name string) {
	b.t.Helper()
	b.Wait(fmt.Sprintf("document.title === %q", name+" · mptcpanalyzer"))
	b.state("idle")
}

// TestFilesOfAllKinds drops what people have: packed captures, the parts of a rotation, tables of packets, a topology.
func TestFilesOfAllKinds(t *testing.T) {
	whole, err := os.ReadFile(capture(t, "two-path-upload.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	b := openTab(t, "")
	b.state("ready")
	packets := func(name, want string) {
		t.Helper()
		b.titled(name)
		if said := b.text("#list-notes"); !strings.Contains(said, want) {
			t.Errorf("%s: it says %q, want %q", name, said, want)
		}
	}
	const all = "2\u202f340 TCP packets"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(whole); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	b.drop(altered(t, "a.pcapng.gz", packed.Bytes()))
	packets("a.pcapng.gz", all)
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	b.drop(altered(t, "a.pcapng.zst", encoder.EncodeAll(whole, nil)))
	packets("a.pcapng.zst", all)
	b.drop(altered(t, "trace.pcap1", whole), altered(t, "trace.pcap", whole))
	packets("trace.pcap and 1 more", "4\u202f680 TCP packets")
	program := built(t, "mptcpanalyzer")
	for _, layout := range []string{"mptcpanalyzer", "seed", "haskell"} {
		name := layout + ".csv"
		path := filepath.Join(t.TempDir(), name)
		export := exec.Command(program, "--load", capture(t, "two-path-upload.client.pcapng"), "export", path, "--layout", layout)
		export.Env = alone(t)
		if out, err := export.CombinedOutput(); err != nil {
			t.Fatalf("exporting as %s: %v\n%s", layout, err, out)
		}
		b.drop(path)
		packets(name, all)
		if list := b.text("[data-testid=connections]"); !strings.Contains(list, "10.0.1.1") {
			t.Errorf("%s: the list shows\n%s", name, list)
		}
	}
	b.drop(altered(t, "paths.json", []byte("{}")))
	b.Wait(`document.querySelector('[data-testid=prompt]').value === 'numerics paths.json buffer'`)
	b.Quiet()
}

// Of a folder its captures are opened, in the order of their numbers; a dialog does not stay in front of them.
func TestFolder(t *testing.T) {
	b := openTab(t, "")
	b.state("ready")
	folder := t.TempDir()
	b.drop(folder)
	b.Wait(`document.querySelector('#alert').innerText.includes('holds no capture')`)
	for name, from := range map[string]string{"b.pcapng": "fastclose", "a.pcap": "fallback"} {
		content, err := os.ReadFile(capture(t, from+".client.pcapng"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "c.txt"), []byte("notes"), 0o644); err != nil {
		t.Fatal(err)
	}
	b.Do(chromedp.KeyEvent("?"))
	b.Wait(`document.querySelector('#keys').open`)
	b.drop(folder)
	b.titled("b.pcapng")
	if tabs := browser.Eval[string](b.Tab, `[...document.querySelectorAll('.tab button[title]:not(.close)')].map((e) => e.textContent).join(' ')`); tabs != "a.pcap b.pcapng" {
		t.Errorf("of the folder %s are opened", tabs)
	}
	if browser.Eval[bool](b.Tab, `document.querySelector('dialog[open]') !== null`) {
		t.Error("the help stays in front of what was opened")
	}
	b.Quiet()
}

// TestHostileCapture opens a capture whose interface is called as markup.
func TestHostileCapture(t *testing.T) {
	whole, err := os.ReadFile(capture(t, "two-path-upload.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	hostile := bytes.ReplaceAll(whole, []byte("wwan0"), []byte("<img>"))
	if bytes.Equal(hostile, whole) {
		t.Fatal("the capture has no interface wwan0")
	}
	b := openTab(t, "")
	b.state("ready")
	b.choose(altered(t, "hostile.pcapng", hostile))
	b.titled("hostile.pcapng")
	for _, line := range []string{"list_interfaces", "ls 0 --all", "packet 2000", "dump interface packetid"} {
		b.enter(line)
		b.state("idle")
	}
	if shown := b.text("#log"); !strings.Contains(shown, "<img>") {
		t.Errorf("the interface's name is not shown:\n%s", shown)
	}
	if browser.Eval[bool](b.Tab, `document.querySelector('main img') !== null`) {
		t.Error("an interface's name became markup")
	}
	b.Quiet()
}
