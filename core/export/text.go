package export

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// text is delimited text that is put together. What is written at a place is written in whole words, whose ends are
// overwritten by what follows: the buffer is always longer than what it holds.
type text struct {
	buf        []byte
	n          int    // bytes that were put together, the first of buf
	delimiters uint64 // the delimiter in every byte
	tops       [1 << topBits]top
	clocks     [4]clock        // by column
	fours      [1 << 14]uint32 // the four digits of numbers below 10⁴, less the character '0'
}

// top is the text of a number without its last eight digits. Sequence numbers of a connection have them in common.
type top struct {
	number uint64
	size   int
	text   [16]byte
}

// topBits is the logarithm of how many tops are kept.
const topBits = 8

// stride is how many bytes of a kept text are copied at once.
const stride = 32

// cellRoom is how many bytes a number behind its delimiter may take, and what is written over its end.
const cellRoom = 1 << 6

func newText(delimiter byte, room int) *text {
	t := &text{delimiters: uint64(delimiter) * 0x0101010101010101}
	for i := range 10_000 {
		t.fours[i] = uint32(eight(uint32(i)) >> 32)
	}
	t.need(room)
	return t
}

// roomy makes a text one that may be copied in strides: there is room behind it.
func roomy(t []byte) []byte { return slices.Grow(t, stride) }

// need makes room for that many further bytes.
func (t *text) need(n int) {
	if len(t.buf)-t.n < n {
		t.buf = slices.Grow(t.buf[:t.n], n)
		t.buf = t.buf[:cap(t.buf)]
	}
}

// eight is what the function of that name is.
func (t *text) eight(v uint32) uint64 {
	high := v / 1e4
	const all = uint32(len(t.fours) - 1)
	return uint64(t.fours[high&all]) | uint64(t.fours[(v-high*1e4)&all])<<32
}

// set makes o the top of a number, of at most 12 digits.
func (o *top) set(v uint64) {
	var digits [room]byte
	o.number, o.size = v, copy(o.text[:], appendUint(digits[:0], v))
}

// delimit adds delimiters, of which there is room for eight more.
func (t *text) delimit(n int) {
	for k := 0; k < n; k += 8 {
		binary.LittleEndian.PutUint64(t.buf[t.n+k:], t.delimiters)
	}
	t.n += n
}

// bytes is all that was put together. What append makes of it may be given to set.
func (t *text) bytes() []byte { return t.buf[:t.n] }

func (t *text) set(b []byte) { t.buf, t.n = b[:cap(b)], len(b) }

// line adds the line of a record.
func (t *text) line(s *steps, r *Record) {
	t.need(s.room)
	for i := range s.list {
		next := &s.list[i]
		t.numbers(next.numbers, &r.Numbers.At)
		t.delimit(next.before)
		switch next.then {
		case nothing:
			continue
		case aTime:
			t.seconds(int64(r.Numbers.At[next.place&63]), &t.clocks[next.place%uint8(len(t.clocks))])
			continue
		case keptText:
			t.kept(next.part.kept(r))
		case askedText:
			t.set(next.part.append(t.bytes(), r))
		}
		t.need(s.room)
	}
	t.buf[t.n] = '\n'
	t.n++
}

// place is a column whose number a row has, in one word: the delimiters before it above the place in Record.Numbers.
type place uint16

const (
	beforeShift = 8
	mostBefore  = 7 // delimiters
	mostNumbers = 64
	numbersRoom = mostNumbers * cellRoom
)

// numbers adds numbers of a row, at most mostNumbers, behind their delimiters. There is room for them.
func (t *text) numbers(list []place, at *[64]uint64) {
	if len(list) == 0 {
		return
	}
	to, n := (*[numbersRoom + cellRoom]byte)(t.buf[t.n:]), uint(0)
	for _, next := range list {
		n %= numbersRoom // which it is below anyway: the compiler knows then, too
		binary.LittleEndian.PutUint64(to[n:n+8], t.delimiters)
		n += uint(next >> beforeShift & mostBefore)
		v := at[next&63]
		if v >= nineDigits {
			n += t.long((*[room]byte)(to[n:n+room]), v)
			continue
		}
		digits := t.eight(uint32(v))
		skip := uint(bits.TrailingZeros64(digits|1<<63)) &^ 7 // the last digit stays, whatever it is
		binary.LittleEndian.PutUint64(to[n:n+8], (digits|zeros)>>(skip&63))
		n += 8 - skip>>3
	}
	t.n += int(n)
}

// long writes a number of more than eight digits, and says how many it has.
//
//go:noinline
func (t *text) long(to *[room]byte, v uint64) uint {
	high := v / nineDigits
	o := &t.tops[high*0x9e3779b97f4a7c15>>(64-topBits)]
	if o.number != high {
		o.set(high)
	}
	*(*[16]byte)(to[:]) = o.text
	binary.LittleEndian.PutUint64(to[o.size&15:], t.eight(uint32(v-high*nineDigits))|zeros)
	return uint(o.size) + 8
}

// kept adds a text that was kept, behind which there is room.
func (t *text) kept(kept []byte) {
	t.need(len(kept) + cellRoom)
	to := t.buf[t.n:]
	t.n += len(kept)
	for n := len(kept); n > 0; n -= stride {
		*(*[stride]byte)(to) = *(*[stride]byte)(kept[:stride])
		if n > stride {
			to, kept = to[stride:], kept[stride:]
		}
	}
}

// seconds adds nanoseconds as seconds with nine decimals. There is room for them.
func (t *text) seconds(ns int64, c *clock) {
	second, rest := c.split(ns)
	to := t.buf[t.n:]
	*(*[stride]byte)(to) = *(*[stride]byte)(second[:stride])
	end := (*[9]byte)(to[len(second):])
	high := uint32(rest) / nineDigits
	end[0] = '0' + byte(high)
	binary.LittleEndian.PutUint64(end[1:], t.eight(uint32(rest)-high*nineDigits)|zeros)
	t.n += len(second) + len(end)
}
