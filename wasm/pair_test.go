//go:build !js

package main_test

import "testing"

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
