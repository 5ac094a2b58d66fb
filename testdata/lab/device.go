package main

import (
	"encoding/binary"
	"fmt"
	"io"
)

// device is a host's end of a path.
type device interface {
	// receive gives the next frame that the host sends, within buf, and the work that the host
	// left to its device.
	receive(buf []byte) (frame []byte, off offload, err error)
	// send gives a finished frame to the host.
	send(frame []byte) error
}

// maxFrame is the largest that receive can give: a 64 KiB packet in its frame, and the header.
const maxFrame = 1<<16 + 64

// plainDevice leaves no work to the device: what is read is a frame.
type plainDevice struct{ io.ReadWriter }

func (d plainDevice) receive(buf []byte) ([]byte, offload, error) {
	n, err := d.Read(buf)
	return buf[:n], offload{}, err
}

func (d plainDevice) send(frame []byte) error {
	_, err := d.Write(frame)
	return err
}

// offloadDevice is a device that segments and checksums for its host, so that a capture there shows
// segments much larger than the path carries. Each frame follows a struct virtio_net_hdr.
type offloadDevice struct{ io.ReadWriter }

// The virtio_net_hdr (Virtual I/O Device 1.2, §5.1.6), in the host's byte order: flags, GSO type,
// header length, GSO size, checksum start, checksum offset.
const (
	vnetLen       = 10
	vnetNeedsCsum = 1
)

func (d offloadDevice) receive(buf []byte) ([]byte, offload, error) {
	n, err := d.Read(buf)
	if err != nil {
		return nil, offload{}, err
	}
	if n < vnetLen {
		return nil, offload{}, fmt.Errorf("%d bytes from a device whose header has %d", n, vnetLen)
	}
	off := offload{checksum: buf[0]&vnetNeedsCsum != 0}
	if buf[1] != 0 {
		off.size = int(binary.NativeEndian.Uint16(buf[4:]))
	}
	return buf[vnetLen:n], off, nil
}

func (d offloadDevice) send(frame []byte) error {
	_, err := d.Write(append(make([]byte, vnetLen, vnetLen+len(frame)), frame...))
	return err
}

// offload is what a host left to its device: cut the payload into pieces of size (0: don't), and
// compute the checksum.
type offload struct {
	size     int
	checksum bool
}

// segments gives the frames that the device puts on the path. As network cards do, each has the
// whole frame's TCP options, so one DSS mapping is repeated on all; FIN and PSH stay on the last.
func (o offload) segments(frame []byte) [][]byte {
	s, ok := locate(frame)
	if !ok || (o.size == 0 && !o.checksum) {
		return [][]byte{frame}
	}
	if n := len(s.payload()); o.size == 0 || n <= o.size {
		whole := append([]byte(nil), frame...)
		s, _ = locate(whole)
		s.mend()
		return [][]byte{whole}
	}
	var cut [][]byte
	for at, n := 0, len(s.payload()); at < n; at += o.size {
		cut = append(cut, segmentAt(frame, s, at, min(o.size, n-at), len(cut)))
	}
	return cut
}

// segmentAt makes the frame that carries n payload bytes of s from offset at on, the index-th.
func segmentAt(frame []byte, s segment, at, n, index int) []byte {
	const flagFIN, flagPSH = 0x01, 0x08
	head := 14 + s.hdr + s.off
	b := append(make([]byte, 0, head+n), frame[:head]...)
	b = append(b, s.payload()[at:at+n]...)
	ip := b[14:]
	if s.v6() {
		binary.BigEndian.PutUint16(ip[4:], uint16(s.off+n))
	} else {
		binary.BigEndian.PutUint16(ip[2:], uint16(s.hdr+s.off+n))
		id := binary.BigEndian.Uint16(ip[4:])
		binary.BigEndian.PutUint16(ip[4:], id+uint16(index))
	}
	tcp := ip[s.hdr:]
	binary.BigEndian.PutUint32(tcp[4:], s.seq()+uint32(at))
	if at+n < len(s.payload()) {
		tcp[13] &^= flagFIN | flagPSH
	}
	out, _ := locate(b) // it was located before it was cut
	out.mend()
	return b
}
