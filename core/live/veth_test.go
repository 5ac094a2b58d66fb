//go:build linux

package live_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/live"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// cable is a pair of interfaces between here and a network namespace of the test's own.
type cable struct {
	here, space string // the interface, the namespace
	address     string // of the other end
}

// lay makes a cable, or skips the test where that is not allowed.
func lay(t *testing.T) cable {
	t.Helper()
	n := os.Getpid() % 10000
	c := cable{here: fmt.Sprintf("mpa%d", n), space: fmt.Sprintf("mptcpanalyzer-%d", os.Getpid()), address: fmt.Sprintf("10.213.%d.2", n%250)}
	t.Cleanup(func() {
		_ = exec.Command("ip", "link", "del", c.here).Run()
		_ = exec.Command("ip", "netns", "del", c.space).Run()
	})
	for _, line := range []string{
		"netns add " + c.space,
		"link add " + c.here + " type veth peer name far netns " + c.space,
		"addr add " + strings.TrimSuffix(c.address, "2") + "1/24 dev " + c.here,
		"link set " + c.here + " up",
		"-n " + c.space + " addr add " + c.address + "/24 dev far",
		"-n " + c.space + " link set far up",
	} {
		if out, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			t.Skipf("no cable can be laid here: ip %s: %v %s", line, err, out)
		}
	}
	return c
}

// listen listens at the other end of the cable and sends back what it is sent.
func (c cable) listen(t *testing.T) net.Listener {
	t.Helper()
	made := make(chan net.Listener, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends in the other namespace
		var l net.Listener
		if space, err := os.Open("/run/netns/" + c.space); err != nil {
			t.Error(err)
		} else if err := unix.Setns(int(space.Fd()), unix.CLONE_NEWNET); err != nil {
			t.Error(err)
		} else {
			var config net.ListenConfig
			config.SetMultipathTCP(true)
			if l, err = config.Listen(context.Background(), "tcp", c.address+":0"); err != nil {
				t.Error(err)
			}
		}
		made <- l
	}()
	l := <-made
	if l == nil {
		t.FailNow()
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { io.Copy(conn, conn); conn.Close() }()
		}
	}()
	return l
}

// send sends n bytes over the cable and reads them back.
func send(t *testing.T, to string, n int) (client string) {
	t.Helper()
	var dialer net.Dialer
	dialer.SetMultipathTCP(true)
	conn, err := dialer.Dial("tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() { conn.Write(make([]byte, n)) }()
	if _, err := io.CopyN(io.Discard, conn, int64(n)); err != nil {
		t.Fatal(err)
	}
	return conn.LocalAddr().String()
}

// What passes a real pair of interfaces is captured, until the interface is gone: that is told, and all before is kept.
func TestInterfaceVanishes(t *testing.T) {
	capturable(t)
	c := lay(t)
	l := c.listen(t)
	defer l.Close()
	const n = 100_000
	s := core.New(core.Options{Live: live.Machine{}})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, pages := "", 0
	out := &watcher{}
	out.seen = func(page display.Page) {
		switch pages++; pages {
		case 1:
			client = send(t, l.Addr().String(), n)
		case 3:
			if text, err := exec.Command("ip", "link", "del", c.here).CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, text)
			}
		}
	}
	if err := s.Run(ctx, "live "+c.here, out); err != nil || ctx.Err() != nil {
		t.Fatalf("%v, %v", err, ctx.Err())
	}
	if told := fmt.Sprint(out.notes); !strings.Contains(told, "the interface") {
		t.Errorf("the notes are %s", told)
	}
	kept := s.Capture(c.here)
	if kept == nil {
		t.Fatal("nothing was kept")
	}
	for i := range kept.Trace.Streams {
		if st := &kept.Trace.Streams[i]; st.Client.String() == client {
			if up, down := st.Toward[stream.Server].Bytes, st.Toward[stream.Client].Bytes; up < n || down < n {
				t.Errorf("%d and %d bytes, want %d at least", up, down, n)
			}
			return
		}
	}
	t.Errorf("the stream of %s is not among %d", client, len(kept.Trace.Streams))
}

// A user without the right to capture is told how to get it, by the program itself.
func TestRefusedToOthers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become somebody without rights")
	}
	if os.Getenv("MPTCPANALYZER_TEST_OPEN") != "" {
		_, err := live.Machine{}.Open("lo")
		fmt.Println(err)
		return
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		t.Skip("setpriv is not installed: becoming somebody without rights is not tried")
	}
	cmd := exec.Command(setpriv, "--bounding-set=-all", "--inh-caps=-all", "--", binary, "-test.run", "^TestRefusedToOthers$")
	cmd.Env = append(os.Environ(), "MPTCPANALYZER_TEST_OPEN=1")
	text, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(text), "sudo setcap cap_net_raw+ep") {
		t.Errorf("%v: it says %s", err, text)
	}
}
