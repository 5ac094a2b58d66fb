package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// host is a network namespace with its own addresses, routes and MPTCP stack.
type host struct {
	name string // of the namespace, as ip(8) knows it
	role string // "client" or "server"
}

// nsPrefix starts the names of our namespaces; the process id follows, so that two runs don't meet
// and what a killed run left behind can be told.
const nsPrefix = "mptcplab-"

func newName(role string) string { return fmt.Sprintf("%s%d-%s", nsPrefix, os.Getpid(), role) }

// newHost makes an empty namespace.
func newHost(ctx context.Context, role string) (*host, error) {
	h := &host{name: newName(role), role: role}
	if err := ip(ctx, "netns", "add", h.name); err != nil {
		return nil, err
	}
	if err := h.ip(ctx, "link set lo up"); err != nil {
		return nil, errors.Join(err, h.remove())
	}
	return h, nil
}

// remove deletes the namespace, also when the run was interrupted.
func (h *host) remove() error { return ip(context.Background(), "netns", "del", h.name) }

// sweep deletes namespaces of runs that were killed.
func sweep() error {
	left, err := filepath.Glob("/var/run/netns/" + nsPrefix + "*")
	if err != nil {
		return err
	}
	var errs []error
	for _, f := range left {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(f), nsPrefix), "-")
		if n, err := strconv.Atoi(pid); err != nil || unix.Kill(n, 0) == nil {
			continue
		}
		errs = append(errs, ip(context.Background(), "netns", "del", filepath.Base(f)))
	}
	return errors.Join(errs...)
}

// ip runs ip(8); its complaint becomes the error.
func ip(ctx context.Context, args ...string) error {
	out, err := exec.CommandContext(ctx, "ip", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// ip runs ip(8) in the host, with the arguments in one string.
func (h *host) ip(ctx context.Context, args string) error {
	return ip(ctx, append([]string{"-n", h.name}, strings.Fields(args)...)...)
}

// within runs f in the host's namespace. Sockets and devices that f opens stay there. f must not
// hand its work to another goroutine.
func (h *host) within(f func() error) error {
	done := make(chan error, 1)
	go func() {
		// The thread is never unlocked: it ends with the goroutine, namespace and all.
		runtime.LockOSThread()
		done <- h.enter(f)
	}()
	return <-done
}

func (h *host) enter(f func() error) error {
	ns, err := os.Open("/var/run/netns/" + h.name)
	if err != nil {
		return err
	}
	defer ns.Close()
	if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("entering namespace %s: %w", h.name, err)
	}
	return f()
}

// sysctl sets key=value in the host.
func (h *host) sysctl(setting string) error {
	key, value, _ := strings.Cut(setting, "=")
	file := "/proc/sys/" + strings.ReplaceAll(strings.TrimSpace(key), ".", "/")
	return h.within(func() error { return os.WriteFile(file, []byte(strings.TrimSpace(value)), 0o644) })
}

// tap makes a TAP device in the host and opens it. Closing the file removes the device and ends
// reads that wait. With offload, frames come behind a virtio_net_hdr (see offloadDevice).
func (h *host) tap(name string, offload bool) (*os.File, error) {
	var dev *os.File
	err := h.within(func() error {
		fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		if err != nil {
			return fmt.Errorf("opening /dev/net/tun: %w", err)
		}
		if err := attach(fd, name, offload); err != nil {
			unix.Close(fd)
			return fmt.Errorf("making device %s: %w", name, err)
		}
		dev = os.NewFile(uintptr(fd), name)
		return nil
	})
	return dev, err
}

// attach makes the TAP device behind fd.
func attach(fd int, name string, offload bool) error {
	req, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	flags := uint16(unix.IFF_TAP | unix.IFF_NO_PI)
	if offload {
		flags |= unix.IFF_VNET_HDR
	}
	req.SetUint16(flags)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, req); err != nil || !offload {
		return err
	}
	return unix.IoctlSetInt(fd, unix.TUNSETOFFLOAD, unix.TUN_F_CSUM|unix.TUN_F_TSO4|unix.TUN_F_TSO6)
}

// configure gives path i's device its addresses and brings it up. The client also learns to send
// from each of its addresses over the path it belongs to, as a multihomed host does.
func (h *host) configure(ctx context.Context, p Path, i int) error {
	own, peer, last := clientAddr(p, i), serverAddr(p, i), 1
	if h.role == "server" {
		own, peer, last = peer, own, 2
	}
	bits := 24
	if p.V6 {
		bits = 64
	}
	cmds := []string{
		fmt.Sprintf("link set %s address 02:00:00:00:%02x:%02x mtu %d", p.Name, i+1, last, p.MTU),
		fmt.Sprintf("link set %s up", p.Name),
	}
	if p.V6 {
		cmds = append(cmds, fmt.Sprintf("addr add %s/%d dev %s nodad", own, bits, p.Name))
	} else {
		cmds = append(cmds, fmt.Sprintf("addr add %s/%d dev %s", own, bits, p.Name))
	}
	if h.role == "client" {
		cmds = append(cmds, sourceRoute(own, peer, p.Name, 101+i)...)
	}
	if h.role == "server" {
		cmds = append(cmds, natNeighbours(p, i)...)
	}
	for _, c := range cmds {
		if err := h.ip(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// sourceRoute sends what comes from own by its device, whatever the destination.
func sourceRoute(own, gateway netip.Addr, dev string, table int) []string {
	family := "-4"
	if own.Is6() {
		family = "-6"
	}
	return []string{
		fmt.Sprintf("%s rule add from %s table %d", family, own, table),
		fmt.Sprintf("%s route add default via %s dev %s table %d", family, gateway, dev, table),
	}
}

// natNeighbours tells the server where the addresses are that the path's NATs invent.
func natNeighbours(p Path, i int) []string {
	var cmds []string
	for _, b := range p.Boxes {
		if b.Do == boxNAT {
			cmds = append(cmds, fmt.Sprintf("neigh add %s lladdr 02:00:00:00:%02x:01 dev %s nud permanent", b.Addr, i+1, p.Name))
		}
	}
	return cmds
}

// listen opens the server's socket for a port, in the host.
func (h *host) listen(ctx context.Context, port int, tcp bool) (net.Listener, error) {
	var lc net.ListenConfig
	lc.SetMultipathTCP(!tcp)
	var l net.Listener
	err := h.within(func() (err error) {
		l, err = lc.Listen(ctx, "tcp", fmt.Sprintf(":%d", port))
		return err
	})
	return l, err
}

// counters reads the host's MPTcpExt counters that are not zero, and TCP's RetransSegs.
func (h *host) counters() (counters, error) {
	var c counters
	err := h.within(func() error {
		mptcp, err := os.ReadFile("/proc/thread-self/net/netstat")
		if err != nil {
			return err
		}
		tcp, err := os.ReadFile("/proc/thread-self/net/snmp")
		if err != nil {
			return err
		}
		c = append(parseCounters(string(mptcp), "MPTcpExt:", ""), parseCounters(string(tcp), "Tcp:", "RetransSegs")...)
		return nil
	})
	return c, err
}
