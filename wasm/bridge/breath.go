package bridge

import (
	"context"
	"sync/atomic"
	"time"
)

// breathing is how often long work lets other events in.
const breathing = 40 * time.Millisecond

// breather is a context that lets other events in while it is asked whether it has ended, as all long work does: where there
// is one thread, only so can it be told that it has.
type breather struct {
	context.Context
	breathe func()
	last    *atomic.Int64 // when it did so, in ns
}

func newBreather(ctx context.Context, breathe func()) breather {
	b := breather{Context: ctx, breathe: breathe, last: new(atomic.Int64)}
	b.last.Store(time.Now().UnixNano())
	return b
}

// Err lets other events in when it is time, and tells why the context has ended.
func (b breather) Err() error {
	if last := b.last.Load(); time.Now().UnixNano()-last > int64(breathing) && b.last.CompareAndSwap(last, time.Now().UnixNano()) {
		b.breathe()
		b.last.Store(time.Now().UnixNano())
	}
	return b.Context.Err()
}
