package main

import (
	"encoding/binary"
	"io"
)

// windowScale is that of both ends.
const windowScale = 7

// file writes frames to a pcap or a pcapng file.
type file struct {
	config
	out     io.Writer
	err     error
	buf     []byte
	payload []byte
	sums    []uint32 // of the first n bytes of payload, as the Internet checksum adds them
}

// headLen is the room before a frame for what stands there in the file.
const headLen = 28

func newFile(out io.Writer, cfg config) file {
	if cfg.snaplen <= 0 {
		cfg.snaplen = 262144
	}
	f := file{config: cfg, out: out, buf: make([]byte, 0, 2048), payload: make([]byte, segmentLen)}
	for i := range f.payload {
		f.payload[i] = byte(i)
	}
	for n := range segmentLen + 1 {
		f.sums = append(f.sums, sum(0, f.payload[:n]))
	}
	_, f.err = out.Write(f.header())
	return f
}

// header is the beginning of the file: of pcap's, or pcapng's section and its interface.
func (f *file) header() []byte {
	le, snaplen := binary.LittleEndian, uint32(f.snaplen)
	if f.pcapng {
		h := le.AppendUint32(le.AppendUint32(nil, 0x0a0d0d0a), 28)
		h = le.AppendUint16(le.AppendUint16(le.AppendUint32(h, 0x1a2b3c4d), 1), 0)
		h = le.AppendUint32(le.AppendUint64(h, 1<<64-1), 28)
		h = le.AppendUint32(le.AppendUint32(le.AppendUint32(h, 1), 20), 1)
		return le.AppendUint32(le.AppendUint32(h, snaplen), 20)
	}
	h := le.AppendUint32(nil, 0xa1b2c3d4)
	h = le.AppendUint16(le.AppendUint16(h, 2), 4)
	return le.AppendUint32(le.AppendUint32(le.AppendUint64(h, 0), snaplen), 1)
}

// write writes one segment of the subflow as an Ethernet frame.
func (f *file) write(at int64, s *subflow, seq, ack, stamp, echo uint32, g *segment) {
	b := append(f.buf[:0], make([]byte, headLen)...)
	mac := byte(s.index)
	from, to := byte(1-g.toward), byte(g.toward)
	b = append(b, 2, 0, 0, 0, mac, to, 2, 0, 0, 0, mac, from)
	if s.v6 {
		b = binary.BigEndian.AppendUint16(b, 0x86dd)
	} else {
		b = binary.BigEndian.AppendUint16(b, 0x0800)
	}
	options := g.tcpOptions(stamp, echo, f.bare)
	b = f.ip(b, s, g, 20+len(options)+g.payload)
	tcp := len(b)
	b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, s.port[1-g.toward]), s.port[g.toward])
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, seq), ack)
	b = append(b, byte(5+len(options)/4)<<4, g.flags)
	b = append(binary.BigEndian.AppendUint16(b, 2000), 0, 0, 0, 0)
	b = append(b, options...)
	binary.BigEndian.PutUint16(b[tcp+16:], f.tcpChecksum(s, g, b[tcp:]))
	b = append(b, f.payload[:g.payload]...)
	f.buf = b
	f.record(at, b)
}

// record fills in what stands in front of the frame, and writes what the snaplen leaves.
func (f *file) record(at int64, b []byte) {
	length := len(b) - headLen
	captured := min(length, f.snaplen)
	le := binary.LittleEndian
	lengths := b[headLen-8:]
	le.PutUint32(lengths, uint32(captured))
	le.PutUint32(lengths[4:], uint32(length))
	if f.pcapng {
		b = append(b[:headLen+captured], make([]byte, -captured&3)...)
		total, stamp := uint32(len(b))+4, uint64(at/1000)
		le.PutUint32(b, 6)
		le.PutUint32(b[4:], total)
		le.PutUint32(b[12:], uint32(stamp>>32))
		le.PutUint32(b[16:], uint32(stamp))
		b = le.AppendUint32(b, total)
	} else {
		b = b[headLen-16 : headLen+captured]
		le.PutUint32(b, uint32(at/1e9))
		le.PutUint32(b[4:], uint32(at%1e9/1000))
	}
	if f.err == nil {
		_, f.err = f.out.Write(b)
	}
}

// summed appends the checksum of a mapping, where there are any. Its bytes are whole segments, or none, of a DATA_FIN.
func (f *file) summed(o []byte, m *mapping) []byte {
	if !f.checksum {
		return o
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, m.dsn), m.ssn)
	segments := uint32(m.length / segmentLen)
	total := sum(segments*uint32(fold(f.sums[segmentLen])), binary.BigEndian.AppendUint16(head, m.length))
	return binary.BigEndian.AppendUint16(o, ^fold(total))
}

// ip appends the IP header of a TCP segment of n bytes.
func (f *file) ip(b []byte, s *subflow, g *segment, n int) []byte {
	src, dst := &s.addr[1-g.toward], &s.addr[g.toward]
	if s.v6 {
		b = append(b, 0x60, 0, 0, 0)
		b = append(binary.BigEndian.AppendUint16(b, uint16(n)), 6, 64)
		return append(append(b, src[:]...), dst[:]...)
	}
	start := len(b)
	b = append(b, 0x45, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(20+n))
	b = binary.BigEndian.AppendUint16(b, uint16(s.conn.world.written))
	b = append(b, 0x40, 0, 64, 6, 0, 0)
	b = append(append(b, src[12:]...), dst[12:]...)
	binary.BigEndian.PutUint16(b[start+10:], ^fold(sum(0, b[start:])))
	return b
}

// tcpChecksum is that of the TCP header in b and the payload to follow.
func (f *file) tcpChecksum(s *subflow, g *segment, b []byte) uint16 {
	total := sum(f.sums[g.payload], b) + 6 + uint32(len(b)+g.payload)
	for end := range 2 {
		if s.v6 {
			total = sum(total, s.addr[end][:])
		} else {
			total = sum(total, s.addr[end][12:])
		}
	}
	return ^fold(total)
}

func sum(total uint32, b []byte) uint32 {
	for len(b) >= 2 {
		total += uint32(binary.BigEndian.Uint16(b))
		b = b[2:]
	}
	if len(b) == 1 {
		total += uint32(b[0]) << 8
	}
	return total
}

func fold(total uint32) uint16 {
	for total > 0xffff {
		total = total>>16 + total&0xffff
	}
	return uint16(total)
}

// tcpOptions is the option area: time stamps, unless bare, on a SYN also MSS, SACK permitted and window scale, then MPTCP.
func (g *segment) tcpOptions(stamp, echo uint32, bare bool) []byte {
	o := make([]byte, 0, 40)
	syn := g.flags&flagSYN != 0
	switch {
	case syn:
		o = append(o, 2, 4, 1460>>8, 1460&0xff, 4, 2)
	case !bare:
		o = append(o, kindNOP, kindNOP)
	}
	switch {
	case !bare:
		o = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(append(o, 8, 10), stamp), echo)
	case syn:
		o = append(o, kindNOP, kindNOP)
	}
	if syn {
		o = append(o, kindNOP, 3, 3, windowScale)
	}
	for range -len(g.options) & 3 {
		o = append(o, kindNOP)
	}
	return append(o, g.options...)
}
