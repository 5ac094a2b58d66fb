package install

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/kernel"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/message"
	"github.com/mptcpanalyzer/mptcpanalyzer/kernel/socket"
)

// probeTime is how long a kernel may take to answer.
const probeTime = 10 * time.Second

// probe starts a kernel as Jupyter would, asks who it is, and ends it. It gives the implementation and version.
func probe(s *spec) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	dir, err := os.MkdirTemp("", "mptcpkernel-doctor-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	c, err := freeConnection()
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "connection.json")
	if err := writeConnection(file, c); err != nil {
		return "", err
	}
	program := startable(ctx, s, file)
	var said strings.Builder
	program.Stderr = &said
	program.WaitDelay = time.Second // a child of its own may keep stderr open
	if err := program.Start(); err != nil {
		return "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- program.Wait(); cancel() }()
	answer, err := askKernel(ctx, c, "kernel_info_request")
	if err == nil {
		_, _ = askKernel(ctx, c, "shutdown_request") // it may be gone before it is heard
	}
	late := errors.Is(ctx.Err(), context.DeadlineExceeded)
	cancel() // ends it if it has not ended
	status := <-ended
	switch {
	case err == nil:
		return answer, nil
	case late:
		return "", fmt.Errorf("it does not answer within %s", probeTime)
	case status == nil:
		status = errors.New("it ended well")
	}
	return "", errors.New(strings.TrimSpace(fmt.Sprintf("it does not answer (%v) %s", status, strings.TrimSpace(said.String()))))
}

// startable is the command of a kernelspec for a connection file.
func startable(ctx context.Context, s *spec, file string) *exec.Cmd {
	args := make([]string, len(s.Argv))
	for i, a := range s.Argv {
		args[i] = strings.ReplaceAll(a, "{connection_file}", file)
	}
	program := exec.CommandContext(ctx, args[0], args[1:]...)
	program.Env = os.Environ()
	for name, value := range s.Env {
		program.Env = append(program.Env, name+"="+value)
	}
	return program
}

func writeConnection(file string, c *kernel.Connection) error {
	b, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o600)
}

// freeConnection finds five ports of this machine that nobody listens on.
func freeConnection() (*kernel.Connection, error) {
	c := &kernel.Connection{Transport: "tcp", IP: "127.0.0.1", Scheme: "hmac-sha256", Key: "examination"}
	for _, port := range []*int{&c.Shell, &c.Control, &c.Stdin, &c.IOPub, &c.Heartbeat} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return c, nil
}

// askKernel sends a request on the control channel, again until the kernel listens, and gives what the answer says.
func askKernel(ctx context.Context, c *kernel.Connection, request string) (string, error) {
	codec, err := message.NewCodec(c.Scheme, c.Key)
	if err != nil {
		return "", err
	}
	for {
		frames, err := codec.Encode(message.Outgoing{Type: request, Content: map[string]any{"restart": false}})
		if err != nil {
			return "", err
		}
		reply, err := socket.Ask(ctx, c.Address(c.Control), frames)
		if err != nil && ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if err != nil {
			return "", err
		}
		m, err := codec.Decode(reply)
		if err != nil {
			return "", err
		}
		var answer struct {
			Implementation string
			Version        string `json:"implementation_version"`
		}
		err = json.Unmarshal(m.Content, &answer)
		return strings.TrimSpace(answer.Implementation + " " + answer.Version), err
	}
}
