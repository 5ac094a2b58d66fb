//go:build !linux

package main

import "time"

// pause sleeps for a short time.
func pause(d time.Duration) { time.Sleep(d) }

// kernelVersion is empty: only Linux runs scenarios.
func kernelVersion() string { return "" }
