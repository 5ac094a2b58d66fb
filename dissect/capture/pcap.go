package capture

import (
	"fmt"
	"math"
)

// The magic numbers of pcap files, as read in the writer's byte order.
const (
	magicMicro     = 0xa1b2c3d4
	magicNano      = 0xa1b23c4d
	magicKuznetsov = 0xa1b2cd34 // longer record headers; ss991029 patch of libpcap
	magicIxiaHW    = 0x1c0001ac // Ixia lcap: one more number in the file header
	magicIxiaSW    = 0x1c0001ab
)

const (
	pcapHeaderLen      = 24
	pcapRecordLen      = 16
	kuznetsovRecordLen = 24 // + interface index, protocol, packet type
)

// The network field holds the link type, ten bits that must be zero, and on top the length of the frame check sequence,
// which is of no concern: lengths come from the network layer.
const (
	linkMask     = 0x0000ffff
	linkReserved = 0x03ff0000
)

// pcap decodes the records of a pcap file.
type pcap struct {
	order   order
	header  int // length of a record's header
	unit    int64
	max     uint32 // most captured bytes of a sane record
	swapped bool   // captured and original length change places: written before version 2.3
	maySwap bool   // version 2.3 did both
}

// pcapKind is what a magic number tells.
type pcapKind struct {
	order  order
	name   string
	header int // length of the file header
	record int
	unit   int64 // ns
}

// pcapMagic looks up the first four bytes.
func pcapMagic(b []byte) (pcapKind, bool) {
	for _, o := range []order{{big: false}, {big: true}} {
		k := pcapKind{order: o, name: "pcap", header: pcapHeaderLen, record: pcapRecordLen, unit: 1000}
		switch o.u32(b) {
		case magicMicro:
		case magicNano:
			k.name, k.unit = "pcap (nanoseconds)", 1
		case magicKuznetsov:
			k.name, k.record = "pcap (modified)", kuznetsovRecordLen
		case magicIxiaHW, magicIxiaSW:
			k.name, k.header = "pcap (Ixia)", pcapHeaderLen+4
		default:
			continue
		}
		return k, true
	}
	return pcapKind{}, false
}

// open reads the file header, which is whole.
func (k pcapKind) open(p *parser, b []byte) error {
	major, minor := k.order.u16(b[4:]), k.order.u16(b[6:])
	if major < 2 {
		return p.refuse(Unsupported, "pcap of version "+version(major, minor), b[:pcapHeaderLen])
	}
	network := k.order.u32(b[20:])
	if network&linkReserved != 0 {
		return p.refuse(Unsupported, fmt.Sprintf("pcap of network type %#08x", network), b[:pcapHeaderLen])
	}
	k, link := k.ofAIX(major, minor, network&linkMask)
	p.format = k.name
	p.interfaces = append(p.interfaces, Interface{Link: link, SnapLen: k.order.u32(b[16:])})
	p.frame.Link = link
	d := pcap{
		order:   k.order,
		header:  k.record,
		unit:    k.unit,
		max:     maxCaptured(link),
		swapped: major == 543 || major == 2 && minor < 3, // 543: DG/UX
		maySwap: major == 2 && minor == 3,
	}
	if others := k.variants(); len(others) > 0 && !p.live && !d.swapped && !d.maySwap {
		p.dec = &guess{pcap: d, own: variant{name: k.name, record: k.record}, others: others}
	} else {
		p.dec = &d
	}
	return nil
}

// decode takes whole records off b. What the loop needs besides stays where it is: a call for each record would have it put
// aside and fetched again.
func (d *pcap) decode(p *parser, b []byte) (n, want int, err error) {
	f, size := &p.frame, len(b)
	for len(b) >= d.header {
		seconds, fraction, captured, length := d.order.four(b[:pcapRecordLen])
		if d.swapped || d.maySwap && captured > length {
			captured, length = length, captured
		}
		if captured > d.max {
			p.stop(int64(size-len(b)), false, "the record claims %d captured bytes, more than %d", captured, d.max)
			return size - len(b), 0, nil
		}
		to := d.header + int(captured)
		if len(b) < to {
			return size - len(b), to, nil
		}
		f.Time, f.Length, f.Data = int64(seconds)*1e9+int64(fraction)*d.unit, length, b[d.header:to:to]
		b = b[to:]
		if f.Number == math.MaxUint32 {
			return size - len(b), 0, p.tooMany()
		}
		f.Number++ // as deliver does
		if err := p.emit(f); err != nil {
			return size - len(b), 0, err
		}
	}
	return size - len(b), d.header, nil
}

func (d *pcap) pending(left int) (string, int64) {
	switch {
	case left == 0:
		return "", 0
	case left < d.header:
		return "the file ends within a record header", 0
	}
	return "the file ends within a packet", 0
}
