//go:build !unix

package disk

import "os"

// standardInput is the program's own.
func standardInput() *os.File { return os.Stdin }
