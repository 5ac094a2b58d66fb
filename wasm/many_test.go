//go:build !js

package main_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest/browser"
)

// manyConnections is a pcap file of n SYNs with MP_CAPABLE, each of a connection of its own, a millisecond apart.
func manyConnections(n int) []byte {
	var b bytes.Buffer
	b.Write([]byte{0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0}) // raw IP
	packet := []byte{
		0x45, 0, 0, 44, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 0, 192, 0, 2, 1, // IPv4
		0, 0, 0x13, 0x89, 0, 0, 0, 1, 0, 0, 0, 0, 0x60, 0x02, 0xff, 0xff, 0, 0, 0, 0, // TCP: SYN to port 5001
		30, 4, 0x01, 0x01, // MP_CAPABLE, version 1, HMAC-SHA256
	}
	for i := range n {
		binary.BigEndian.PutUint16(packet[14:], uint16(i/50_000))
		binary.BigEndian.PutUint16(packet[20:], uint16(1024+i%50_000))
		head := []uint32{1_700_000_000 + uint32(i/1000), uint32(i%1000) * 1000, uint32(len(packet)), uint32(len(packet))}
		for _, v := range head {
			b.Write(binary.LittleEndian.AppendUint32(nil, v))
		}
		b.Write(packet)
	}
	return b.Bytes()
}

// TestManyConnections scrolls, sorts and filters a list of which only a window is in the document.
func TestManyConnections(t *testing.T) {
	const n = 100_000
	b := openTab(t, "")
	b.state("ready")
	b.choose(altered(t, "many.pcap", manyConnections(n)))
	b.state("idle")
	first := `document.querySelector('[data-testid=connections] tbody tr[data-index="0"] td')?.innerText`
	row := func(id int) string {
		return fmt.Sprintf(`[...document.querySelectorAll('[data-testid=connections] tbody td:first-child')].some((e) => e.innerText === '%d')`, id)
	}
	b.Wait(row(0))
	b.listed()
	if in := browser.Eval[int](b.Tab, rows); in > 200 {
		t.Errorf("%d rows are in the document", in)
	}
	b.Do(chromedp.KeyEvent("c"), chromedp.KeyEvent(kb.End))
	b.Wait(row(n - 1))
	b.Wait(fmt.Sprintf("document.activeElement.dataset.index === '%d'", n-1))
	sort := chromedp.CSS(`[data-testid=connections] th[data-key=mptcpstream] button`)
	b.Do(chromedp.Click(sort), chromedp.Click(sort))
	b.Wait(fmt.Sprintf("%s === '%d'", first, n-1))
	if sorted := browser.Eval[string](b.Tab, `document.querySelector('[data-testid=connections] th[data-key=mptcpstream]').ariaSort`); sorted != "descending" {
		t.Errorf("the head says that the rows are sorted %q", sorted)
	}
	b.Do(chromedp.SendKeys(chromedp.CSS("#filter"), "10.0.0.1:10550"))
	b.Wait(first + " === '59526'")
	if title := b.text("#list-title"); !strings.Contains(title, "(1 of") {
		t.Errorf("the filtered list is titled %q", title)
	}
	b.Picture("many")
	b.Quiet()
}
