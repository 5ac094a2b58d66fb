//go:build !linux

package memory

import "unsafe"

// adviseLarge does nothing here: only Linux takes advice.
func adviseLarge(unsafe.Pointer, uintptr) {}
