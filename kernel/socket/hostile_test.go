package socket

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// The first row of zmq4's defects: a silent connection stopped all later ones.
func TestSilentConnectionsHoldNobodyUp(t *testing.T) {
	s, _ := answering(t, nil)
	for range 20 {
		dial(t, s)
	}
	mustAnswer(t, s)
}

func TestSilentConnectionIsEnded(t *testing.T) {
	l := limits(Router)
	l.Handshake = 50 * time.Millisecond
	s, j := answering(t, &l)
	for range 2 { // the first one leaves the socket as it was
		w := dial(t, s)
		w.send(greeting()[:30])
		w.mustEnd()
	}
	eventually(t, "log lines", func() bool { return strings.Count(j.String(), "disconnecting") == 2 })
}

func TestManySilentConnectionsMakeRoom(t *testing.T) {
	l := limits(Router)
	l.Pending, l.Peers = 3, 8
	s, _ := answering(t, &l)
	first := dial(t, s)
	for range 20 {
		dial(t, s)
	}
	first.mustEnd()
	mustAnswer(t, s)
}

// hostile are openings that must end their own connection and nothing else.
func hostile() map[string][]byte {
	hello := greeting()
	dealer := append(bytes.Clone(hello), frame(flagCommand, ready("DEALER", ""))...)
	with := func(b []byte) []byte { return append(bytes.Clone(dealer), b...) }
	long := func(n uint64) []byte { return binary.BigEndian.AppendUint64([]byte{flagLong}, n) }
	old := greeting()
	old[10] = 1
	curve := greeting()
	copy(curve[12:], "CURVE\x00")
	return map[string][]byte{
		"http":                   []byte("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: a port scan of some length\r\n\r\n"),
		"zeros":                  make([]byte, 200),
		"old version":            old,
		"other mechanism":        curve,
		"length 2^62":            with(long(1 << 62)),
		"length 2^64-1":          with(long(1<<64 - 1)),
		"length 2^36":            with(long(1 << 36)),
		"reserved flags":         with([]byte{0xf8, 1, 0}),
		"command with more":      with([]byte{flagCommand | flagMore, 1, 0}),
		"command without name":   with(frame(flagCommand, nil)),
		"command name too long":  with(frame(flagCommand, []byte{200, 'A'})),
		"command too long":       with(binary.BigEndian.AppendUint64([]byte{flagCommand | flagLong}, maxCommand+1)),
		"command in a message":   with(append(frame(flagMore, []byte("a")), frame(flagCommand, []byte("\x04PING\x00\x00"))...)),
		"short ping":             with(frame(flagCommand, []byte("\x04PING\x00"))),
		"message first":          append(bytes.Clone(hello), frame(0, []byte("hi"))...),
		"not ready":              append(bytes.Clone(hello), frame(flagCommand, []byte("\x05HELLO"))...),
		"metadata: name cut":     append(bytes.Clone(hello), frame(flagCommand, []byte("\x05READY\xffSocket-Type"))...),
		"metadata: length cut":   append(bytes.Clone(hello), frame(flagCommand, []byte("\x05READY\x01a\x00\x00"))...),
		"metadata: value cut":    append(bytes.Clone(hello), frame(flagCommand, []byte("\x05READY\x01a\xff\xff\xff\xffx"))...),
		"metadata: length alone": append(bytes.Clone(hello), frame(flagCommand, []byte("\x05READY\x05"))...),
		"wrong socket type":      append(bytes.Clone(hello), frame(flagCommand, ready("PUSH", ""))...),
		"no socket type":         append(bytes.Clone(hello), frame(flagCommand, []byte("\x05READY"))...),
		"unknown socket type":    append(bytes.Clone(hello), frame(flagCommand, ready("SOUP", ""))...),
		"socket type twice":      append(bytes.Clone(hello), frame(flagCommand, append(ready("DEALER", ""), property("socket-type", "")...))...),
		"endless frames":         with(bytes.Repeat(frame(flagMore, nil), maxFrames+1)),
	}
}

// Rows 2 and 3: lengths and metadata that lie. Each is tried on every kind of socket.
func TestHostileOpenings(t *testing.T) {
	for kind, name := range map[Kind]string{Router: "router", Publisher: "publisher", Echo: "echo"} {
		for what, b := range hostile() {
			t.Run(name+"/"+what, func(t *testing.T) {
				s, j := open(t, Options{Kind: kind})
				w := dial(t, s)
				if _, err := w.Write(b); err != nil {
					return // ended while we were still talking
				}
				w.mustEnd()
				if strings.Contains(j.String(), "recovered") {
					t.Errorf("a panic had to be caught: %s", j)
				}
				if lines := strings.Count(j.String(), "\n"); lines > 1 {
					t.Errorf("%d log lines:\n%s", lines, j)
				}
			})
		}
	}
}

func TestHostilePeersLeaveOthersAlone(t *testing.T) {
	s, _ := answering(t, nil)
	for _, b := range hostile() {
		w := dial(t, s)
		_, _ = w.Write(b) // it may be ended meanwhile
		mustAnswer(t, s)
	}
}

func TestMessageOverTheLimit(t *testing.T) {
	l := limits(Router)
	l.Message = 1000
	s, _ := answering(t, &l)
	w := join(t, s, "DEALER", "")
	w.say(strings.Repeat("a", 1000))
	if got := w.hear(); len(got) != 2 || len(got[1]) != 1000 {
		t.Errorf("a message of the limit's length came back as %d frames", len(got))
	}
	w.say(strings.Repeat("a", 501), strings.Repeat("b", 500))
	w.mustEnd()
}

// Long bodies count against a budget of the whole socket while they are under way, and are given back.
func TestReceivingBudget(t *testing.T) {
	l := limits(Router)
	l.Receiving = 4 * chunk
	s, _ := answering(t, &l)
	head := binary.BigEndian.AppendUint64([]byte{flagLong}, 3*chunk)
	a := join(t, s, "DEALER", "")
	a.send(append(bytes.Clone(head), make([]byte, 2*chunk+1)...))
	eventually(t, "the first is under way", func() bool { return s.receiving.Load() == 3*chunk })
	b := join(t, s, "DEALER", "")
	if _, err := b.Write(append(bytes.Clone(head), make([]byte, 2*chunk)...)); err == nil {
		b.mustEnd()
	}
	a.send(make([]byte, chunk-1))
	if got := a.hear(); len(got) != 2 || len(got[1]) != 3*chunk {
		t.Fatalf("answer of %d frames", len(got))
	}
	eventually(t, "all is given back", func() bool { return s.receiving.Load() == 0 })
}

func TestHalfSentMessageIsEnded(t *testing.T) {
	l := limits(Router)
	l.Stall = 2 * time.Second // on a busy machine a whole message may take its time
	s, _ := answering(t, &l)
	var halves []*wire
	for _, half := range []string{"\x01", "\x00\x05abc", "\x02\x00\x00"} {
		w := join(t, s, "DEALER", "")
		w.send([]byte(half))
		halves = append(halves, w)
	}
	for _, w := range halves {
		w.mustEnd()
	}
	resting := join(t, s, "DEALER", "")
	time.Sleep(l.Stall + l.Stall/4) // between messages a peer may be silent
	resting.say("hi")
	if got := resting.hear(); len(got) != 2 {
		t.Errorf("answer %q", got)
	}
}

// Row 4: a client that stops reading large replies kept all others waiting.
func TestNonReaderHoldsNobodyUp(t *testing.T) {
	s, _ := answering(t, nil)
	deaf := join(t, s, "DEALER", "")
	body := strings.Repeat("x", 1<<20)
	for range 40 { // far more than the buffers of a connection
		deaf.say(body)
	}
	mustAnswer(t, s)
}

func TestPeerThatNeverReadsIsDisconnected(t *testing.T) {
	l := limits(Router)
	l.Queue = 1 << 20
	s, j := answering(t, &l)
	deaf := join(t, s, "DEALER", "")
	body := frame(0, make([]byte, 1<<20))
	for range 60 {
		if _, err := deaf.Write(body); err != nil {
			break // disconnected
		}
	}
	eventually(t, "the peer is let go", func() bool { return strings.Contains(j.String(), "does not read") })
	mustAnswer(t, s)
}

func TestWriteStallEndsAPeer(t *testing.T) {
	l := limits(Publisher)
	l.Stall = time.Second
	s, _ := open(t, Options{Kind: Publisher, Limits: &l})
	deaf := join(t, s, "SUB", "")
	deaf.say("\x01")
	eventually(t, "subscribed", func() bool { return subscribers(s) == 1 })
	for range 32 {
		s.Publish([][]byte{[]byte("t"), make([]byte, 1<<20)})
	}
	eventually(t, "the peer is gone", func() bool { return len(s.snapshot()) == 0 })
}

func subscribers(s *Socket) int {
	n := 0
	for _, p := range s.snapshot() {
		if p.wants([]byte("t")) {
			n++
		}
	}
	return n
}

// Rows 5 and 6: a frozen subscriber kept a healthy one from its messages, or messages were dropped silently.
func TestFrozenSubscriberHoldsNobodyUp(t *testing.T) {
	s, _ := open(t, Options{Kind: Publisher})
	frozen, healthy := join(t, s, "SUB", ""), join(t, s, "SUB", "")
	frozen.say("\x01")
	healthy.say("\x01")
	eventually(t, "both subscribed", func() bool { return subscribers(s) == 2 })
	const n = 100_000
	go func() {
		body := bytes.Repeat([]byte("."), 200)
		for i := range n {
			s.Publish([][]byte{[]byte("t"), fmt.Append(nil, i), body})
		}
		s.Publish([][]byte{[]byte("t"), []byte("idle"), nil})
	}()
	for i := range n {
		if got := healthy.hear(); got[1] != fmt.Sprint(i) {
			t.Fatalf("message %d is %q", i, got[1])
		}
	}
	if got := healthy.hear(); got[1] != "idle" {
		t.Errorf("the last message is %q", got[1])
	}
}

// Row 12, and its care: only sockets are removed.
func TestStaleSocketFile(t *testing.T) {
	path := t.TempDir() + "/k-1"
	stale, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	stale.(*net.UnixListener).SetUnlinkOnClose(false)
	stale.Close()
	s, err := Listen("ipc://"+path, Options{Kind: Router, Receive: func(p *Peer, f [][]byte) { _ = p.Send(append([][]byte{[]byte("re")}, f...)) }})
	if err != nil {
		t.Fatal(err)
	}
	mustAnswer(t, s)
	if err := s.Close(time.Second); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("unix", path); err == nil {
		t.Error("still there after Close")
	}
}

func TestConnectionsLeaveNothingBehind(t *testing.T) {
	s, _ := answering(t, nil)
	for range 300 {
		w := join(t, s, "DEALER", "same")
		w.say("x")
		if _, err := io.ReadFull(w.in, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		w.Close()
	}
	eventually(t, "no peers", func() bool { return len(s.snapshot()) == 0 })
}
