package capture

import (
	"math"
	"math/bits"
)

// enhanced takes an Enhanced Packet Block off h.
func (d *pcapng) enhanced(p *parser, h []byte, at int) (n, want int, err error) {
	body, want := d.whole(p, h, at)
	if body == nil {
		return 0, want, nil
	}
	if len(body) < packetMin-blockMin {
		p.stop(int64(at), false, "packet block of %d bytes", len(body)+blockMin)
		return 0, 0, nil
	}
	n = len(body) + blockMin
	return n, 0, d.packet(p, body, d.order.u32(body), at)
}

// Nearly every block of a file is an Enhanced Packet Block of the same interface as the one before it, without options. What follows
// takes such blocks in one loop, as decode takes them one by one, and leaves every other block to that.

// usualPackets is what usual packets have in common with the one before them, which is in the parser's frame.
type usualPackets struct {
	ready    bool
	iface    uint32 // as the blocks name it
	multiply uint64 // ns in a unit of its clock
}

// learn says that a packet was made ready in f, of an interface with that clock: the next one may be like it.
func (u *usualPackets) learn(f *Frame, iface uint32, c *clock) {
	*u = usualPackets{ready: f.Comment == "" && c.multiply != 0, iface: iface, multiply: c.multiply}
}

// take takes usual blocks off the head of b and returns how many bytes they had. What comes behind them is not usual, or not whole.
func (u *usualPackets) take(p *parser, o order, b []byte) (n int, err error) {
	u.ready = false
	f, size := &p.frame, len(b)
	for len(b) >= packetMin {
		kind, total, iface, high := o.four(b[:16])
		low, captured, length, _ := o.four(b[16:packetMin])
		if kind != blockEnhanced || iface != u.iface || captured > maxFrame || uint64(total) > uint64(len(b)) {
			break
		}
		if padded := (captured + 3) &^ 3; total != packetMin+padded || o.u32(b[total-4:total]) != total {
			break
		}
		over, time := bits.Mul64(uint64(high)<<32|uint64(low), u.multiply)
		if over != 0 || time > math.MaxInt64 || f.Number == math.MaxUint32 {
			break
		}
		end := packetHead + captured
		f.Time, f.Length, f.Data = int64(time), length, b[packetHead:end:end]
		b = b[total:]
		f.Number++ // as deliver does
		if err := p.emit(f); err != nil {
			return size - len(b), err
		}
	}
	return size - len(b), nil
}
