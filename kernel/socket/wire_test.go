package socket

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds what a test waits for; nothing is measured with it.
const patience = 2 * time.Minute // that a test waits for anything: more than the busiest machine needs

// journal collects log lines.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// open listens on a free port until the test ends.
func open(t *testing.T, o Options) (*Socket, *journal) {
	t.Helper()
	j := &journal{}
	o.Name, o.Log = "test", log.New(j, "", 0)
	s, err := Listen("tcp://127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(0) })
	return s, j
}

// answering is a Router that sends every message back with a mark in front.
func answering(t *testing.T, l *Limits) (*Socket, *journal) {
	return open(t, Options{Kind: Router, Limits: l, Receive: func(p *Peer, frames [][]byte) {
		_ = p.Send(append([][]byte{[]byte("re")}, frames...))
	}})
}

// wire is a ZMTP peer made of bytes.
type wire struct {
	net.Conn
	t  *testing.T
	in *bufio.Reader
}

func dial(t *testing.T, s *Socket) *wire {
	t.Helper()
	c, err := net.Dial(s.Addr().Network(), s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &wire{Conn: c, t: t, in: bufio.NewReader(c)}
}

// join dials and introduces itself.
func join(t *testing.T, s *Socket, kind, identity string) *wire {
	t.Helper()
	w := dial(t, s)
	w.send(greeting())
	w.send(frame(flagCommand, ready(kind, identity)))
	w.greetingBack()
	return w
}

func (w *wire) greetingBack() {
	w.t.Helper()
	if _, err := io.ReadFull(w.in, make([]byte, greetingSize)); err != nil {
		w.t.Fatal(err)
	}
	if flags, body := w.frame(); flags&flagCommand == 0 || !strings.HasPrefix(string(body), "\x05READY") {
		w.t.Fatalf("no READY but %q", body)
	}
}

func greeting() []byte {
	g := make([]byte, greetingSize)
	g[0], g[9], g[10] = 0xff, 0x7f, 3
	copy(g[12:], "NULL")
	return g
}

func property(name, value string) []byte {
	b := append([]byte{byte(len(name))}, name...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(value)))
	return append(b, value...)
}

func ready(kind, identity string) []byte {
	b := append([]byte("\x05READY"), property("Socket-Type", kind)...)
	return append(b, property("Identity", identity)...)
}

func frame(flags byte, body []byte) []byte {
	if len(body) > 255 {
		b := binary.BigEndian.AppendUint64([]byte{flags | flagLong}, uint64(len(body)))
		return append(b, body...)
	}
	return append([]byte{flags, byte(len(body))}, body...)
}

func (w *wire) send(b []byte) {
	w.t.Helper()
	if _, err := w.Write(b); err != nil {
		w.t.Fatal(err)
	}
}

// say sends a message.
func (w *wire) say(frames ...string) {
	w.t.Helper()
	for i, f := range frames {
		flags := byte(flagMore)
		if i == len(frames)-1 {
			flags = 0
		}
		w.send(frame(flags, []byte(f)))
	}
}

// frame reads one frame.
func (w *wire) frame() (flags byte, body []byte) {
	w.t.Helper()
	var head [9]byte
	if _, err := io.ReadFull(w.in, head[:2]); err != nil {
		w.t.Fatalf("reading a frame: %v", err)
	}
	n := uint64(head[1])
	if head[0]&flagLong != 0 {
		if _, err := io.ReadFull(w.in, head[2:]); err != nil {
			w.t.Fatal(err)
		}
		n = binary.BigEndian.Uint64(head[1:])
	}
	body = make([]byte, n)
	if _, err := io.ReadFull(w.in, body); err != nil {
		w.t.Fatal(err)
	}
	return head[0], body
}

// hear reads one message.
func (w *wire) hear() []string {
	w.t.Helper()
	var frames []string
	for {
		flags, body := w.frame()
		frames = append(frames, string(body))
		if flags&flagMore == 0 {
			return frames
		}
	}
}

// mustEnd waits for the other side to hang up.
func (w *wire) mustEnd() {
	w.t.Helper()
	if _, err := io.Copy(io.Discard, w.in); err != nil {
		if e, ok := err.(net.Error); ok && e.Timeout() {
			w.t.Error("the connection was not ended")
		}
	}
}

// mustAnswer proves that a Router still serves a newcomer.
func mustAnswer(t *testing.T, s *Socket) {
	t.Helper()
	w := join(t, s, "DEALER", "")
	w.say("ping", "again")
	if got := strings.Join(w.hear(), " "); got != "re ping again" {
		t.Errorf("answer %q", got)
	}
	w.Close()
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}
