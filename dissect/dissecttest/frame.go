package dissecttest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// writer writes frames to a pcapng file in memory.
type writer struct {
	buf bytes.Buffer
	ng  *pcapgo.NgWriter
	raw bool
}

func newWriter(raw bool) (*writer, error) {
	w := &writer{raw: raw}
	in := pcapgo.NgInterface{Name: "test0", LinkType: layers.LinkTypeEthernet, SnapLength: 0, TimestampResolution: 9}
	if raw {
		in.LinkType = layers.LinkTypeRaw
	}
	ng, err := pcapgo.NewNgWriterInterface(&w.buf, in, pcapgo.NgWriterOptions{})
	w.ng = ng
	return w, err
}

func (w *writer) close() ([]byte, error) {
	err := w.ng.Flush()
	return w.buf.Bytes(), err
}

func (w *writer) write(p *packet) error {
	frame := p.frame(w.raw)
	if p.fragment[0] > 0 {
		if frame = p.cutOut(frame, len(p.frame(true))); frame == nil {
			return fmt.Errorf("no such fragment")
		}
	}
	info := gopacket.CaptureInfo{Timestamp: time.Unix(0, p.time), Length: len(frame), CaptureLength: len(frame)}
	if p.cut > 0 && p.cut < len(frame) {
		frame = frame[:p.cut]
		info.CaptureLength = p.cut
	}
	return w.ng.WritePacket(info, frame)
}

// frame is the packet on the wire, with right checksums.
func (p *packet) frame(raw bool) []byte {
	src, dst := p.flow.end[p.from], p.flow.end[1-p.from]
	tcp := make([]byte, 20, 20+len(p.options)+len(p.payload))
	binary.BigEndian.PutUint16(tcp, src.Port())
	binary.BigEndian.PutUint16(tcp[2:], dst.Port())
	binary.BigEndian.PutUint32(tcp[4:], p.seq)
	binary.BigEndian.PutUint32(tcp[8:], p.ack)
	binary.BigEndian.PutUint16(tcp[12:], uint16(20+len(p.options))<<10|p.flags)
	binary.BigEndian.PutUint16(tcp[14:], p.window)
	tcp = append(append(tcp, p.options...), p.payload...)
	a, b := src.Addr().AsSlice(), dst.Addr().AsSlice()
	pseudo := append(append(bytes.Clone(a), b...), be32(uint32(len(tcp)))...)
	binary.BigEndian.PutUint16(tcp[16:], internetSum(append(append(pseudo, 0, 0, 0, 6), tcp...)))
	var frame []byte
	v4 := src.Addr().Is4()
	if !raw {
		frame = append(frame, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd)
		if v4 {
			frame[12], frame[13] = 0x08, 0x00
		}
	}
	if v4 {
		ip := append([]byte{0x45, 0}, be16(uint16(20+len(tcp)))...)
		ip = append(append(append(ip, 0, 0, 0x40, 0, 64, 6, 0, 0), a...), b...)
		binary.BigEndian.PutUint16(ip[10:], internetSum(ip))
		return append(append(frame, ip...), tcp...)
	}
	ip := append([]byte{0x60, 0, 0, 0}, be16(uint16(len(tcp)))...)
	ip = append(append(append(ip, 6, 64), a...), b...)
	return append(append(frame, ip...), tcp...)
}

// cutOut makes the IP fragment that is asked for of a frame that ends with an IP packet of n bytes, nil if there is no such fragment.
func (p *packet) cutOut(frame []byte, n int) []byte {
	at := len(frame) - n
	header := 20
	if frame[at]>>4 == 6 {
		header = 40
	}
	part := frame[at+header:]
	from := p.fragment[0] * (p.fragment[1] - 1)
	if from >= len(part) {
		return nil
	}
	to := min(from+p.fragment[0], len(part))
	more := uint16(0)
	if to < len(part) {
		more = 1
	}
	id := uint16(p.seq) ^ uint16(p.seq>>16) ^ uint16(p.fragment[0])<<8
	part = part[from:to]
	out := bytes.Clone(frame[:at+header])
	ip := out[at:]
	if header == 40 {
		ip[6] = 44 // fragment header
		binary.BigEndian.PutUint16(ip[4:], uint16(8+len(part)))
		out = append(append(out, 6, 0), be16(uint16(from)|more)...)
		return append(append(out, be32(uint32(id))...), part...)
	}
	binary.BigEndian.PutUint16(ip[2:], uint16(header+len(part)))
	binary.BigEndian.PutUint16(ip[4:], id)
	binary.BigEndian.PutUint16(ip[6:], uint16(from/8)|more<<13)
	ip[10], ip[11] = 0, 0
	binary.BigEndian.PutUint16(ip[10:], internetSum(ip))
	return append(out, part...)
}

// internetSum is the checksum of RFC 1071.
func internetSum(b []byte) uint16 {
	var sum uint32
	for i := 0; i < len(b); i += 2 {
		sum += uint32(b[i]) << 8
		if i+1 < len(b) {
			sum += uint32(b[i+1])
		}
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// addressDigest is the HMAC of an ADD_ADDR, whole (RFC 8684 section 3.4.1).
func addressDigest(sender, receiver mptcp.Key, m *mptcp.AddAddr) []byte {
	h := hmac.New(sha256.New, append(be64(uint64(sender)), be64(uint64(receiver))...))
	h.Write([]byte{m.ID})
	h.Write(m.Addr.AsSlice())
	h.Write(be16(m.Port))
	return h.Sum(nil)
}
