package main

import (
	"bytes"
	"context"
	"encoding/binary"
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
	ctx := context.Background()
	t, err := trace.Load(ctx, bytes.NewReader(file), trace.Options{})
	if err != nil {
		return nil, nil, err
	}
	segments := make([]segment, 0, t.Len())
	stamps := readStamps(file)
	var p packet.Packet
	var row trace.Row
	var r *capture.Reader
	r = capture.NewReader(func(f *capture.Frame) error {
		p.Number, p.Time, p.Interface = f.Number, f.Time, f.Interface
		packet.Decode(&p, f.Link, f.Data, f.Length)
		if p.Kind == packet.TCP && len(segments) < t.Len() {
			t.Row(len(segments), &row)
			s := newSegment(f, &p, &row, t.SACK(uint32(len(segments)), nil))
			s.iface = t.Interfaces[f.Interface].Name
			s.firstIface = t.Interfaces[inSection(r.Interfaces(), f.Interface)].Name
			stamps.note(&s, f.Number)
			segments = append(segments, s)
		}
		return nil
	})
	return t, segments, r.ReadAll(ctx, bytes.NewReader(file))
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
		stream:  r.Stream,
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
		scale:   -1,
		time:    p.Time,
		length:  r.Len,
		whole:   !r.NoLen,
		options: bytes.Clone(p.Options()),
		area:    max(0, int(p.HeaderLen)-20),
		cut:     p.HeaderCut,
		bogus:   p.HeaderLen < 20,
		bits:    r.Flags,
		short:   p.HeaderCut && len(p.Options()) == 0,

		analysis: r.Analysis,
	}
	if p.HasWScale {
		s.scale = int8(min(p.WScale, 14))
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
	for b := p.SACK; len(b) >= 8; b = b[8:] {
		s.sackLeft = list(s.sackLeft, binary.BigEndian.Uint32(b)-base)
		s.sackRight = list(s.sackRight, binary.BigEndian.Uint32(b[4:])-base)
	}
	if b := p.SACK[len(p.SACK)/8*8:]; len(b) == 4 {
		s.sackLeft = list(s.sackLeft, binary.BigEndian.Uint32(b)-base)
	}
	if p.Tunnel != packet.NoTunnel {
		s.srcOuter, s.dstOuter = outers(f.Link, f.Data, p.V6)
	}
	if s.bogus {
		s.bytes = segmentLen(f.Link, f.Data) - int(p.HeaderLen)
	}
	if !p.V6 {
		s.srcHost, s.dstHost = r.Src.Addr().String(), r.Dst.Addr().String()
	}
	return s
}
