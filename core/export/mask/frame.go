package mask

import (
	"encoding/binary"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// experimental is an IP protocol that nobody takes for one of those that it stands for (RFC 3692).
const experimental = 253

// Frame replaces a frame by a bare IP packet made of what the row, which was masked before, and the TCP header say. The
// payload is missing as if the capture had cut it. The frame's data are valid until the next call.
func (m *Mask) Frame(f *trace.Frame, r *trace.Row) {
	p := f.Packet
	header := max(20, int(p.HeaderLen))
	m.frame = m.ip(m.frame[:0], p, r, header)
	at := len(m.frame)
	m.frame = m.tcp(m.frame, p, r, header)
	f.Data, f.Link, f.Comment = m.frame, packet.LinkRaw, ""
	f.Length = uint32(at+header) + p.PayloadLen
}

// Other replaces a frame that is no TCP by an IP header that tells its length and nothing else. Its data are valid until
// the next call.
func (m *Mask) Other(f *trace.Frame) {
	f.Length = max(f.Length, 20)
	b := append(m.frame[:0], 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, experimental, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	binary.BigEndian.PutUint16(b[2:], uint16(min(f.Length, 0xffff)))
	binary.BigEndian.PutUint16(b[10:], checksum(b))
	m.frame, f.Data, f.Link, f.Comment = b, b, packet.LinkRaw, ""
}

// ip writes an IP header without options.
func (m *Mask) ip(b []byte, p *packet.Packet, r *trace.Row, header int) []byte {
	src, dst := r.Src.Addr(), r.Dst.Addr()
	length := uint32(header) + p.PayloadLen
	if src.Is4() {
		b = append(b, 0x45, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(min(length+20, 0xffff)))
		b = binary.BigEndian.AppendUint16(b, p.IPID)
		b = append(b, 0x40, 0, 64, 6, 0, 0)
		b = append(append(b, src.AsSlice()...), dst.AsSlice()...)
		binary.BigEndian.PutUint16(b[10:], checksum(b))
		return b
	}
	b = append(b, 0x60, 0, 0, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(min(length, 0xffff)))
	b = append(b, 6, 64)
	return append(append(b, src.AsSlice()...), dst.AsSlice()...)
}

// checksum is that of an IPv4 header whose own is zero (RFC 1071).
func checksum(b []byte) uint16 {
	sum := uint32(0)
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// tcp writes a TCP header with the options, as far as they were captured. Its checksum is zero: the payload is gone.
func (m *Mask) tcp(b []byte, p *packet.Packet, r *trace.Row, header int) []byte {
	b = binary.BigEndian.AppendUint16(b, r.Src.Port())
	b = binary.BigEndian.AppendUint16(b, r.Dst.Port())
	b = binary.BigEndian.AppendUint32(b, p.Seq)
	b = binary.BigEndian.AppendUint32(b, p.Ack)
	b = binary.BigEndian.AppendUint16(b, uint16(header/4)<<12|p.Flags)
	b = binary.BigEndian.AppendUint16(b, p.Window)
	b = append(b, 0, 0, 0, 0)
	start := len(b)
	b = append(b, p.Options()[:min(len(p.Options()), header-20)]...)
	m.tcpOptions(b[start:], r.Options)
	return b
}

// kept are the TCP options that tell nothing of who spoke: end, no operation, MSS, window scale, SACK, timestamps.
func kept(kind byte) bool { return kind <= 5 || kind == 8 }

// tcpOptions puts the masked MPTCP options in the place of the captured ones, and blanks what is not known to be harmless.
func (m *Mask) tcpOptions(area []byte, masked []mptcp.Option) {
	for i := 0; i < len(area); {
		kind := area[i]
		if kind == 0 {
			clear(area[i:])
			return
		}
		if kind == 1 {
			i++
			continue
		}
		if i+1 >= len(area) || area[i+1] < 2 {
			clear(area[min(i+1, len(area)):])
			return
		}
		end := min(i+int(area[i+1]), len(area))
		switch {
		case kind == mptcp.Kind && len(masked) > 0 && len(masked[0]) == end-i:
			copy(area[i:end], masked[0])
			masked = masked[1:]
		case !kept(kind):
			clear(area[i+2 : end])
		}
		i = end
	}
}
