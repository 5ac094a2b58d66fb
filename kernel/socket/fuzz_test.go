package socket

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
)

// said is a peer that says something and hangs up; what it is told is counted.
type said struct {
	io.Reader
	net.Conn
	told int
}

func (s *said) Read(p []byte) (int, error)     { return s.Reader.Read(p) }
func (s *said) Write(p []byte) (int, error)    { s.told += len(p); return len(p), nil }
func (*said) SetReadDeadline(time.Time) error  { return nil }
func (*said) SetWriteDeadline(time.Time) error { return nil }
func (*said) SetDeadline(t time.Time) error    { return nil }
func (*said) Close() error                     { return nil }

// FuzzConversation lets a peer say anything from its first byte on: zmq4 must never panic below the framer, nothing that
// is longer than the limit may come out, and no room may stay reserved.
func FuzzConversation(f *testing.F) {
	for _, b := range hostile() {
		f.Add(b)
	}
	opening := append(greeting(), frame(flagCommand, ready("DEALER", "me"))...)
	f.Add(append(bytes.Clone(opening), append(frame(flagMore, []byte("a")), frame(0, make([]byte, 300))...)...))
	f.Add(append(bytes.Clone(opening), frame(flagCommand, []byte("\x04PING\x00\x00ctx"))...))
	f.Fuzz(func(t *testing.T, b []byte) {
		l := limits(Router)
		l.Message = 10_000
		reserved := int64(0)
		c := &said{Reader: bytes.NewReader(b)}
		fr := newFramer(c, l, func(n int64) bool { reserved += n; return true })
		commands := 0
		fr.command = func(string, []byte) error { commands++; return nil }
		defer func() {
			fr.release()
			if reserved != 0 {
				t.Errorf("%d bytes stay reserved", reserved)
			}
		}()
		conn, err := zmq4.Open(fr, null.Security(), zmq4.Router, nil, true, nil)
		if err != nil {
			return
		}
		fr.ready = true
		for {
			m, err := conn.RecvMsg()
			if err != nil {
				return
			}
			total := 0
			for _, frame := range m.Frames {
				total += len(frame)
			}
			if total > int(l.Message) || len(m.Frames) > maxFrames || m.Type == zmq4.CmdMsg {
				t.Errorf("%d bytes in %d frames, type %d", total, len(m.Frames), m.Type)
			}
		}
	})
}
