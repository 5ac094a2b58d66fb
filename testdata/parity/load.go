package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"net/netip"
	"os"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Bits of the TCP flags.
const (
	tcpFlagFIN = 0x01
	tcpFlagRST = 0x04
	tcpFlagSYN = 0x02
	tcpFlagACK = 0x10
)

// load dissects a capture, and makes of it what the model needs: streams, sequence numbers and lengths as dissected,
// which are compared with tshark's on their own; options from the frames.
func load(name string) (*trace.Trace, []segment, error) {
	file, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	return loadFile(file)
}

func loadFile(file []byte) (*trace.Trace, []segment, error) {
	t, segments, err := loadSegments(file)
	if err == nil {
		err = readStamps(file).note(segments, file, func(frame uint32) uint32 { return frame })
	}
	return t, segments, err
}

// loadSegments is loadFile, without what Wireshark makes of the times.
func loadSegments(file []byte) (*trace.Trace, []segment, error) {
	ctx := context.Background()
	t, err := trace.Load(ctx, bytes.NewReader(file), trace.Options{})
	if err != nil {
		return nil, nil, err
	}
	segments := make([]segment, 0, t.Len())
	var p packet.Packet
	var row trace.Row
	r := capture.NewReader(func(f *capture.Frame) error {
		p.Number, p.Time, p.Interface = f.Number, f.Time, f.Interface
		packet.Decode(&p, f.Link, f.Data, f.Length)
		if p.Kind == packet.TCP && len(segments) < t.Len() {
			t.Row(len(segments), &row)
			s := newSegment(f, &p, &row, t.SACK(uint32(len(segments)), nil))
			s.interfaceNumber = f.Interface
			segments = append(segments, s)
		}
		return nil
	})
	err = r.ReadAll(ctx, bytes.NewReader(file))
	showSACK(segments)
	nameInterfaces(segments, t.Interfaces, r.Interfaces())
	return t, segments, err
}

// showSACK makes the texts of SACK blocks. What they are relative to in a SYN shows in other segments.
func showSACK(segments []segment) {
	type direction struct {
		stream uint32
		src    netip.AddrPort
	}
	bases := map[direction]uint32{}
	for i := range segments {
		s := &segments[i]
		bases[direction{s.stream, s.src}] = s.rawSeq - s.seq
	}
	for i := range segments {
		s := &segments[i]
		if s.baseless {
			s.base = bases[direction{s.stream, s.dst}]
		}
		s.sackLeft, s.sackRight = edges(s.sack, s.base)
	}
}

// nameInterfaces gives segments the names of the interfaces that they have the numbers of.
func nameInterfaces(segments []segment, names []trace.Interface, list []capture.Interface) {
	for i := range segments {
		s := &segments[i]
		s.iface, s.firstIface = names[s.interfaceNumber].Name, names[inSection(list, s.interfaceNumber)].Name
	}
}

// inSection is the number of an interface within its section.
func inSection(list []capture.Interface, number uint32) uint32 {
	first := number
	for first > 0 && list[first-1].Section == list[number].Section {
		first--
	}
	return number - first
}

func newSegment(f *capture.Frame, p *packet.Packet, r *trace.Row, blocks []trace.SACKBlock) segment {
	s := segment{
		id:      r.ID,
		frame:   f.Number,
		stream:  r.Stream,
		tcp:     r.Stream,
		src:     r.Src,
		dst:     r.Dst,
		syn:     r.Flags&tcpFlagSYN != 0,
		ack:     r.Flags&tcpFlagACK != 0,
		fin:     r.Flags&tcpFlagFIN != 0,
		rst:     r.Flags&tcpFlagRST != 0,
		seq:     r.Seq,
		acked:   r.Ack,
		rawSeq:  r.RawSeq,
		rawAck:  r.RawAck,
		window:  uint32(p.Window),
		time:    p.Time,
		length:  r.Len,
		whole:   !r.NoLen,
		ends:    p.Faults&packet.TCPLength != 0,
		options: bytes.Clone(p.Options()),
		area:    max(0, int(p.HeaderLen)-20),
		cut:     p.HeaderCut,
		bogus:   p.HeaderLen < 20,
		bits:    r.Flags,
		short:   p.HeaderCut && len(p.Options()) == 0,

		analysis: r.Analysis,
	}
	if p.HasMSS {
		s.mss = decimal(uint64(p.MSS))
	}
	if p.HasWScale {
		s.wscale = decimal(uint64(p.WScale))
	}
	base := p.Ack - r.Ack // of the other end's sequence numbers
	if len(blocks) > 0 {
		base = binary.BigEndian.Uint32(p.SACK) - blocks[0].Start
	}
	if s.base, s.sack = base, bytes.Clone(p.SACK); len(blocks) == 0 && !s.ack {
		s.baseless = true
	}
	if p.Tunnel != packet.NoTunnel {
		s.srcOuter, s.dstOuter = outers(f.Link, f.Data, p.V6)
	}
	if s.bogus {
		s.bytes = segmentLen(f.Link, f.Data) - int(p.HeaderLen)
	}
	if !s.whole {
		s.room = segmentLen(f.Link, f.Data) - 20
	}
	if !p.V6 {
		s.srcHost, s.dstHost = r.Src.Addr().String(), r.Dst.Addr().String()
	}
	return s
}
