package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/google/gopacket/pcapgo"
	"golang.org/x/sys/unix"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
)

const (
	magic   = 0xa1b23c4d // of a pcap file with nanoseconds
	snapLen = 1 << 18
)

// Open captures from an interface.
func (Machine) Open(name string) (io.ReadCloser, error) {
	if err := check(name); err != nil {
		return nil, err
	}
	link, err := linkType(name)
	if err != nil {
		return nil, err
	}
	handle, err := pcapgo.NewEthernetHandle(name)
	if err != nil {
		if strings.Contains(err.Error(), unix.EPERM.Error()) || strings.Contains(err.Error(), unix.EACCES.Error()) {
			program, _ := os.Executable()
			return nil, fmt.Errorf("capturing needs the right to: run as root, or once: sudo setcap cap_net_raw+ep %s", program)
		}
		return nil, err
	}
	// The handle's buffer is as large as the MTU: too small for a link header, and for segments that the card will cut.
	if err := handle.SetCaptureLength(snapLen); err != nil {
		handle.Close()
		return nil, err
	}
	on, err := net.InterfaceByName(name)
	return start(handle, link, err == nil && on.Flags&net.FlagLoopback != 0), nil
}

// linkType is the LINKTYPE_ number of what an interface carries.
func linkType(name string) (uint32, error) {
	text, err := os.ReadFile("/sys/class/net/" + name + "/type")
	if err != nil {
		return packet.LinkEthernet, nil // no sysfs: nearly all are
	}
	switch kind := strings.TrimSpace(string(text)); kind {
	case "1", "772": // Ethernet, loopback
		return packet.LinkEthernet, nil
	case "65534", "768", "769", "776", "778": // none (tun), tunnels
		return packet.LinkRaw, nil
	default:
		return 0, fmt.Errorf("interface %s is of hardware type %s, which cannot be read", name, kind)
	}
}

// source is a running capture.
type source struct {
	handle  *pcapgo.EthernetHandle
	fd      int32
	buffer  []byte // encoded packets that wait to be read
	mu      sync.Mutex
	stopped bool
}

func start(handle *pcapgo.EthernetHandle, link uint32, loopback bool) *source {
	s := &source{handle: handle}
	// Reading blocks without end, and closing the handle does not wake it: so the descriptor is waited for, which the
	// handle does not tell otherwise.
	s.fd = int32(reflect.ValueOf(handle).Elem().FieldByName("fd").Int())
	_ = unix.SetsockoptInt(int(s.fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 16<<20) // without it more is dropped
	if loopback {
		// There every packet passes twice, on its way out and on its way in.
		_ = unix.SetsockoptInt(int(s.fd), unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1)
	}
	le := binary.LittleEndian
	head := le.AppendUint32(nil, magic)
	head = le.AppendUint16(le.AppendUint16(head, 2), 4)
	head = le.AppendUint64(head, 0)
	s.buffer = le.AppendUint32(le.AppendUint32(head, snapLen), link)
	return s
}

// wakeEvery is how often a capture without packets looks whether it was closed, in ms.
const wakeEvery = 50

// full is how many bytes are gathered at most before they are handed out.
const full = 1 << 18

// Read waits for packets and gives them, in pcap's form.
func (s *source) Read(p []byte) (int, error) {
	for len(s.buffer) == 0 {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.buffer)
	s.buffer = s.buffer[:copy(s.buffer, s.buffer[n:])]
	return n, nil
}

// fill gathers the packets that are there, or waits for the first.
func (s *source) fill() error {
	wait := wakeEvery
	for len(s.buffer) < full {
		s.mu.Lock()
		if s.stopped {
			s.mu.Unlock()
			return io.EOF
		}
		ready, err := unix.Poll([]unix.PollFd{{Fd: s.fd, Events: unix.POLLIN}}, wait)
		if ready == 0 || errors.Is(err, unix.EINTR) {
			s.mu.Unlock()
			return nil
		}
		if err == nil {
			err = s.packet()
		}
		s.mu.Unlock()
		if err != nil {
			return err
		}
		wait = 0
	}
	return nil
}

// packet takes one packet; the caller holds the lock.
func (s *source) packet() error {
	data, about, err := s.handle.ZeroCopyReadPacketData()
	if err != nil {
		if strings.Contains(err.Error(), unix.ENETDOWN.Error()) {
			return errors.New("the interface went down")
		}
		return err
	}
	at, le := about.Timestamp, binary.LittleEndian
	if at.IsZero() {
		at = time.Now()
	}
	s.buffer = le.AppendUint32(s.buffer, uint32(at.Unix()))
	s.buffer = le.AppendUint32(s.buffer, uint32(at.Nanosecond()))
	s.buffer = le.AppendUint32(s.buffer, uint32(len(data)))
	s.buffer = le.AppendUint32(s.buffer, uint32(max(about.Length, len(data))))
	s.buffer = append(s.buffer, data...)
	return nil
}

// Close ends the capture. It may be called twice.
func (s *source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.stopped = true
		s.handle.Close()
	}
	return nil
}
