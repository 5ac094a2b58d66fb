package sheet

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"math/bits"
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// way is one direction of a stream.
type way struct {
	stream uint64
	src    netip.AddrPort
}

// writer makes frames of rows.
type writer struct {
	out        bytes.Buffer
	interfaces map[string]uint32
	base       map[way]uint32 // raw number of the SYN
	scale      map[way]uint   // shift of the window
	syns       map[way]bool   // the SYN is in the table
	next       map[way]uint32 // relative number that is expected next
	keys       keyring
}

// write makes a pcapng file.
func write(rows []*row) *Capture {
	w := &writer{interfaces: map[string]uint32{}, base: bases(rows), scale: map[way]uint{}, syns: map[way]bool{}, next: map[way]uint32{}}
	w.keys = keyring{own: map[way]uint64{}, conns: map[int64][]uint64{}, versions: map[int64]mptcp.Version{}}
	w.scales(rows)
	c := &Capture{Reader: &w.out}
	w.block(0x0a0d0d0a, []byte{0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	for i, p := range rows {
		if i == 0 {
			c.Start = p.time - p.before
		}
		w.packet(p)
	}
	return c
}

// bases gives each direction of each stream a number of its own, that of its SYN. It depends on addresses and ports only,
// and on how often they were used before, so that two captures of one transfer agree.
func bases(rows []*row) map[way]uint32 {
	base, times := map[way]uint32{}, map[string]uint32{}
	for _, p := range rows {
		for _, d := range [2]way{{p.stream, p.src}, {p.stream, p.dst}} {
			if _, known := base[d]; known {
				continue
			}
			other := p.dst
			if d.src == p.dst {
				other = p.src
			}
			tuple := d.src.String() + other.String()
			h := fnv.New32a()
			h.Write([]byte(tuple))
			base[d] = h.Sum32() + times[tuple]<<24
			times[tuple]++
		}
	}
	return base
}

// scales finds by how much the windows of each direction are shifted: as far as all of them allow, and at most 14 (RFC
// 7323 section 2.3).
func (w *writer) scales(rows []*row) {
	for _, p := range rows {
		d := way{p.stream, p.src}
		if p.syn() {
			w.syns[d] = true
			continue
		}
		shift := uint(14)
		if p.window > 0 {
			shift = min(shift, uint(bits.TrailingZeros64(p.window)))
		}
		if have, known := w.scale[d]; !known || shift < have {
			w.scale[d] = shift
		}
	}
}

// block writes a pcapng block, filled up to 4 bytes.
func (w *writer) block(kind uint32, body []byte) {
	total := uint32(12 + (len(body)+3)/4*4)
	head := binary.LittleEndian.AppendUint32(nil, kind)
	w.out.Write(binary.LittleEndian.AppendUint32(head, total))
	w.out.Write(body)
	w.out.Write(make([]byte, int(total)-12-len(body)))
	w.out.Write(binary.LittleEndian.AppendUint32(nil, total))
}

// interfaceOf is the number of an interface; a new one is described first, with times in ns.
func (w *writer) interfaceOf(name string) uint32 {
	name = name[:min(len(name), 255)]
	n, known := w.interfaces[name]
	if known {
		return n
	}
	body := []byte{packet.LinkRaw, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0} // if_tsresol 9
	if name != "" {
		body = append(body, 2, 0, byte(len(name)), 0) // if_name
		body = append(body, name...)
		body = append(body, make([]byte, (4-len(name)%4)%4)...)
	}
	w.block(1, append(body, 0, 0, 0, 0))
	n = uint32(len(w.interfaces))
	w.interfaces[name] = n
	return n
}

// packet writes a frame: IP and TCP headers, no payload.
func (w *writer) packet(p *row) {
	in := w.interfaceOf(p.name)
	tcp, captured := w.tcp(p)
	frame := ip(p, len(tcp), int(p.length))
	length := len(frame) + len(tcp) + int(p.length)
	frame = append(frame, tcp[:captured]...)
	body := binary.LittleEndian.AppendUint32(nil, in)
	body = binary.LittleEndian.AppendUint32(body, uint32(uint64(p.time)>>32))
	body = binary.LittleEndian.AppendUint32(body, uint32(p.time))
	body = binary.LittleEndian.AppendUint32(body, uint32(len(frame)))
	body = binary.LittleEndian.AppendUint32(body, uint32(length))
	w.block(6, append(body, frame...))
}

// ip is the IP header. A length that does not fit is left open, as segmentation offload does.
func ip(p *row, header, payload int) []byte {
	if p.src.Addr().Is4() {
		total := 20 + header + payload
		if total > 0xffff {
			total = 0
		}
		h := []byte{0x45, 0, byte(total >> 8), byte(total), 0, 0, 0x40, 0, 64, 6, 0, 0}
		src, dst := p.src.Addr().As4(), p.dst.Addr().As4()
		return append(append(h, src[:]...), dst[:]...)
	}
	total := header + payload
	if total > 0xffff {
		total = 0
	}
	h := []byte{0x60, 0, 0, 0, byte(total >> 8), byte(total), 6, 64}
	src, dst := p.src.Addr().As16(), p.dst.Addr().As16()
	return append(append(h, src[:]...), dst[:]...)
}

// tcp is the TCP header with its options, and how much of it is known: the rest is as if the capture had cut it.
func (w *writer) tcp(p *row) (header []byte, captured int) {
	own, other := way{p.stream, p.src}, way{p.stream, p.dst}
	options, known := w.options(p)
	for len(options)%4 != 0 {
		options = append(options, 0)
	}
	if known == 0 || known > len(options) {
		known = len(options)
	}
	ack := uint32(0)
	if p.flags&stream.ACK != 0 {
		if ack = p.ack; !p.hasAck {
			ack = w.next[other]
		}
		ack += w.base[other]
	}
	window := p.window
	if !p.syn() && w.syns[own] && w.syns[other] {
		window >>= w.scale[own]
	}
	window = min(window, 0xffff)
	offset := byte((20 + len(options)) / 4)
	header = binary.BigEndian.AppendUint16(nil, p.src.Port())
	header = binary.BigEndian.AppendUint16(header, p.dst.Port())
	header = binary.BigEndian.AppendUint32(header, p.seq+w.base[own])
	header = binary.BigEndian.AppendUint32(header, ack)
	header = append(header, offset<<4|byte(p.flags>>8)&15, byte(p.flags), byte(window>>8), byte(window), 0, 0, 0, 0)
	end := p.seq + p.length
	if p.flags&(stream.SYN|stream.FIN) != 0 {
		end++
	}
	if int32(end-w.next[own]) > 0 {
		w.next[own] = end
	}
	return append(header, options...), 20 + known
}
