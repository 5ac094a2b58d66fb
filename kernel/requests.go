package kernel

import (
	"sync"

	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/message"
)

// request is a message that wants to be served.
type request struct {
	*message.Message
	peer  Peer
	shell *shell // the one that it is for, nil if that is not there
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

// add queues a request; false if the queue is closed.
func (q *requests) add(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.waiting = append(q.waiting, r)
	q.arrived++
	q.changed.Signal()
	return true
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

// close ends the one that serves, and gives what waited.
func (q *requests) close() []*request {
	q.mu.Lock()
	defer q.mu.Unlock()
	waiting := q.waiting
	q.closed, q.waiting = true, nil
	q.changed.Broadcast()
	return waiting
}
