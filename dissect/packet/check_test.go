package packet

import (
	"bytes"
	"fmt"
	"testing"
	"unsafe"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// check fails if a decoded packet contradicts itself or points out of its frame: what must hold whatever the bytes.
func check(t *testing.T, p *Packet, frame []byte, length uint32) {
	t.Helper()
	if err := inconsistent(p, frame, length); err != nil {
		t.Errorf("%v\nframe %x, length %d\n%+v", err, frame, length, *p)
	}
}

func inconsistent(p *Packet, frame []byte, length uint32) error {
	if p.Kind > UnknownLink {
		return fmt.Errorf("kind %d", p.Kind)
	}
	if p.Kind != TCP {
		return nil
	}
	views := [][]byte{p.Payload(), p.Options(), p.SACK}
	for _, o := range p.MPTCP[:p.NumMPTCP] {
		if len(o) < 3 || o[0] != mptcp.Kind || o.Stated() < len(o) {
			return fmt.Errorf("MPTCP view %x", []byte(o))
		}
		views = append(views, o)
	}
	for _, v := range views {
		if !within(v, frame) {
			return fmt.Errorf("a view of %d bytes is not in the frame", len(v))
		}
	}
	switch {
	case len(p.Payload()) > int(p.PayloadLen):
		return fmt.Errorf("captured %d of a payload of %d", len(p.Payload()), p.PayloadLen)
	case int(p.PayloadLen) > max(int(length), len(frame)):
		return fmt.Errorf("a payload of %d in a frame of %d", p.PayloadLen, length)
	case len(p.Options()) > MaxOptionArea || len(p.Kinds()) > len(p.Options()):
		return fmt.Errorf("%d kinds in %d bytes of options", len(p.Kinds()), len(p.Options()))
	case p.HeaderCut && len(p.Payload()) > 0:
		return fmt.Errorf("a payload behind a header that was cut")
	case p.HeaderLen < 20 && (p.Faults&TCPHeader == 0 || p.PayloadLen != 0 || p.Options() != nil):
		return fmt.Errorf("header of %d bytes", p.HeaderLen)
	}
	return sameAsIterator(p)
}

// sameAsIterator compares the MPTCP views with what package mptcp finds in the same option area.
func sameAsIterator(p *Packet) error {
	it, n := mptcp.NewOptions(p.Options(), max(0, int(p.HeaderLen)-20)), 0
	for ; it.Next(); n++ {
		if n >= p.NumMPTCP || !bytes.Equal(it.Option(), p.MPTCP[n]) {
			return fmt.Errorf("MPTCP option %d: the iterator finds %x", n, []byte(it.Option()))
		}
	}
	if n != p.NumMPTCP {
		return fmt.Errorf("%d MPTCP options, the iterator finds %d", p.NumMPTCP, n)
	}
	if lies := it.Fault() == mptcp.BadLength; lies != (p.Faults&OptionLength != 0) || lies && !p.BadOption {
		return fmt.Errorf("faults %x and BadOption %t, the iterator says %v", p.Faults, p.BadOption, it.Fault())
	}
	return nil
}

// within reports whether a view lies in the frame's memory.
func within(view, frame []byte) bool {
	if len(view) == 0 {
		return true
	}
	if len(frame) == 0 {
		return false
	}
	from := uintptr(unsafe.Pointer(unsafe.SliceData(view)))
	start := uintptr(unsafe.Pointer(unsafe.SliceData(frame)))
	return from >= start && from+uintptr(len(view)) <= start+uintptr(len(frame))
}

// kinds is the list of option kinds as tshark prints it.
func kinds(p *Packet) string {
	s := fmt.Appendf(nil, "%d", p.Kinds())
	return string(bytes.ReplaceAll(bytes.Trim(s, "[]"), []byte(" "), []byte(",")))
}
