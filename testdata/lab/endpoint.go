package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

// FlowReport is what the applications at both ends of a flow saw.
type FlowReport struct {
	Flow   int       `json:"flow"`
	Asked  string    `json:"asked"` // "mptcp" or "tcp": what the client's socket was opened for
	Client EndReport `json:"client"`
	Server EndReport `json:"server"`
}

// EndReport is one end's side of a flow. The SHA-256 sums are of the bytes in order, whole or not.
type EndReport struct {
	Address        string     `json:"address"` // of the first subflow, at this end
	MPTCP          bool       `json:"mptcp"`   // the kernel was still using MPTCP when the flow ended
	Sent           int64      `json:"sent"`    // bytes the kernel accepted
	SentSHA256     string     `json:"sent_sha256"`
	Received       int64      `json:"received"`
	ReceivedSHA256 string     `json:"received_sha256"`
	Kernel         *MPTCPInfo `json:"kernel,omitempty"` // MPTCP_INFO at the end of the flow
	Error          string     `json:"error,omitempty"`
}

// MPTCPInfo is the part of the kernel's struct mptcp_info that a packet tool can be compared with.
type MPTCPInfo struct {
	Token         uint32 `json:"token"`          // of this end's key (RFC 8684 §3.2)
	ExtraSubflows int    `json:"extra_subflows"` // beside the first
	Checksum      bool   `json:"checksum"`
	Retransmits   uint32 `json:"retransmits"`   // MPTCP-level retransmissions
	BytesRetrans  uint64 `json:"bytes_retrans"` // bytes the MPTCP retransmission timer sent again; not those moved off a stale subflow
	BytesSent     uint64 `json:"bytes_sent"`
	BytesReceived uint64 `json:"bytes_received"`
	BytesAcked    uint64 `json:"bytes_acked"`
}

// pattern is the payload of one direction of a flow: lines of lineLen bytes that name flow,
// direction and offset, and end in seeded hex digits. The first line tells the server which flow
// has come. It is an endless io.Reader.
type pattern struct {
	flow int
	dir  direction
	dice *rand.ChaCha8
	at   int64
	rest []byte
}

func newPattern(seed uint64, flow int, dir direction) *pattern {
	var key [32]byte
	copy(key[:], fmt.Sprintf("%d/%d/%d", seed, flow, dir))
	return &pattern{flow: flow, dir: dir, dice: rand.NewChaCha8(key)}
}

func (p *pattern) Read(b []byte) (int, error) {
	for n := 0; n < len(b); {
		if len(p.rest) == 0 {
			p.rest = fmt.Appendf(nil, "flow %03d %-4s at %012d ", p.flow, p.dir, p.at)
			p.rest = fmt.Appendf(p.rest, "%016x%016x", p.dice.Uint64(), p.dice.Uint64())[:lineLen-1]
			p.rest = append(p.rest, '\n')
			p.at += lineLen
		}
		k := copy(b[n:], p.rest)
		p.rest = p.rest[k:]
		n += k
	}
	return len(b), nil
}

// flowOf reads the flow's number from the first line of a pattern.
func flowOf(line []byte) (int, error) {
	f := bytes.Fields(line)
	if len(f) < 2 || string(f[0]) != "flow" {
		return 0, fmt.Errorf("first line %q names no flow", line)
	}
	return strconv.Atoi(string(f[1]))
}

// count is a byte count and sum, fed by Write.
type count struct {
	n   int64
	sum hash.Hash
}

func newCount() *count { return &count{sum: sha256.New()} }

func (c *count) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return c.sum.Write(b)
}

func (c *count) hex() string { return hex.EncodeToString(c.sum.Sum(nil)) }

// endpoint is one end of a flow: a connection, what it is to send, and when it may close.
type endpoint struct {
	conn   *net.TCPConn
	flow   Flow
	body   io.Reader // to send
	want   int64     // bytes to send
	expect int64     // received bytes after which this end half-closes; -1: when the peer has
	got    *count    // received so far
}

// exchange sends and receives at once until both directions are finished, and reports.
func (e *endpoint) exchange() EndReport {
	r := EndReport{Address: e.conn.LocalAddr().String()}
	sent := newCount()
	done := make(chan error, 1)
	go func() { done <- e.receive() }()
	err := e.send(sent)
	switch err2 := <-done; {
	case err != nil && !errors.Is(err, errAborted):
		err = errors.Join(err, err2)
	case err == nil:
		time.Sleep(ms(e.flow.LingerMs))
		err = errors.Join(err2, e.finish())
	}
	r.MPTCP, r.Kernel = kernelView(e.conn)
	e.conn.Close()
	r.Sent, r.SentSHA256 = sent.n, sent.hex()
	r.Received, r.ReceivedSHA256 = e.got.n, e.got.hex()
	if err != nil {
		r.Error = err.Error()
	}
	return r
}

var errAborted = errors.New("aborted as the scenario asks")

// receive takes what is expected: a number of bytes, or all until the peer half-closes.
func (e *endpoint) receive() error {
	if e.flow.HalfClose || e.expect < 0 {
		_, err := io.Copy(e.got, e.conn)
		return err
	}
	_, err := io.CopyN(e.got, e.conn, e.expect-e.got.n)
	return err
}

// finish half-closes, and waits for the peer to do the same.
func (e *endpoint) finish() error {
	if !e.flow.HalfClose {
		if err := e.conn.CloseWrite(); err != nil {
			return err
		}
	}
	_, err := io.Copy(e.got, e.conn)
	return err
}

// send writes what is to be sent in the flow's chunks.
func (e *endpoint) send(sent *count) error {
	buf := make([]byte, e.flow.Chunk)
	for left := e.want; left > 0; {
		b := buf[:min(left, int64(len(buf)))]
		if _, err := io.ReadFull(e.body, b); err != nil {
			return err
		}
		n, err := e.conn.Write(b)
		sent.Write(b[:n])
		if left -= int64(n); err != nil {
			return err
		}
		if e.flow.Abort && left < e.want/2 {
			return errors.Join(errAborted, e.conn.SetLinger(0), e.conn.Close())
		}
		time.Sleep(ms(e.flow.PaceMs))
	}
	if e.flow.HalfClose {
		return e.conn.CloseWrite()
	}
	return nil
}

// dial opens the client's end of flow i. It must run within the client's namespace.
func dial(ctx context.Context, sc *Scenario, i int) (*endpoint, error) {
	f := sc.Flows[i]
	d := net.Dialer{}
	d.SetMultipathTCP(!f.TCP)
	addr := net.JoinHostPort(serverAddr(sc.Paths[f.Via-1], f.Via-1).String(), strconv.Itoa(f.Port))
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &endpoint{conn: c.(*net.TCPConn), flow: f, body: newPattern(sc.Seed, i, up), want: f.Up, expect: -1, got: newCount()}, nil
}

// accept waits for the first line of a new connection and gives the server's end of its flow.
func accept(c *net.TCPConn, sc *Scenario) (*endpoint, int, error) {
	line := make([]byte, lineLen)
	if _, err := io.ReadFull(c, line); err != nil {
		return nil, 0, fmt.Errorf("reading the first line: %w", err)
	}
	i, err := flowOf(line)
	if err != nil {
		return nil, 0, err
	}
	if i < 0 || i >= len(sc.Flows) {
		return nil, 0, fmt.Errorf("flow %d of %d", i, len(sc.Flows))
	}
	got := newCount()
	got.Write(line)
	f := sc.Flows[i]
	f.Abort, f.LingerMs = false, 0
	return &endpoint{conn: c, flow: f, body: newPattern(sc.Seed, i, down), want: f.Down, expect: f.Up, got: got}, i, nil
}
