//go:build !windows

package kernel

import (
	"context"
	"errors"
	"os"
	"syscall"
)

// awaitOrphan waits until this process has another parent than at its start. That counts if a parent was given, or if
// init is the new one. A parent that was given and is not the real one (a script stands between) is looked for by its id.
func awaitOrphan(ctx context.Context, given int) bool {
	first := os.Getppid()
	return poll(ctx, func() bool {
		if now := os.Getppid(); now != first && (given > 0 || now == 1) {
			return true
		}
		return given > 1 && given != first && errors.Is(syscall.Kill(given, 0), syscall.ESRCH)
	})
}
