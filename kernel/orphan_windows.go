package kernel

import (
	"context"

	"golang.org/x/sys/windows"
)

// awaitOrphan waits for the end of the process whose handle was given; without one there is nothing to wait for.
func awaitOrphan(ctx context.Context, given int) bool {
	if given == 0 {
		return false
	}
	return poll(ctx, func() bool {
		event, err := windows.WaitForSingleObject(windows.Handle(given), 0)
		return err == nil && event == windows.WAIT_OBJECT_0
	})
}
