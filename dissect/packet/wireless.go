package packet

// radiotap skips the header that wireless drivers put before a frame (radiotap.org): version 0, its length in little
// endian, and fields by a bitmap, of which the flags tell whether the frame's own header is padded.
func (p *Packet) radiotap(l layer) {
	if !p.need(l, 8) {
		return
	}
	n := int(l.b[2]) | int(l.b[3])<<8
	if n < 8 || !p.need(l, n) {
		return
	}
	padded := radiotapFlags(l.b[:n])&0x20 != 0
	p.wlan(l.skip(n), padded)
}

// radiotapFlags is the field of that name, 0 if it is not there. Only the time stamp stands before it.
func radiotapFlags(b []byte) byte {
	at := 8
	for words := b[4:]; len(words) >= 8 && words[3]&0x80 != 0; words = words[4:] { // the bitmap goes on
		at += 4
	}
	if b[4]&0x01 != 0 { // time stamp, aligned
		at = (at+7)&^7 + 8
	}
	if b[4]&0x02 == 0 || at >= len(b) {
		return 0
	}
	return b[at]
}

// Bits of an IEEE 802.11 frame control field (IEEE 802.11-2020 section 9.2.4.1), first byte, then second.
const (
	wlanType  = 0x0c
	wlanData  = 0x08
	wlanNull  = 0x40 // a data subtype without data
	wlanQoS   = 0x80
	wlanBoth  = 0x03 // to and from the distribution system: four addresses
	wlanCrypt = 0x40
	wlanOrder = 0x80 // in QoS frames: HT control is there
)

// wlan decodes an IEEE 802.11 data frame, as a monitor sees it: LLC with SNAP behind 24 to 36 bytes of header. What is
// encrypted is not IP. Of an aggregate (A-MSDU) only the first frame is looked at, of a fragmented one the first fragment.
func (p *Packet) wlan(l layer, padded bool) {
	if !p.need(l, 24) {
		return
	}
	kind, flags, later := l.b[0], l.b[1], l.b[22]&0x0f != 0
	if kind&wlanType != wlanData || kind&wlanNull != 0 || flags&wlanCrypt != 0 || later {
		p.Kind = NotIP
		return
	}
	size := 24
	if flags&wlanBoth == wlanBoth {
		size += 6
	}
	control, aggregate := size, false
	if kind&wlanQoS != 0 {
		if !p.need(l, size+2) {
			return
		}
		size, aggregate = size+2, l.b[control]&0x80 != 0
		if flags&wlanOrder != 0 {
			size += 4
		}
	}
	if padded {
		size = (size + 3) &^ 3
	}
	if aggregate {
		size += 14 // addresses and length of the first frame
	}
	if p.need(l, size) {
		p.llc(l.skip(size))
	}
}
