package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
)

// Wireshark puts IP fragments together, and shows what they held at the frame that completes it; what is not completed it does not
// show at all. One that the capture cut it shows alone, if it is IPv4's and the first. What it makes of a capture with fragments is what it makes of one in which the datagrams stand whole where they were
// completed.

// mended is such a capture.
type mended struct {
	file []byte
	rows []uint32 // of each TCP frame in it, the frame with its beginning in the original
}

// fragmentKey tells datagrams apart.
type fragmentKey struct {
	src, dst string
	id       uint32
	protocol uint8
}

// fragmented is a frame with an IP fragment.
type fragmented struct {
	key    fragmentKey
	head   []byte // up to the fragment's data, made to be that of the whole datagram but for its length
	ip     int    // where in head the IP header begins
	data   []byte
	offset int
	more   bool
}

// datagram is what came of one so far.
type datagram struct {
	parts []fragmented
	first uint32 // the frame with its beginning
}

// mend puts the fragments of a capture together.
func mend(file []byte) (*mended, error) {
	var out bytes.Buffer
	var w *pcapgo.NgWriter
	m := &mended{}
	open := map[fragmentKey]*datagram{}
	var p packet.Packet
	var r *capture.Reader
	known := 0
	r = capture.NewReader(func(f *capture.Frame) (err error) {
		for ; known <= int(f.Interface) && err == nil; known++ {
			w, err = addInterface(w, &out, &r.Interfaces()[known])
		}
		if err != nil || f.Link == capture.NoLink {
			return err
		}
		frame, begin := f.Data, f.Number
		if part, ok := readFragment(f); ok {
			frame, begin = join(open, part, f.Number) // nothing, but for the time of a frame that completes none
			f.Length = uint32(len(frame))
		}
		if packet.Decode(&p, f.Link, frame, f.Length); p.Kind == packet.TCP {
			m.rows = append(m.rows, begin)
		}
		return w.WritePacket(gopacket.CaptureInfo{Timestamp: time.Unix(0, f.Time), CaptureLength: len(frame), Length: int(max(f.Length, uint32(len(frame)))),
			InterfaceIndex: int(f.Interface)}, frame)
	})
	if err := r.ReadAll(context.Background(), bytes.NewReader(file)); err != nil {
		return nil, err
	}
	err := w.Flush()
	m.file = out.Bytes()
	return m, err
}

// addInterface writes an interface of the capture, the first one with the file's header.
func addInterface(w *pcapgo.NgWriter, out *bytes.Buffer, i *capture.Interface) (*pcapgo.NgWriter, error) {
	to := pcapgo.NgInterface{Name: i.Name, LinkType: layers.LinkType(i.Link), TimestampResolution: 9}
	if w == nil {
		return pcapgo.NewNgWriterInterface(out, to, pcapgo.NgWriterOptions{})
	}
	_, err := w.AddInterface(to)
	return w, err
}

// readFragment reads the fragment of a frame, if it is one that was captured whole. It has no data if it is not to be shown alone either.
func readFragment(f *capture.Frame) (part fragmented, ok bool) {
	var w walk
	w.link(f.Link, f.Data)
	if len(w.first) < 20 {
		return part, false
	}
	b := w.first
	part.ip = len(f.Data) - len(b)
	switch n := int(b[0]&15) * 4; {
	case b[0]>>4 == 4:
		field, total := word(b, 6), int(word(b, 2))
		if field&0x3fff == 0 || total <= n || total > len(b) {
			return part, false
		}
		part.offset, part.more = int(field&0x1fff)*8, field&0x2000 != 0
		part.key = fragmentKey{src: string(b[12:16]), dst: string(b[16:20]), id: uint32(word(b, 4)), protocol: b[9]}
		part.head = bytes.Clone(f.Data[:part.ip+n])
		part.head[part.ip+6], part.head[part.ip+7] = 0, 0
		part.data = bytes.Clone(b[n:total])
		return part, true
	case len(b) >= 48 && b[0]>>4 == 6 && b[6] == 44: // with a fragment header, and no other before it
		total := 40 + int(word(b, 4))
		if field := word(b, 42); field&0xfff9 == 0 {
			return part, false
		}
		if total <= 48 || total > len(b) {
			return part, true
		}
		part.offset, part.more = int(word(b, 42)&0xfff8), b[43]&1 != 0
		part.key = fragmentKey{src: string(b[8:24]), dst: string(b[24:40]), id: binary.BigEndian.Uint32(b[44:]), protocol: b[40]}
		part.head = bytes.Clone(f.Data[:part.ip+40])
		part.head[part.ip+6] = b[40]
		part.data = bytes.Clone(b[48:total])
		return part, true
	}
	return part, false
}

// join adds a fragment to its datagram. Once that is whole, it is the frame with all of it; begin is the one with its beginning.
func join(open map[fragmentKey]*datagram, part fragmented, number uint32) (frame []byte, begin uint32) {
	if len(part.data) == 0 {
		return nil, 0
	}
	d := open[part.key]
	if d == nil {
		d = &datagram{}
		open[part.key] = d
	}
	if part.offset == 0 && d.first == 0 {
		d.first = number
	}
	d.parts = append(d.parts, part)
	data, whole := d.whole()
	if !whole {
		return nil, 0
	}
	delete(open, part.key)
	ip := part.head[part.ip:]
	if ip[0]>>4 == 4 {
		binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)+len(data)))
	} else {
		binary.BigEndian.PutUint16(ip[4:], uint16(len(data)))
	}
	return append(part.head, data...), d.first
}

// whole is the data of a datagram, if all of it is there.
func (d *datagram) whole() (data []byte, ok bool) {
	for grown := true; grown; {
		grown = false
		for _, p := range d.parts {
			if p.offset > len(data) || p.offset+len(p.data) < len(data) || p.offset+len(p.data) == len(data) && p.more {
				continue
			}
			data = append(data, p.data[len(data)-p.offset:]...)
			if !p.more {
				return data, true
			}
			grown = true
		}
	}
	return nil, false
}
