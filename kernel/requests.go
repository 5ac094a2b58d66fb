package kernel

import (
	"sync"

	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/message"
)

// request is a message that wants to be served.
type request struct {
	*message.Message
	peer Peer
}

// requests is a queue that one goroutine serves.
type requests struct {
	mu      sync.Mutex
	changed *sync.Cond
	waiting []*request
	arrived int // ever
	closed  bool
}

func newRequests() *requests {
	q := &requests{}
	q.changed = sync.NewCond(&q.mu)
	return q
}

func (q *requests) add(r *request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	q.waiting = append(q.waiting, r)
	q.arrived++
	q.changed.Signal()
}

// next waits for a request; nil once the queue is closed.
func (q *requests) next() *request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.changed.Wait()
	}
	if q.closed {
		return nil
	}
	r := q.waiting[0]
	q.waiting = q.waiting[1:]
	return r
}

// count is how many requests have ever arrived.
func (q *requests) count() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.arrived
}

// drain takes everything that waits.
func (q *requests) drain() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting := q.waiting
	q.waiting = nil
	return waiting
}

// close drops what waits and ends the one that serves.
func (q *requests) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.waiting = true, nil
	q.changed.Broadcast()
}
