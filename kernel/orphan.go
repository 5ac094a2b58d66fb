package kernel

import (
	"context"
	"os"
	"strconv"
	"time"
)

// parentVariable is set by Jupyter to the process that manages the kernel (on Windows, to a handle of it).
const parentVariable = "JPY_PARENT_PID"

// WhenOrphaned calls stop when the program that started the kernel is gone: nobody would ever end it. A kernel that
// was started by hand stays when it is detached from its terminal at the start.
func WhenOrphaned(ctx context.Context, stop func()) {
	given, err := strconv.Atoi(os.Getenv(parentVariable))
	if err != nil || given < 0 {
		given = 0
	}
	go func() {
		if awaitOrphan(ctx, given) {
			stop()
		}
	}()
}

// orphanPoll is how often the parent is looked for.
const orphanPoll = time.Second

// poll waits until gone says so, or the context ends.
func poll(ctx context.Context, gone func() bool) bool {
	tick := time.NewTicker(orphanPoll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
			if gone() {
				return true
			}
		}
	}
}
