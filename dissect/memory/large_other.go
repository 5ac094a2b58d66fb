//go:build !linux

package memory

import "unsafe"

// AdviseLarge does nothing here: only Linux takes advice.
func AdviseLarge(unsafe.Pointer, uintptr) {}
