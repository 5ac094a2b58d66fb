package capture

// sectionMagic is the type of a Section Header Block, the same in both byte orders.
const sectionMagic = "\x0a\x0d\x0d\x0a"

// Block types of pcapng (draft-ietf-opsawg-pcapng).
const (
	blockInterface = 1
	blockOldPacket = 2
	blockSimple    = 3
	blockEnhanced  = 6
	blockJournal   = 9
	blockCustom    = 0xbad
	blockCustomTmp = 0x40000bad // a custom block that is not to be copied
	blockSection   = 0x0a0d0d0a
)

// record tells whether a block is one that Wireshark counts as a frame though it holds no packet: custom blocks,
// systemd's journal, sysdig's events.
func record(kind uint32) bool {
	switch kind {
	case blockJournal, blockCustom, blockCustomTmp, 0x204, 0x208, 0x216, 0x217, 0x221, 0x222:
		return true
	}
	return false
}

const (
	blockHead   = 8  // type, total length
	blockMin    = 12 // and the total length once more
	sectionHead = 12 // up to the byte-order magic number
	sectionMin  = 28
	packetHead  = 28 // Enhanced and (obsolete) Packet Block, up to the data
	packetMin   = 32 // one without data
	byteOrder   = 0x1a2b3c4d
)

// maxBlock bounds a block of interest, as Wireshark does. Blocks that are skipped may be of any size.
const maxBlock = 16 << 20

// pcapng decodes the blocks of a pcapng file.
type pcapng struct {
	order   order
	started bool    // in a section
	section int     // its number, from 0
	base    int     // index of the section's first interface
	clocks  []clock // of the section's interfaces
	total   uint32  // length of the block being skipped
	left    uint64  // bytes of it still to come, the padding included
	record  bool    // it counts as a frame
	usual   usualPackets
}

// sectionOrder reads the byte-order magic number of a Section Header Block.
func sectionOrder(b []byte) (order, bool) {
	for _, o := range []order{{big: false}, {big: true}} {
		if o.u32(b[8:]) == byteOrder {
			return o, true
		}
	}
	return order{}, false
}

// decode takes whole blocks off b.
func (d *pcapng) decode(p *parser, b []byte) (n, want int, err error) {
	for p.cut == nil && err == nil {
		if d.usual.ready {
			size, err := d.usual.take(p, d.order, b[n:])
			n += size
			if err != nil {
				return n, 0, err
			}
		}
		h := b[n:]
		if len(h) < blockMin && d.left == 0 {
			return n, blockMin, nil
		}
		var size int
		switch {
		case d.left > 0:
			size, want, err = d.pass(p, h, n)
		case d.order.u32(h) == blockEnhanced:
			size, want, err = d.enhanced(p, h, n)
		default:
			size, want, err = d.block(p, h, n)
		}
		n += size
		if want > 0 {
			return n, want, nil
		}
	}
	return n, 0, err
}

// block takes one block of any type but the commonest off h, which lies at b[at:]. want is 0 if it was whole.
func (d *pcapng) block(p *parser, h []byte, at int) (n, want int, err error) {
	kind := d.order.u32(h)
	if kind == blockSection {
		o, ok := sectionOrder(h)
		if !ok {
			p.stop(int64(at), false, "section header without a byte-order magic number")
			return 0, 0, nil
		}
		d.order = o
	}
	switch kind {
	case blockSection, blockInterface, blockOldPacket, blockSimple:
		body, want := d.whole(p, h, at)
		if body == nil {
			return 0, want, nil
		}
		return len(body) + blockMin, 0, d.read(p, kind, body, at)
	}
	d.total = d.order.u32(h[4:])
	if d.total < blockMin {
		p.stop(int64(at), false, "block length %d, less than %d", d.total, blockMin)
		return 0, 0, nil
	}
	d.left = roundUp(d.total) - blockHead
	d.record = record(kind)
	return blockHead, 0, nil
}

// read handles a whole block: body is what lies between its two lengths.
func (d *pcapng) read(p *parser, kind uint32, body []byte, at int) error {
	switch kind {
	case blockSection:
		return d.openSection(p, body, at)
	case blockInterface:
		d.addInterface(p, body, at)
	case blockOldPacket:
		return d.oldPacket(p, body, at)
	case blockSimple:
		return d.simple(p, body, at)
	}
	return nil
}

// roundUp is the room that a block of that length takes. It must be a multiple of four; some writers leave the padding
// out of it.
func roundUp(total uint32) uint64 { return (uint64(total) + 3) &^ 3 }

// whole returns the body of the block at the start of h, or nil and the bytes needed to see all of it; nil and 0 if
// the block is damaged.
func (d *pcapng) whole(p *parser, h []byte, at int) (body []byte, want int) {
	total := roundUp(d.order.u32(h[4:]))
	if total < blockMin || total > maxBlock {
		p.stop(int64(at), false, "block length %d, not in %d…%d", total, blockMin, maxBlock)
		return nil, 0
	}
	if uint64(len(h)) < total {
		return nil, int(total)
	}
	if again := roundUp(d.order.u32(h[total-4:])); again != total {
		p.stop(int64(at), false, "block lengths differ: %d before, %d behind", total, again)
		return nil, 0
	}
	return h[blockHead : total-4], 0
}

// pass skips what it can of a block that is of no interest, up to the length at its end.
func (d *pcapng) pass(p *parser, h []byte, at int) (n, want int, err error) {
	n = int(min(d.left-4, uint64(len(h))))
	d.left -= uint64(n)
	if d.left > 4 || len(h)-n < 4 {
		return n, 4, nil
	}
	d.left = 0
	if again := d.order.u32(h[n:]); roundUp(again) != roundUp(d.total) {
		back := int64(roundUp(d.total)) - 4
		p.stop(int64(at+n)-back, false, "block lengths differ: %d before, %d behind", d.total, again)
		return n, 0, nil
	}
	if d.record {
		p.frame = Frame{
			Number: p.frame.Number,
			Link:   NoLink,
			Length: d.total - blockMin,
			NoTime: true,
		}
		err = p.deliver()
	}
	return n + 4, 0, err
}

func (d *pcapng) pending(left int) (string, int64) {
	if d.left > 0 {
		return "the file ends within a block", int64(roundUp(d.total) - d.left)
	}
	if left > 0 {
		return "the file ends within a block", 0
	}
	return "", 0
}

// openSection starts a section: interfaces are numbered from 0 again. The section's length is not looked at; many
// writers get it wrong.
func (d *pcapng) openSection(p *parser, body []byte, at int) error {
	if len(body) < sectionMin-blockMin {
		p.stop(int64(at), false, "section header of %d bytes", len(body)+blockMin)
		return nil
	}
	major, minor := d.order.u16(body[4:]), d.order.u16(body[6:])
	if major != 1 || minor != 0 && minor != 2 {
		if !d.started {
			return p.refuse(Unsupported, "pcapng of version "+version(major, minor), nil)
		}
		p.stop(int64(at), false, "section of version %s", version(major, minor))
		return nil
	}
	if d.started {
		d.section++
	}
	d.started = true
	d.base += len(d.clocks)
	d.clocks = d.clocks[:0]
	return nil
}

// addInterface reads an Interface Description Block.
func (d *pcapng) addInterface(p *parser, body []byte, at int) {
	if len(body) < 8 {
		p.stop(int64(at), false, "interface description of %d bytes", len(body)+blockMin)
		return
	}
	i := Interface{Link: uint32(d.order.u16(body)), SnapLen: d.order.u32(body[4:]), Section: d.section}
	c := clock{resolution: defaultResolution}
	c.fit()
	whole := d.options(body[8:], func(code uint16, value []byte) {
		switch code {
		case optComment:
			i.Comment = joinLines(i.Comment, value)
		case optIfName:
			i.Name = string(value)
		case optIfDescription:
			i.Description = string(value)
		case optIfHardware:
			i.Hardware = string(value)
		case optIfResolution, optIfOffset:
			c.option(d.order, code, value)
		}
	})
	if !whole {
		// The resolution of the time stamps may be among what cannot be read.
		p.stop(int64(at), false, "an option of an interface description is longer than the block")
		return
	}
	p.interfaces = append(p.interfaces, i)
	d.clocks = append(d.clocks, c)
}

// oldPacket reads a Packet Block, obsolete since 2004. Its interface has 16 bits, followed by a count of drops.
func (d *pcapng) oldPacket(p *parser, body []byte, at int) error {
	if len(body) < packetMin-blockMin {
		p.stop(int64(at), false, "packet block of %d bytes", len(body)+blockMin)
		return nil
	}
	return d.packet(p, body, uint32(d.order.u16(body)), at)
}

// packet delivers the packet of an Enhanced or obsolete Packet Block; body is at least the fixed part.
func (d *pcapng) packet(p *parser, body []byte, iface uint32, at int) error {
	if !d.known(p, iface, at) {
		return nil
	}
	f := &p.frame
	link := p.interfaces[d.base+int(iface)].Link
	captured := d.order.u32(body[12:])
	if captured > maxCaptured(link) || int(captured) > len(body)-20 {
		p.stop(int64(at), false, "a block of %d bytes claims %d captured bytes", len(body)+blockMin, captured)
		return nil
	}
	end := 20 + int(captured)
	f.Interface, f.Link = uint32(d.base)+iface, link
	f.Time = d.clocks[iface].ns(uint64(d.order.u32(body[4:]))<<32 | uint64(d.order.u32(body[8:])))
	f.NoTime = false
	f.Length = d.order.u32(body[16:])
	f.Data = body[20:end:end]
	f.Comment = ""
	if padded := (end + 3) &^ 3; padded+4 <= len(body) {
		f.Comment = d.comment(body[padded:])
	}
	d.usual.learn(f, iface, &d.clocks[iface])
	return p.deliver()
}

// simple delivers the packet of a Simple Packet Block: of interface 0, without a time, cut to that interface's snaplen.
func (d *pcapng) simple(p *parser, body []byte, at int) error {
	if len(body) < 4 {
		p.stop(int64(at), false, "simple packet block of %d bytes", len(body)+blockMin)
		return nil
	}
	if !d.known(p, 0, at) {
		return nil
	}
	i := p.interfaces[d.base]
	length := d.order.u32(body)
	captured := length
	if i.SnapLen > 0 {
		captured = min(captured, i.SnapLen)
	}
	if captured > maxCaptured(i.Link) || int(captured) > len(body)-4 {
		p.stop(int64(at), false, "a block of %d bytes claims %d captured bytes", len(body)+blockMin, captured)
		return nil
	}
	end := 4 + int(captured)
	p.frame = Frame{
		Number:    p.frame.Number,
		Interface: uint32(d.base),
		Link:      i.Link,
		Data:      body[4:end:end],
		Length:    length,
		NoTime:    true,
	}
	return p.deliver()
}

// known tells whether the section has described that interface, and stops reading if not.
func (d *pcapng) known(p *parser, iface uint32, at int) bool {
	if int64(iface) < int64(len(d.clocks)) {
		return true
	}
	p.stop(int64(at), false, "a packet names interface %d, the section has described %d", iface, len(d.clocks))
	return false
}
