package socket

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
)

// Ask connects to a Router as a client does, sends one message and waits for one, until ctx ends. It is for finding out
// whether a kernel answers.
func Ask(ctx context.Context, address string, frames [][]byte) ([][]byte, error) {
	transport, rest, _ := strings.Cut(address, "://")
	network := map[string]string{"tcp": "tcp", "ipc": "unix"}[transport]
	if network == "" {
		return nil, fmt.Errorf("unknown transport %q: tcp and ipc are supported", transport)
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, rest)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	f := newFramer(conn, limits(Router), func(int64) bool { return true })
	f.command = func(string, []byte) error { return nil }
	z, err := zmq4.Open(f, null.Security(), zmq4.Dealer, nil, false, nil)
	if err != nil {
		return nil, err
	}
	f.ready = true
	out := bufio.NewWriter(conn)
	if err := writeItem(out, item{frames: frames}); err != nil {
		return nil, err
	}
	if err := out.Flush(); err != nil {
		return nil, err
	}
	msg, err := z.RecvMsg()
	return msg.Frames, err
}
