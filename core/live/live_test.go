//go:build linux

package live_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/live"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// patience is how long a test waits for anything: more than the busiest machine needs.
const patience = 5 * time.Minute

// watcher is an Output that keeps the remarks and the pages it is shown, and calls seen with each page.
type watcher struct {
	notes []string
	pages []display.Page
	seen  func(display.Page)
}

func (w *watcher) Show(b display.Block) error {
	if n, ok := b.(*display.Note); ok {
		w.notes = append(w.notes, n.Body)
	}
	return nil
}
func (w *watcher) Progress(p display.Progress) {
	if p.Page != nil {
		w.pages = append(w.pages, p.Page)
		if w.seen != nil {
			w.seen(p.Page)
		}
	}
}
func (w *watcher) Ask(context.Context, string) (string, error) { return "", core.ErrNoInput }

// capturable skips a test where nothing may be captured.
func capturable(t *testing.T) {
	t.Helper()
	s, err := live.Machine{}.Open("lo")
	if err != nil {
		t.Skipf("nothing can be captured here: %v", err)
	}
	s.Close()
	s.Close()
}

// exchange sends n bytes each way over a connection on the loopback, an MPTCP one where the kernel has it, and gives the
// client's address.
func exchange(t *testing.T, n int) (client string, mptcp bool) {
	t.Helper()
	var config net.ListenConfig
	config.SetMultipathTCP(true)
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan struct{})
	go func() {
		defer close(served)
		if c, err := l.Accept(); err == nil {
			io.CopyN(c, c, int64(n))
			c.Close()
		}
	}()
	var dialer net.Dialer
	dialer.SetMultipathTCP(true)
	c, err := dialer.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if used, err := c.(*net.TCPConn).MultipathTCP(); err == nil {
		mptcp = used
	}
	client = c.LocalAddr().String()
	if _, err := c.Write(make([]byte, n)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, c, int64(n)); err != nil {
		t.Fatal(err)
	}
	<-served
	return client, mptcp
}

// What passes on the loopback is captured once, byte for byte counted, until the session is interrupted; then it is kept.
// Where other tests fill the loopback meanwhile the system may drop some of it, so that there are several tries.
func TestLoopback(t *testing.T) {
	capturable(t)
	var wrong error
	for range 10 {
		if wrong = captureLoopback(t); wrong == nil {
			return
		}
	}
	t.Error(wrong)
}

// captureLoopback captures an exchange on the loopback and tells what is wrong with what was kept.
func captureLoopback(t *testing.T) error {
	const n = 300_000
	s := core.New(core.Options{Live: live.Machine{}})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	client, mptcp := "", false
	out := &watcher{}
	out.seen = func(page display.Page) {
		if client == "" {
			client, mptcp = exchange(t, n)
			return
		}
		cancel()
	}
	if err := s.Run(ctx, "live lo", out); err != nil {
		t.Fatal(err)
	}
	l := s.Capture("lo")
	if l == nil {
		t.Fatal("nothing was kept")
	}
	for i := range l.Trace.Streams {
		st := &l.Trace.Streams[i]
		if st.Client.String() != client {
			continue
		}
		if up := st.Toward[stream.Server].Bytes; up < n {
			return fmt.Errorf("%d bytes, want %d at least", up, n)
		}
		if !mptcp {
			t.Skip("the kernel has no MPTCP: only TCP was tried")
		}
		for k := range l.Trace.Conns {
			if c := &l.Trace.Conns[k]; c.Subflows[0].Stream == st.ID {
				if up, down := c.Toward[stream.Server].Unique, c.Toward[stream.Client].Unique; up != n || down != n {
					return fmt.Errorf("%d and %d bytes of data, want %d each", up, down, n)
				}
				return nil
			}
		}
		return errors.New("no MPTCP connection was seen")
	}
	return fmt.Errorf("the stream of %s is not among %d", client, len(l.Trace.Streams))
}

func TestLimits(t *testing.T) {
	capturable(t)
	s := core.New(core.Options{Live: live.Machine{}})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var busy sync.WaitGroup
	busy.Go(func() {
		for ctx.Err() == nil {
			exchange(t, 1000)
			time.Sleep(10 * time.Millisecond)
		}
	})
	for _, line := range []string{"live lo --packets 5 --as few", "live lo --for 0.3 --as short"} {
		if err := s.Run(ctx, line, &watcher{}); err != nil || ctx.Err() != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if l := s.Capture("few"); l == nil || l.Trace.Len() < 5 {
		t.Error("--packets kept less than that")
	}
	cancel()
	busy.Wait()
}

func TestWrongWords(t *testing.T) {
	s := core.New(core.Options{Live: live.Machine{}})
	for line, want := range map[string]string{
		"live":                   "INTERFACE is missing: live --list-interfaces lists them",
		"live nosuch0":           `there is no interface "nosuch0" (there are lo`,
		"live lo --for never":    "no time in seconds",
		"live lo --for -1":       "no time in seconds",
		"live lo --packets 0":    "no number of packets",
		"live lo --as 3":         "cannot be a name",
		"load x --for 3":         "--for goes with --follow",
		"load --follow nosuch y": "one file",
	} {
		err := s.Run(context.Background(), line, &watcher{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
	if err := core.New(core.Options{}).Run(context.Background(), "live lo", &watcher{}); err == nil || !strings.Contains(err.Error(), "nothing can be captured here") {
		t.Errorf("a face without interfaces: %v", err)
	}
}

func TestInterfaces(t *testing.T) {
	list, err := live.Machine{}.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		if i.Name == "lo" && strings.Contains(fmt.Sprint(i.Addresses), "127.0.0.1") {
			return
		}
	}
	t.Errorf("no loopback in %v", list)
}

// Without the right to capture, the user is told so.
func TestNoRight(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may capture: that it is refused to others is not tried")
	}
	if s, err := (live.Machine{}).Open("lo"); err == nil {
		s.Close()
		t.Skip("this user may capture")
	} else if !strings.Contains(err.Error(), "cap_net_raw") {
		t.Errorf("got %v", err)
	}
}
