package main

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"
)

// traffic runs the flows of a scenario and collects their reports. Safe for concurrent use.
type traffic struct {
	sc     *Scenario
	wg     sync.WaitGroup // listeners, and both ends of the flows
	mu     sync.Mutex
	flows  []FlowReport
	fails  []error
	conns  []net.Conn
	active int // ends at work
	closed bool
}

func newTraffic(sc *Scenario) *traffic {
	t := &traffic{sc: sc, flows: make([]FlowReport, len(sc.Flows))}
	for i, f := range sc.Flows {
		t.flows[i] = FlowReport{Flow: i, Asked: "mptcp"}
		if f.TCP {
			t.flows[i].Asked = "tcp"
		}
	}
	return t
}

// run starts the flows, each at its time, and returns when both ends of all are done or ctx is,
// which cuts them. within runs a function in the client's namespace.
func (t *traffic) run(ctx context.Context, within func(func() error) error) {
	for i := range t.sc.Flows {
		t.begin()
		go func() {
			defer t.end()
			t.client(ctx, i, within)
		}()
	}
	for !t.idle() && sleep(ctx, 5*time.Millisecond) == nil {
	}
	if ctx.Err() != nil {
		t.cut()
	}
}

func (t *traffic) begin() {
	t.wg.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.active++
}

func (t *traffic) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.active--
	t.wg.Done()
}

func (t *traffic) idle() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.active == 0
}

// hold remembers a connection, so that cut can close it.
func (t *traffic) hold(c net.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		c.Close()
	}
	t.conns = append(t.conns, c)
}

// cut closes every connection, which ends every flow; later ones are closed at once.
func (t *traffic) cut() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for _, c := range t.conns {
		c.Close()
	}
}

// fail notes a connection that came to nothing.
func (t *traffic) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fails = append(t.fails, err)
}

// reports gives what the ends saw, and what became of connections that came to nothing.
func (t *traffic) reports() (flows []FlowReport, failed []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, err := range t.fails {
		failed = append(failed, err.Error())
	}
	return append(flows, t.flows...), failed
}

// serve answers the connections of one listener until it is closed. The caller has added it to wg.
func (t *traffic) serve(l net.Listener) {
	defer t.wg.Done()
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		t.hold(c)
		t.begin()
		go func() {
			defer t.end()
			t.server(c.(*net.TCPConn))
		}()
	}
}

// server runs the server's end of the flow that a new connection brings.
func (t *traffic) server(c *net.TCPConn) {
	e, i, err := accept(c, t.sc)
	if err != nil {
		t.fail(err)
		c.Close()
		return
	}
	r := e.exchange()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.flows[i].Server = r
}

// client runs the client's end of flow i from start to end.
func (t *traffic) client(ctx context.Context, i int, within func(func() error) error) {
	if sleep(ctx, ms(t.sc.Flows[i].StartMs)) != nil {
		return
	}
	var e *endpoint
	err := within(func() (err error) {
		e, err = dial(ctx, t.sc, i)
		return err
	})
	if err != nil {
		t.fail(fmt.Errorf("flow %d: %w", i, err))
		return
	}
	t.hold(e.conn)
	r := e.exchange()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.flows[i].Client = r
}

// sleep waits for d, or for the end of ctx, which is its error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
