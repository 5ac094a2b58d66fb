package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"net/netip"
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
	file   []byte
	frames []uint32 // the number of each frame in the original
	rows   []uint32 // of each TCP frame, the frame with its beginning there

	interfaces []capture.Interface
	fragments  bool // there are any
}

// fragmentKey tells datagrams apart.
type fragmentKey struct {
	src, dst string
	id       uint32
	protocol uint8
	vlan     uint16 // if an address is one of IPv4 that others may have as well
}

// fragmented is a frame with an IP fragment.
type fragmented struct {
	key    fragmentKey
	head   []byte // up to the fragment's data, made to be that of the whole datagram but for its length
	ip     int    // where in head the IP header begins
	sizes  []int  // and where the lengths are that the headers before it have
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
	m := &mended{}
	open := map[fragmentKey]*datagram{}
	var p packet.Packet
	var err error
	m.file, m.interfaces, err = rewrite(file, func(f *capture.Frame) {
		begin := f.Number
		m.frames = append(m.frames, f.Number)
		if part, ok := readFragment(f); ok {
			m.fragments = true
			f.Data, begin = join(open, part, f.Number) // nothing, but for the time of a frame that completes none
			f.Length = uint32(len(f.Data))
		}
		if packet.Decode(&p, f.Link, f.Data, f.Length); p.Kind == packet.TCP {
			m.rows = append(m.rows, begin)
		}
	})
	return m, err
}

// rewrite is a capture with its frames changed, in one section and without what is no packet.
func rewrite(file []byte, change func(f *capture.Frame)) ([]byte, []capture.Interface, error) {
	var out bytes.Buffer
	var w *pcapgo.NgWriter
	var r *capture.Reader
	known := 0
	r = capture.NewReader(func(f *capture.Frame) (err error) {
		for ; known < len(r.Interfaces()) && err == nil; known++ {
			w, err = addInterface(w, &out, &r.Interfaces()[known])
		}
		if err != nil || f.Link == capture.NoLink {
			return err
		}
		changed := *f
		change(&changed)
		return w.WritePacket(gopacket.CaptureInfo{Timestamp: time.Unix(0, changed.Time), CaptureLength: len(changed.Data),
			Length: int(max(changed.Length, uint32(len(changed.Data)))), InterfaceIndex: int(changed.Interface)}, changed.Data)
	})
	if err := r.ReadAll(context.Background(), bytes.NewReader(file)); err != nil {
		return nil, nil, err
	}
	err := w.Flush()
	return out.Bytes(), r.Interfaces(), err
}

// addInterface writes an interface of the capture, the first one with the file's header.
func addInterface(w *pcapgo.NgWriter, out *bytes.Buffer, i *capture.Interface) (_ *pcapgo.NgWriter, err error) {
	to := pcapgo.NgInterface{Name: i.Name, LinkType: layers.LinkType(i.Link), TimestampResolution: 9}
	if w == nil {
		w, err = pcapgo.NewNgWriterInterface(out, to, pcapgo.NgWriterOptions{})
	} else {
		_, err = w.AddInterface(to)
	}
	if err == nil {
		err = w.Flush()
	}
	// The library's link types have eight bits. The block is the last one, and ends with its length.
	b := out.Bytes()
	block := b[len(b)-int(binary.LittleEndian.Uint32(b[len(b)-4:])):]
	binary.LittleEndian.PutUint16(block[8:], uint16(i.Link))
	return w, err
}

// readFragment reads the outermost fragment of a frame that is one, if it was captured whole. It has no data if it is not to be shown
// alone either.
func readFragment(f *capture.Frame) (part fragmented, ok bool) {
	w := walkFrame(f.Link, f.Data)
	for i, b := range w.ips {
		part, ok = readFragment4(f.Data, b)
		if local(part.key.src) || local(part.key.dst) {
			part.key.vlan = w.vlans[i]
		}
		if b[0]>>4 == 6 {
			part, ok = readFragment6(f.Data, b)
		}
		if ok {
			break
		}
	}
	for _, at := range w.sizes {
		if at < part.ip && at+2 <= len(part.head) {
			part.sizes = append(part.sizes, at)
		}
	}
	return part, ok
}

// local tells whether an address is IPv4's for private networks (RFC 1918) or one link (RFC 3927).
func local(addr string) bool {
	a, ok := netip.AddrFromSlice([]byte(addr))
	return ok && a.Is4() && (a.IsPrivate() || a.IsLinkLocalUnicast())
}

func readFragment4(frame, b []byte) (part fragmented, ok bool) {
	n := int(b[0]&15) * 4
	field, total := word(b, 6), int(word(b, 2))
	if b[0]>>4 != 4 || field&0x3fff == 0 || total <= n || total > len(b) {
		return part, false
	}
	part.ip = len(frame) - len(b)
	part.offset, part.more = int(field&0x1fff)*8, field&0x2000 != 0
	part.key = fragmentKey{src: string(b[12:16]), dst: string(b[16:20]), id: uint32(word(b, 4)), protocol: b[9]}
	part.head = bytes.Clone(frame[:part.ip+n])
	part.head[part.ip+6], part.head[part.ip+7] = 0, 0
	part.data = bytes.Clone(b[n:total])
	return part, true
}

func readFragment6(frame, b []byte) (part fragmented, ok bool) {
	at, before := 40, 6 // of the fragment header, and of its number
	for next := b[before]; next == 0 || next == 43 || next == 60; next = b[before] {
		if before = at; len(b) < at+8 {
			return part, false
		}
		at += (int(b[at+1]) + 1) * 8
	}
	if b[before] != 44 || len(b) < at+8 || word(b, at+2)&0xfff9 == 0 {
		return part, false
	}
	part.ip = len(frame) - len(b)
	total := 40 + int(word(b, 4))
	if total <= at+8 || total > len(b) {
		return part, true
	}
	part.offset, part.more = int(word(b, at+2)&0xfff8), b[at+3]&1 != 0
	part.key = fragmentKey{src: string(b[8:24]), dst: string(b[24:40]), id: binary.BigEndian.Uint32(b[at+4:]), protocol: b[at]}
	part.head = bytes.Clone(frame[:part.ip+at])
	part.head[part.ip+before] = b[at]
	part.data = bytes.Clone(b[at+8 : total])
	return part, true
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
	for _, at := range part.sizes {
		n := binary.BigEndian.Uint16(part.head[at:])
		binary.BigEndian.PutUint16(part.head[at:], n+uint16(len(data)-len(part.data)))
	}
	if ip[0]>>4 == 4 {
		binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)+len(data)))
	} else {
		binary.BigEndian.PutUint16(ip[4:], uint16(len(ip)-40+len(data)))
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
