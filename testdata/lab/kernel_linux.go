package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel's numbers for MPTCP_INFO (include/uapi/linux/mptcp.h).
const (
	solMPTCP  = 284
	mptcpInfo = 1
)

// ready tells why this machine cannot run scenarios, or nil.
func ready() error {
	if os.Geteuid() != 0 {
		return errors.New("the lab makes network namespaces and TAP devices: run it as root")
	}
	b, err := os.ReadFile("/proc/sys/net/mptcp/enabled")
	if err != nil {
		return fmt.Errorf("this kernel has no MPTCP: %w", err)
	}
	if strings.TrimSpace(string(b)) != "1" {
		return errors.New("MPTCP is switched off: sysctl net.mptcp.enabled=1")
	}
	f, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("no TAP devices here: %w", err)
	}
	return errors.Join(f.Close(), tryNamespace())
}

// tryNamespace enters a network namespace once: containers and changed roots often forbid the mounts that it needs.
func tryNamespace() error {
	h, err := newHost(context.Background(), "probe")
	if err != nil {
		return fmt.Errorf("no network namespaces here: %w", err)
	}
	return h.remove()
}

// kernelView asks the kernel what became of a connection. A connection that fell back, or is
// closed, has no MPTCP_INFO.
func kernelView(c *net.TCPConn) (mptcp bool, info *MPTCPInfo) {
	raw, err := c.SyscallConn()
	if err != nil {
		return false, nil
	}
	var buf [128]byte
	size := uint32(len(buf))
	var errno unix.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall6(unix.SYS_GETSOCKOPT, fd, solMPTCP, mptcpInfo,
			uintptr(unsafe.Pointer(&buf)), uintptr(unsafe.Pointer(&size)), 0)
	})
	if err != nil || errno != 0 {
		return false, nil
	}
	return parseMPTCPInfo(buf[:min(int(size), len(buf))])
}

// parseMPTCPInfo reads struct mptcp_info; older kernels give a shorter one.
func parseMPTCPInfo(b []byte) (mptcp bool, info *MPTCPInfo) {
	const flagFallback = 1
	if len(b) < 80 {
		return len(b) >= 12, nil
	}
	n := binary.NativeEndian
	info = &MPTCPInfo{
		ExtraSubflows: int(b[0]),
		Token:         n.Uint32(b[12:]),
		Checksum:      b[42] != 0,
		Retransmits:   n.Uint32(b[44:]),
		BytesRetrans:  n.Uint64(b[48:]),
		BytesSent:     n.Uint64(b[56:]),
		BytesReceived: n.Uint64(b[64:]),
		BytesAcked:    n.Uint64(b[72:]),
	}
	return n.Uint32(b[8:])&flagFallback == 0, info
}
