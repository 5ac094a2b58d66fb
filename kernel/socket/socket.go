package socket

import (
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4"
)

// Kind is what a socket does with messages.
type Kind uint8

// Kinds of sockets.
const (
	Router    Kind = iota // takes requests, answers the peer that asked: shell, control, stdin
	Publisher             // sends to all subscribers: iopub
	Echo                  // sends back what it gets: heartbeat
)

// zmtp is the socket type in the handshake. The heartbeat is a ROUTER too: unlike REP it takes any message.
func (k Kind) zmtp() zmq4.SocketType {
	if k == Publisher {
		return zmq4.XPub
	}
	return zmq4.Router
}

// Options of a socket.
type Options struct {
	Kind Kind
	Name string // for the log
	// Receive gets the messages of a Router, one at a time for each peer, from that peer's goroutine. It must return soon
	// and must not call Close.
	Receive func(p *Peer, frames [][]byte)
	// Subscribed is told when a peer of a Publisher subscribes to a topic.
	Subscribed func(p *Peer, topic string)
	// Log takes a line about a peer that misbehaved; nil drops it.
	Log *log.Logger
	// Limits other than the kind's own; nil for those.
	Limits *Limits
}

// Socket listens on one address.
type Socket struct {
	name       string
	kind       Kind
	limits     Limits
	receive    func(p *Peer, frames [][]byte)
	subscribed func(p *Peer, topic string)
	logger     *log.Logger

	listener  net.Listener
	receiving atomic.Int64 // bytes of long frames under way
	running   sync.WaitGroup

	mu      sync.Mutex
	peers   map[*Peer]struct{}
	arrived uint64
	closed  bool
}

// Listen opens a socket on "tcp://HOST:PORT" or "ipc://PATH" and accepts peers until Close.
func Listen(address string, o Options) (*Socket, error) {
	l, err := listen(address)
	if err != nil {
		return nil, fmt.Errorf("opening the %s socket: %w", o.Name, err)
	}
	s := &Socket{
		name: o.Name, kind: o.Kind, limits: limits(o.Kind), receive: o.Receive, subscribed: o.Subscribed, logger: o.Log,
		listener: l, peers: make(map[*Peer]struct{}),
	}
	if o.Limits != nil {
		s.limits = *o.Limits
	}
	if s.receive == nil {
		s.receive = func(*Peer, [][]byte) {}
	}
	s.running.Go(s.accept)
	return s, nil
}

func listen(address string) (net.Listener, error) {
	transport, rest, ok := strings.Cut(address, "://")
	switch {
	case !ok:
		return nil, fmt.Errorf("address %q has no transport", address)
	case transport == "tcp":
		return net.Listen("tcp", rest)
	case transport == "ipc":
		return listenUnix(rest)
	}
	return nil, fmt.Errorf("unknown transport %q: tcp and ipc are supported", transport)
}

// listenUnix removes the socket file that a killed kernel has left, but no file of another kind. Go removes ours when the
// listener closes.
func listenUnix(path string) (net.Listener, error) {
	if info, err := os.Lstat(path); err == nil {
		if info.Mode()&os.ModeSocket == 0 {
			return nil, fmt.Errorf("%s exists and is no socket", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close() // the first error is the one to tell
		return nil, err
	}
	return l, nil
}

// Addr is where the socket listens.
func (s *Socket) Addr() net.Addr { return s.listener.Addr() }

func (s *Socket) log(format string, args ...any) {
	if s.logger != nil {
		s.logger.Printf(format, args...)
	}
}

// accept takes connections until the listener is closed. Lack of file descriptors is waited out.
func (s *Socket) accept() {
	for pause := 5 * time.Millisecond; ; {
		conn, err := s.listener.Accept()
		if err == nil {
			pause = 5 * time.Millisecond
			s.add(conn)
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		s.log("%s: accepting: %v", s.name, err)
		time.Sleep(pause)
		pause = min(2*pause, time.Second)
	}
}

// add starts to serve a connection, if there is room.
func (s *Socket) add(conn net.Conn) {
	p := &Peer{
		socket: s, conn: conn, queue: newQueue(s.limits), topics: make(map[string]struct{}),
		idle: make(chan struct{}), over: make(chan struct{}),
	}
	p.pending.Store(true)
	s.mu.Lock()
	full := s.closed || !s.makeRoom()
	if !full {
		s.arrived++
		p.order = s.arrived
		s.peers[p] = struct{}{}
	}
	s.mu.Unlock()
	if full {
		s.log("%s: refusing %s: no room for more connections", s.name, conn.RemoteAddr())
		_ = conn.Close()
		return
	}
	s.running.Go(func() { s.run(p) })
}

// makeRoom drops the connection that has been silent longest when too many are, and says whether one more may come.
func (s *Socket) makeRoom() bool {
	var oldest *Peer
	pending := 0
	for p := range s.peers {
		if !p.pending.Load() {
			continue
		}
		pending++
		if oldest == nil || p.order < oldest.order {
			oldest = p
		}
	}
	if oldest != nil && (pending >= s.limits.Pending || len(s.peers) >= s.limits.Peers) {
		delete(s.peers, oldest)
		oldest.drop()
	}
	return len(s.peers) < s.limits.Peers
}

// run serves a peer and survives whatever it sends.
func (s *Socket) run(p *Peer) {
	defer func() {
		if r := recover(); r != nil {
			s.log("%s: %s: recovered: %v", s.name, p.conn.RemoteAddr(), r)
			p.drop()
		}
		s.mu.Lock()
		delete(s.peers, p)
		s.mu.Unlock()
		close(p.over)
	}()
	if err := p.serve(); err != nil && !gone(err) {
		s.log("%s: disconnecting %s: %v", s.name, p.conn.RemoteAddr(), err)
	}
}

// Publish queues a message for every subscriber of its topic, the first frame. It waits as Send does.
func (s *Socket) Publish(frames [][]byte) {
	if len(frames) == 0 {
		return
	}
	for _, p := range s.snapshot() {
		if p.wants(frames[0]) {
			_ = p.Send(frames) // a peer that has gone misses nothing it could read
		}
	}
}

// Named is the latest peer with an identity, or nil. An empty identity names nobody.
func (s *Socket) Named(identity string) *Peer {
	if identity == "" {
		return nil
	}
	var found *Peer
	for _, p := range s.snapshot() {
		if !p.pending.Load() && p.identity == identity && (found == nil || p.order > found.order) {
			found = p
		}
	}
	return found
}

func (s *Socket) snapshot() []*Peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	peers := make([]*Peer, 0, len(s.peers))
	for p := range s.peers {
		peers = append(peers, p)
	}
	return peers
}

// reserve counts bytes under way against the limit; negative n gives back.
func (s *Socket) reserve(n int64) bool {
	if s.receiving.Add(n) <= s.limits.Receiving || n <= 0 {
		return true
	}
	s.receiving.Add(-n)
	return false
}
