package kernel

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
)

// Connection is what a connection file says: where to listen, and the key. It is written by the one who starts the kernel.
type Connection struct {
	Transport string `json:"transport"` // tcp or ipc
	IP        string `json:"ip"`        // host, or for ipc the beginning of the paths
	Shell     int    `json:"shell_port"`
	Control   int    `json:"control_port"`
	Stdin     int    `json:"stdin_port"`
	IOPub     int    `json:"iopub_port"`
	Heartbeat int    `json:"hb_port"`
	Scheme    string `json:"signature_scheme"`
	Key       string `json:"key"`
}

// ReadConnection reads a connection file. Errors never show what is in it.
func ReadConnection(path string) (*Connection, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the connection file: %w", err)
	}
	c := &Connection{Transport: "tcp"}
	if json.Unmarshal(b, c) != nil {
		return nil, fmt.Errorf("%s is no connection file", path)
	}
	return c, c.check()
}

func (c *Connection) check() error {
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return fmt.Errorf("connection file: unknown transport %q: tcp and ipc are supported", c.Transport)
	}
	if c.IP == "" {
		return errors.New("connection file: no ip")
	}
	for _, p := range c.ports() {
		if p.port < 1 || p.port > 65535 {
			return fmt.Errorf("connection file: %s_port is %d", p.name, p.port)
		}
	}
	return nil
}

type namedPort struct {
	name string
	port int
}

func (c *Connection) ports() []namedPort {
	return []namedPort{
		{"shell", c.Shell}, {"control", c.Control}, {"stdin", c.Stdin}, {"iopub", c.IOPub}, {"hb", c.Heartbeat},
	}
}

// Address is where a channel listens, as ZeroMQ writes it.
func (c *Connection) Address(port int) string {
	if c.Transport == "ipc" {
		return "ipc://" + c.IP + "-" + strconv.Itoa(port)
	}
	host := c.IP
	if host == "*" {
		host = ""
	}
	return "tcp://" + net.JoinHostPort(host, strconv.Itoa(port))
}
