package socket

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

var (
	errClosed = errors.New("connection is closed")
	errSlow   = errors.New("peer does not read what it is sent")
)

// item is one message, or one command when command is set.
type item struct {
	frames  [][]byte
	command bool
}

// size counts what an item holds, with something for each slice.
func (it item) size() int64 {
	n := int64(64)
	for _, f := range it.frames {
		n += int64(len(f)) + 32
	}
	return n
}

// queue holds what waits for one peer, in order.
type queue struct {
	limit int64
	drain int64 // bytes a second, see Limits

	moved atomic.Int64 // bytes that the peer took, ever

	mu     sync.Mutex
	items  []item
	bytes  int64 // queued or being written
	closed bool  // nothing more is taken
	failed bool  // nothing more will be written
	wake   chan struct{}
}

func newQueue(l Limits) *queue {
	return &queue{limit: l.Queue, drain: l.Drain, wake: make(chan struct{}, 1)}
}

// push adds an item. While the queue is full it waits for the peer, as long as that takes at least drain bytes a second;
// errSlow says that it does not.
func (q *queue) push(it item) error {
	size, before := it.size(), int64(-1)
	for pause := time.Millisecond; ; pause = min(2*pause, time.Second) {
		q.mu.Lock()
		if q.closed || q.failed {
			q.mu.Unlock()
			return errClosed
		}
		if q.bytes == 0 || q.bytes+size <= q.limit {
			q.items = append(q.items, it)
			q.bytes += size
			q.mu.Unlock()
			q.signal()
			return nil
		}
		q.mu.Unlock()
		moved := q.moved.Load()
		if pause == time.Second { // about a second has passed, and another passes each round
			if before >= 0 && moved-before < q.drain {
				return errSlow
			}
			before = moved
		}
		time.Sleep(pause)
	}
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take waits for items and gives all that are there; false when the queue is closed and empty, or has failed.
func (q *queue) take() ([]item, bool) {
	for {
		q.mu.Lock()
		items := q.items
		q.items = nil
		over := q.failed || q.closed && len(items) == 0
		q.mu.Unlock()
		if over {
			return nil, false
		}
		if len(items) > 0 {
			return items, true
		}
		<-q.wake
	}
}

// wrote says that an item has left.
func (q *queue) wrote(it item) {
	q.mu.Lock()
	q.bytes -= it.size()
	q.mu.Unlock()
}

// close takes no more items; what is there is still written.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
}

// fail drops everything.
func (q *queue) fail() {
	q.mu.Lock()
	q.failed, q.items = true, nil
	q.mu.Unlock()
	q.signal()
}
