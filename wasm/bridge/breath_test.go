package bridge

import (
	"context"
	"errors"
	"testing"
	"time"
)

// Work that asks whether it is to end hears of a cancellation that only arrives while it lets other events in.
func TestBreather(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	breaths := 0
	b := newBreather(ctx, func() {
		if breaths++; breaths == 2 {
			cancel()
		}
	})
	b.last.Store(time.Now().Add(time.Hour).UnixNano()) // however busy the machine is, it has just breathed
	if err := b.Err(); err != nil || breaths != 0 {
		t.Errorf("at once: %v after %d breaths", err, breaths)
	}
	for want := 1; want <= 2; want++ {
		b.last.Store(time.Now().Add(-time.Second).UnixNano())
		if err := b.Err(); breaths != want || (want == 2) != errors.Is(err, context.Canceled) {
			t.Errorf("%d breaths, want %d: %v", breaths, want, err)
		}
	}
	child, end := context.WithCancel(b)
	defer end()
	if !errors.Is(child.Err(), context.Canceled) {
		t.Error("a context made from it goes on")
	}
}
