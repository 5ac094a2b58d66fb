package socket

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"testing"
	"time"
)

const python = "/usr/bin/python3"

// libzmq runs one act of testdata/libzmq.py against an address.
func libzmq(t *testing.T, act, address string) *exec.Cmd {
	t.Helper()
	if err := exec.Command(python, "-c", "import zmq").Run(); err != nil {
		t.Skip("needs python3-zmq:", err)
	}
	return exec.Command(python, "-W", "ignore", "testdata/libzmq.py", act, address)
}

func mustRun(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestLibzmqRequests(t *testing.T) {
	for _, act := range []string{"requests", "silent", "stopped", "twins", "ping", "churn"} {
		t.Run(act, func(t *testing.T) {
			s, j := answering(t, nil)
			mustRun(t, libzmq(t, act, "tcp://"+s.Addr().String()))
			if j.String() != "" {
				t.Logf("log: %s", j)
			}
		})
	}
}

func TestLibzmqHeartbeat(t *testing.T) {
	s, _ := open(t, Options{Kind: Echo})
	mustRun(t, libzmq(t, "heartbeat", "tcp://"+s.Addr().String()))
}

func TestLibzmqOverUnixSocket(t *testing.T) {
	path := t.TempDir() + "/kernel-1"
	s, err := Listen("ipc://"+path, Options{Kind: Router, Receive: func(p *Peer, f [][]byte) { _ = p.Send(append([][]byte{[]byte("re")}, f...)) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(0)
	mustRun(t, libzmq(t, "requests", "ipc://"+path))
}

// A healthy libzmq subscriber beside a stopped one gets every publication, though the socket is closed right after.
func TestLibzmqSubscriber(t *testing.T) {
	s, _ := open(t, Options{Kind: Publisher, Subscribed: func(p *Peer, topic string) {
		_ = p.Send([][]byte{[]byte(topic), []byte("welcome")})
	}})
	c := libzmq(t, "subscriber", "tcp://"+s.Addr().String())
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("%q, %s", line, &said)
	}
	const n = 100_000
	for i := range n {
		s.Publish([][]byte{[]byte("t"), fmt.Append(nil, i), make([]byte, 100)})
	}
	s.Publish([][]byte{[]byte("t"), []byte("idle")})
	fmt.Fprintln(in, n)
	closed := make(chan error)
	go func() { closed <- s.Close(patience) }()
	if err := c.Wait(); err != nil {
		t.Errorf("%v: %s", err, &said)
	}
	select {
	case <-closed:
	case <-time.After(2 * patience):
		t.Error("Close does not end")
	}
}
