package socket

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"
)

// Close stops listening, sends what is queued, and ends every connection. A peer that does not take what is queued within
// linger is cut off.
func (s *Socket) Close(linger time.Duration) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	err := s.listener.Close()
	deadline := time.Now().Add(linger)
	var peers sync.WaitGroup
	for _, p := range s.snapshot() {
		peers.Go(func() { p.finish(deadline) })
	}
	peers.Wait()
	s.running.Wait()
	return err
}

// finish sends what is queued, says that no more will come, and waits for the peer to hang up: closing while the peer's
// own bytes are unread would reset the connection and could take our last words with it.
func (p *Peer) finish(deadline time.Time) {
	defer p.drop()
	p.queue.close()
	if p.pending.Load() {
		return // nothing was promised to it
	}
	if !within(deadline, p.idle, p.over) {
		return
	}
	half, ok := p.conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	within(deadline, p.over, nil)
}

// within waits for one of two events and says whether it came before the deadline.
func within(deadline time.Time, a, b <-chan struct{}) bool {
	t := time.NewTimer(time.Until(deadline))
	defer t.Stop()
	select {
	case <-a:
		return true
	case <-b:
		return true
	case <-t.C:
		return false
	}
}

// gone says that an error only means that the peer hung up.
func gone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, zmq4.ErrClosedConn)
}
