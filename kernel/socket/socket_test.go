package socket

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestListenRefusesWhatItDoesNotKnow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(file, []byte("keep"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"127.0.0.1:1", "udp://127.0.0.1:1", "tcp://127.0.0.1:99999", "ipc://" + file} {
		if s, err := Listen(address, Options{}); err == nil {
			s.Close(0)
			t.Errorf("%s was opened", address)
		}
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "keep" {
		t.Errorf("a file in the way was touched: %q, %v", b, err)
	}
}

func TestPortInUse(t *testing.T) {
	s, _ := answering(t, nil)
	if _, err := Listen("tcp://"+s.Addr().String(), Options{Name: "shell"}); err == nil || !strings.Contains(err.Error(), "shell") {
		t.Errorf("second listener: %v", err)
	}
}

// Row 8: the application hears of subscriptions, once each, and topics are prefixes.
func TestSubscriptions(t *testing.T) {
	heard := make(chan string, 10)
	s, _ := open(t, Options{Kind: Publisher, Subscribed: func(p *Peer, topic string) {
		heard <- topic
		_ = p.Send([][]byte{[]byte(topic), []byte("welcome")})
	}})
	w := join(t, s, "SUB", "")
	w.say("\x01kernel.")
	if got := strings.Join(w.hear(), " "); got != "kernel. welcome" || <-heard != "kernel." {
		t.Errorf("welcome %q", got)
	}
	w.say("\x01kernel.") // again: no second welcome
	w.say("\x01done")
	if got := strings.Join(w.hear(), " "); got != "done welcome" {
		t.Errorf("welcome %q", got)
	}
	s.Publish([][]byte{[]byte("other"), []byte("no")})
	s.Publish([][]byte{[]byte("kernel.status"), []byte("yes")})
	if got := strings.Join(w.hear(), " "); got != "kernel.status yes" {
		t.Errorf("publication %q", got)
	}
	w.say("\x00kernel.")
	eventually(t, "unsubscribed", func() bool { return !s.snapshot()[0].wants([]byte("kernel.status")) })
}

func TestSubscriptionsOfAPeerAreBounded(t *testing.T) {
	s, _ := open(t, Options{Kind: Publisher})
	w := join(t, s, "SUB", "")
	for i := range 2 * maxTopics {
		w.say(fmt.Sprintf("\x01%d.", i))
	}
	w.say("\x000.")
	p := s.snapshot()[0]
	eventually(t, "all were read", func() bool { p.mu.Lock(); defer p.mu.Unlock(); return len(p.topics) == maxTopics-1 })
}

// Row 9: the reply goes to the one that asked.
func TestSameIdentity(t *testing.T) {
	s, _ := answering(t, nil)
	a, b := join(t, s, "DEALER", "twin"), join(t, s, "DEALER", "twin")
	a.say("from a")
	if got := a.hear(); got[1] != "from a" {
		t.Errorf("a heard %q", got)
	}
	b.say("from b")
	if got := b.hear(); got[1] != "from b" {
		t.Errorf("b heard %q", got)
	}
	if p := s.Named("twin"); p == nil || p.conn.RemoteAddr().String() != b.LocalAddr().String() {
		t.Error("the latest of the name is not b")
	}
	if s.Named("") != nil || s.Named("nobody") != nil {
		t.Error("somebody has no name")
	}
}

// Row 10: any message is echoed, frame by frame, with or without a delimiter.
func TestHeartbeat(t *testing.T) {
	s, _ := open(t, Options{Kind: Echo})
	w := join(t, s, "DEALER", "")
	for _, m := range [][]string{{"ping"}, {"", "ping"}, {"", "", ""}, {strings.Repeat("long", 200), "x"}} {
		w.say(m...)
		if got := w.hear(); strings.Join(got, "|") != strings.Join(m, "|") {
			t.Errorf("echo %q of %q", got, m)
		}
	}
	join(t, s, "REQ", "").say("", "and gone")
	w.say("still")
	if got := w.hear(); got[0] != "still" {
		t.Errorf("echo %q", got)
	}
}

// Row 11: PING is answered with its context and never reaches the application.
func TestPing(t *testing.T) {
	s, _ := answering(t, nil)
	w := join(t, s, "DEALER", "")
	w.send(frame(flagCommand, []byte("\x04PING\x00\x0acontext")))
	if flags, body := w.frame(); flags != flagCommand || string(body) != "\x04PONGcontext" {
		t.Errorf("answer %x %q", flags, body)
	}
	w.say("message")
	if got := w.hear(); got[1] != "message" {
		t.Errorf("answer %q", got)
	}
}

// Row 13 and the lesson of serialising: PONGs and messages of any size, sent at once, never mix.
func TestWholeMessagesAmongPings(t *testing.T) {
	s, _ := answering(t, nil)
	w := join(t, s, "DEALER", "")
	const n = 200
	go func() {
		for i := range n {
			_, _ = w.Write(frame(flagCommand, []byte("\x04PING\x00\x01c")))
			_, _ = w.Write(frame(flagMore, fmt.Append(nil, i)))
			_, _ = w.Write(frame(0, make([]byte, i*i)))
		}
	}()
	pongs := 0
	for i := 0; i < n; {
		flags, body := w.frame()
		if flags&flagCommand != 0 {
			pongs++
			continue
		}
		number, data := w.hear1(), ""
		_, last := w.frame()
		if data = string(last); string(body) != "re" || number != fmt.Sprint(i) || len(data) != i*i {
			t.Fatalf("message %d came as %q %q and %d bytes", i, body, number, len(data))
		}
		i++
	}
	if pongs != n {
		t.Errorf("%d of %d PINGs answered", pongs, n)
	}
}

// hear1 reads one frame that must be part of a message.
func (w *wire) hear1() string {
	flags, body := w.frame()
	if flags&flagCommand != 0 {
		w.t.Fatal("a command inside a message")
	}
	return string(body)
}

// Row 7: what was published before Close arrives.
func TestCloseSendsWhatIsQueued(t *testing.T) {
	s, _ := open(t, Options{Kind: Publisher})
	w := join(t, s, "SUB", "")
	w.say("\x01")
	eventually(t, "subscribed", func() bool { return subscribers(s) == 1 })
	const n = 900
	for i := range n {
		s.Publish([][]byte{[]byte("t"), fmt.Append(nil, i), make([]byte, 5000)})
	}
	s.Publish([][]byte{[]byte("t"), []byte("idle")})
	w.say("\x01unread by the time of Close")
	closed := make(chan error)
	go func() { closed <- s.Close(patience) }()
	for i := range n {
		if got := w.hear(); got[1] != fmt.Sprint(i) {
			t.Fatalf("message %d is %q", i, got[1])
		}
	}
	if got := w.hear(); got[1] != "idle" {
		t.Errorf("the last is %q", got)
	}
	w.mustEnd()
	w.Close()
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func TestCloseDoesNotWaitForever(t *testing.T) {
	s, _ := open(t, Options{Kind: Publisher})
	frozen, silent := join(t, s, "SUB", ""), dial(t, s)
	frozen.say("\x01")
	eventually(t, "subscribed", func() bool { return subscribers(s) == 1 })
	for range 32 {
		s.Publish([][]byte{[]byte("t"), make([]byte, 1<<20)})
	}
	if err := s.Close(100 * time.Millisecond); err != nil {
		t.Error(err)
	}
	silent.mustEnd()
}

func TestSendAfterTheEnd(t *testing.T) {
	peers := make(chan *Peer, 1)
	s, _ := open(t, Options{Kind: Router, Receive: func(p *Peer, _ [][]byte) { peers <- p }})
	w := join(t, s, "DEALER", "")
	w.say("hello")
	p := <-peers
	w.Close()
	eventually(t, "sending fails", func() bool { return p.Send([][]byte{[]byte("x")}) != nil })
}

func TestAsk(t *testing.T) {
	s, _ := answering(t, nil)
	got, err := Ask(t.Context(), "tcp://"+s.Addr().String(), [][]byte{[]byte("a"), []byte(strings.Repeat("b", 300))})
	if err != nil || len(got) != 3 || string(got[0]) != "re" || len(got[2]) != 300 {
		t.Errorf("%q, %v", got, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	deaf, _ := open(t, Options{Kind: Router})
	if _, err := Ask(ctx, "tcp://"+deaf.Addr().String(), [][]byte{[]byte("a")}); err == nil {
		t.Error("an answer from nobody")
	}
	if _, err := Ask(t.Context(), "udp://x", nil); err == nil {
		t.Error("an unknown transport was taken")
	}
}
