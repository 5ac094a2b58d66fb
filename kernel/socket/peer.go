package socket

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
)

// Peer is one connection to a socket.
type Peer struct {
	socket   *Socket
	conn     net.Conn
	identity string
	queue    *queue
	idle     chan struct{} // closed when the writer has ended
	over     chan struct{} // closed when the connection has ended
	order    uint64        // of arrival
	pending  atomic.Bool   // the handshake is going on

	mu     sync.Mutex
	topics map[string]struct{}
}

// Identity is the identity that the peer gave itself, or empty. Jupyter's clients give the same on shell and stdin.
func (p *Peer) Identity() string { return p.identity }

// Send queues a message for the peer. It waits only for a peer whose queue is full and which takes from it; a peer that
// does not is disconnected. The frames must not be changed afterwards.
func (p *Peer) Send(frames [][]byte) error {
	return p.push(item{frames: frames})
}

func (p *Peer) push(it item) error {
	err := p.queue.push(it)
	if err == errSlow {
		p.socket.log("%s: disconnecting %s: %v", p.socket.name, p.conn.RemoteAddr(), err)
		p.drop()
	}
	return err
}

// drop ends the connection at once.
func (p *Peer) drop() {
	p.queue.fail()
	_ = p.conn.Close() // its goroutines notice
}

// serve runs the connection to its end.
func (p *Peer) serve() error {
	defer p.drop()
	f := newFramer(p.conn, p.socket.limits, p.socket.reserve)
	f.command = p.command
	defer f.release()
	conn, err := p.handshake(f)
	if err != nil {
		return err
	}
	go p.write()
	defer func() { p.drop(); <-p.idle }()
	for {
		msg, err := conn.RecvMsg()
		if err != nil {
			return err
		}
		p.receive(msg.Frames)
	}
}

// handshake lets zmq4 exchange greetings and metadata within the deadline.
func (p *Peer) handshake(f *framer) (*zmq4.Conn, error) {
	defer p.pending.Store(false)
	if err := p.conn.SetDeadline(time.Now().Add(p.socket.limits.Handshake)); err != nil {
		return nil, err
	}
	conn, err := zmq4.Open(f, null.Security(), p.socket.kind.zmtp(), nil, true, nil)
	if err != nil {
		return nil, err
	}
	f.ready = true
	p.identity = conn.Peer.Meta["Identity"]
	return conn, p.conn.SetDeadline(time.Time{})
}

// receive gives a message to the one who wants it.
func (p *Peer) receive(frames [][]byte) {
	switch p.socket.kind {
	case Echo:
		_ = p.Send(frames) // a peer that has gone needs no answer
	case Publisher:
		p.subscribe(frames)
	case Router:
		p.socket.receive(p, frames)
	}
}

// subscribe follows an XSUB or SUB message: one frame, 1 or 0 and the topic.
func (p *Peer) subscribe(frames [][]byte) {
	if len(frames) != 1 || len(frames[0]) == 0 || frames[0][0] > 1 {
		return // what a subscriber says beyond that is for nobody here
	}
	topic := string(frames[0][1:])
	p.mu.Lock()
	_, had := p.topics[topic]
	if frames[0][0] == 0 {
		delete(p.topics, topic)
	} else if !had && len(p.topics) < maxTopics {
		p.topics[topic] = struct{}{}
	}
	p.mu.Unlock()
	if frames[0][0] == 1 && !had && p.socket.subscribed != nil {
		p.socket.subscribed(p, topic)
	}
}

// wants says whether the peer has subscribed to a topic.
func (p *Peer) wants(topic []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for t := range p.topics {
		if strings.HasPrefix(string(topic), t) {
			return true
		}
	}
	return false
}

// command answers a ZMTP command: PING carries a time to live and a context that PONG repeats.
func (p *Peer) command(name string, body []byte) error {
	if name != "PING" {
		return nil // ERROR, SUBSCRIBE and others do not occur between ZMTP 3.0 peers
	}
	if len(body) < 2 {
		return fmt.Errorf("%w: PING without time to live", errFraming)
	}
	pong := append([]byte("\x04PONG"), body[2:]...)
	return p.push(item{frames: [][]byte{pong}, command: true})
}

// write sends what is queued, message by message, until the queue ends.
func (p *Peer) write() {
	defer close(p.idle)
	out := bufio.NewWriterSize(&pacedWriter{conn: p.conn, queue: p.queue, stall: p.socket.limits.Stall}, piece)
	for {
		items, ok := p.queue.take()
		if !ok {
			return
		}
		for _, it := range items {
			if writeItem(out, it) != nil {
				p.drop()
				return
			}
			p.queue.wrote(it)
		}
		if out.Flush() != nil {
			p.drop()
			return
		}
	}
}

// writeItem frames a message or a command.
func writeItem(w *bufio.Writer, it item) error {
	for i, frame := range it.frames {
		var head [9]byte
		if i < len(it.frames)-1 {
			head[0] |= flagMore
		}
		if it.command {
			head[0] |= flagCommand
		}
		n := 2
		if len(frame) > 255 {
			head[0] |= flagLong
			binary.BigEndian.PutUint64(head[1:], uint64(len(frame)))
			n = 9
		} else {
			head[1] = byte(len(frame))
		}
		if _, err := w.Write(head[:n]); err != nil {
			return err
		}
		if _, err := w.Write(frame); err != nil {
			return err
		}
	}
	return nil
}

// piece is how much is written at a time.
const piece = 64 << 10

// pacedWriter writes in pieces, each of which the peer must take within the stall limit, and tells the queue of its
// progress.
type pacedWriter struct {
	conn  net.Conn
	queue *queue
	stall time.Duration
}

// Write sends b piece by piece.
func (w *pacedWriter) Write(b []byte) (int, error) {
	done := 0
	for done < len(b) {
		if err := w.conn.SetWriteDeadline(time.Now().Add(w.stall)); err != nil {
			return done, err
		}
		n, err := w.conn.Write(b[done:min(len(b), done+piece)])
		done += n
		w.queue.moved.Add(int64(n))
		if err != nil {
			return done, err
		}
	}
	return done, nil
}
