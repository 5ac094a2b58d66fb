package kernel

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// shell runs cells, one after the other, in a session of its own. There is one for clients that name none, and one for
// each subshell.
type shell struct {
	kernel  *Kernel
	id      string // "" is the main one's
	session Session
	history *History
	cells   *requests

	life context.Context // every cell runs in it
	end  context.CancelFunc

	// These belong to the goroutine that serves cells.
	count   int        // cells that were to be counted
	aborted []*request // behind a cell that failed

	mu     sync.Mutex
	cancel context.CancelFunc // ends the cell that runs, or nil
}

func newShell(k *Kernel, id string, session Session, history *History) *shell {
	return &shell{kernel: k, id: id, session: session, history: history, cells: newRequests()}
}

// start serves cells until they are closed.
func (s *shell) start(life context.Context) {
	s.life, s.end = context.WithCancel(life)
	s.kernel.workers.Go(func() {
		defer s.end()
		for r := s.cells.next(); r != nil; r = s.cells.next() {
			s.kernel.serve(r)
			refused := s.aborted
			s.aborted = nil
			s.kernel.refuse(refused)
		}
	})
}

// run gives code to the session, in a context that an interrupt ends. A panic is a bug of ours, and the cell's error.
func (s *shell) run(out *cell, code string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.kernel.log("running a cell: %v\n%s", p, debug.Stack())
			err = fmt.Errorf("internal error: %v", p)
		}
	}()
	ctx, cancel := context.WithCancel(s.life)
	defer cancel()
	s.setCancel(cancel)
	defer s.setCancel(nil)
	out.ctx = ctx
	return s.session.Run(ctx, code, out)
}

func (s *shell) setCancel(cancel context.CancelFunc) {
	s.mu.Lock()
	s.cancel = cancel
	s.mu.Unlock()
}

// interrupt ends the cell that runs, if any.
func (s *shell) interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil {
		s.cancel()
	}
}

// Requests that were sent together with a failed one may still be under way when it fails. As none of them can have been
// sent in answer to its reply, that is held back until no more have come for a moment.
const (
	moment  = 50 * time.Millisecond
	moments = 20 // at most
)

// abort takes the cells that were queued behind a failed one.
func (s *shell) abort() []*request {
	for seen, i := s.cells.count(), 0; i < moments; i++ {
		select {
		case <-s.life.Done():
		case <-time.After(moment):
		}
		now := s.cells.count()
		if now == seen {
			break
		}
		seen = now
	}
	return s.cells.drain()
}

// refuse answers cells that are not run.
func (k *Kernel) refuse(cells []*request) {
	for _, r := range cells {
		k.busy(r)
		k.reply(r, "execute_reply", map[string]any{"status": "aborted"})
		k.idle(r)
	}
}
