//go:build !linux

package trace

// adviseHuge is for Linux only.
func adviseHuge([]line) {}
