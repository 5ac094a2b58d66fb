package kernel

import (
	"log"
	"sync"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/socket"
)

// Sockets is the Transport of real clients: the five sockets of a connection file.
type Sockets struct {
	connection *Connection
	logger     *log.Logger

	all          []*socket.Socket
	stdin, iopub *socket.Socket
}

// NewSockets makes the transport for a connection. Nothing is opened before Start.
func NewSockets(c *Connection, logger *log.Logger) *Sockets {
	return &Sockets{connection: c, logger: logger}
}

// Start opens the five sockets, or none. Publications come first and requests last, so that nothing is asked before it
// can be answered.
func (s *Sockets) Start(r Receiver) error {
	router := func(name string, channel Channel) socket.Options {
		return socket.Options{Name: name, Receive: func(p *socket.Peer, frames [][]byte) { r.Receive(channel, p, frames) }}
	}
	c := s.connection
	for _, o := range []struct {
		port    int
		keep    **socket.Socket
		options socket.Options
	}{
		{c.IOPub, &s.iopub, socket.Options{
			Name: "iopub", Kind: socket.Publisher, Subscribed: func(p *socket.Peer, topic string) { r.Subscribed(p, topic) },
		}},
		{c.Stdin, &s.stdin, router("stdin", Stdin)},
		{c.Heartbeat, nil, socket.Options{Name: "heartbeat", Kind: socket.Echo}},
		{c.Control, nil, router("control", Control)},
		{c.Shell, nil, router("shell", Shell)},
	} {
		o.options.Log = s.logger
		opened, err := socket.Listen(c.Address(o.port), o.options)
		if err != nil {
			_ = s.Close(0) // the first error is the one to tell
			return err
		}
		s.all = append(s.all, opened)
		if o.keep != nil {
			*o.keep = opened
		}
	}
	return nil
}

// Publish queues a message for all subscribers.
func (s *Sockets) Publish(frames [][]byte) { s.iopub.Publish(frames) }

// Stdin is the stdin connection of the client that calls itself identity, or nil.
func (s *Sockets) Stdin(identity string) Peer {
	if p := s.stdin.Named(identity); p != nil {
		return p
	}
	return nil
}

// Close sends what is queued on all sockets, within linger, and closes them.
func (s *Sockets) Close(linger time.Duration) error {
	errs := make([]error, len(s.all))
	var closing sync.WaitGroup
	for i, open := range s.all {
		closing.Go(func() { errs[i] = open.Close(linger) })
	}
	closing.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
