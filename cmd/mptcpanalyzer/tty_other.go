//go:build !unix

package main

// terminalAsInput is for systems with a /dev/tty.
func terminalAsInput() bool { return false }
